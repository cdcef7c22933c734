import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { CdrWriter } from '#dist/messages/cdrWriter.js';
import { writeCompressedImage } from '#dist/messages/image.js';
import { McapFile } from '#dist/outputs/mcapFile.js';
import { root } from '../setup/paths.mjs';

const folder = join(root, 'assets/evalset/images');
const pictures = readdirSync(folder).sort();
const startNs = 1_700_000_000_000_000_000n;
const periodNs = 33_000_000n;
/** More than a chunk of MCAP has by default. */
const otherBytes = 2_000_000;

/**
 * The topic of the pictures.
 * @internal
 */
export const topic = '/camera/image/compressed';

/**
 * Writes a recording of some pictures, and of another topic behind them.
 * @param {string} path
 * @param {{ frames: number, first?: number, others?: number }} what others: messages of 2 MB
 */
export async function writeBag(path, { frames, first = 0, others = 0 }) {
  const file = await McapFile.create(path);
  const camera = file.addTopic(topic, 'sensor_msgs/msg/CompressedImage');
  const schema = {
    name: 'std_msgs/msg/ByteMultiArray',
    encoding: 'ros2msg',
    data: Buffer.from('byte[] data'),
  };
  const other = others > 0 ? file.addTopic('/points', schema) : null;
  const writer = new CdrWriter();
  for (let frame = 0; frame < frames; frame++) {
    const stampNs = startNs + periodNs * BigInt(frame);
    const name = pictures[(first + frame) % pictures.length] ?? '';
    const header = { stampNs, frameId: 'camera', sequence: frame, widthPx: 0, heightPx: 0 };
    const jpeg = readFileSync(join(folder, name));
    camera.add(writeCompressedImage(writer, header, 'jpeg', jpeg).slice(), stampNs);
    await file.written();
  }
  for (let count = 0; count < others; count++) {
    other?.add(Buffer.alloc(otherBytes), startNs + periodNs * BigInt(frames + count));
    await file.written();
  }
  await file.close();
}
