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

/** The topic of the pictures. */
export const topic = '/camera/image/compressed';

/**
 * Writes a recording of some pictures, and of as many bytes of another topic behind each.
 * @param {string} path
 * @param {{ frames: number, first?: number, otherBytes?: number }} what
 */
export async function writeBag(path, { frames, first = 0, otherBytes = 0 }) {
  const file = await McapFile.create(path);
  const camera = file.addTopic(topic, 'sensor_msgs/msg/CompressedImage');
  const schema = { name: 'std_msgs/msg/ByteMultiArray', encoding: 'ros2msg', data: Buffer.from('byte[] data') };
  const other = otherBytes > 0 ? file.addTopic('/points', schema) : null;
  const writer = new CdrWriter();
  for (let frame = 0; frame < frames; frame++) {
    const stampNs = startNs + periodNs * BigInt(frame);
    const name = pictures[(first + frame) % pictures.length] ?? '';
    const header = { stampNs, frameId: 'camera', sequence: frame, widthPx: 0, heightPx: 0 };
    const jpeg = readFileSync(join(folder, name));
    camera.add(writeCompressedImage(writer, header, 'jpeg', jpeg).slice(), stampNs);
    other?.add(Buffer.alloc(otherBytes), stampNs);
    await file.written();
  }
  await file.close();
}
