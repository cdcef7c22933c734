import { open } from 'node:fs/promises';
import { McapWriter } from '@mcap/core';
import { CdrWriter } from '#dist/messages/cdrWriter.js';
import { messageDefinition } from '#dist/messages/definitions.js';
import { writeRgbImage } from '#dist/messages/image.js';

const [widthPx, heightPx] = [1920, 1080];
const otherBytes = 64 * 1024 * 1024;
const periodNs = 33_000_000n;
const blockBytes = 4 * 1024 * 1024;
const zeros = Buffer.alloc(blockBytes);
const isEmpty = (/** @type {Uint8Array} */ block) =>
  zeros.compare(block, 0, block.length, 0, block.length) === 0;

/**
 * Writes a recording of black pictures of 6 MB and, between them, of so many bytes of another topic; what is zero takes no place
 * on the disk.
 * @param {string} path
 * @param {number} frames
 * @param {number} othersPerFrame messages of 64 MiB
 */
export async function writeLargeBag(path, frames, othersPerFrame) {
  const file = await open(path, 'w');
  let position = 0n;
  const write = async (/** @type {Uint8Array} */ bytes) => {
    const at = Number(position);
    position += BigInt(bytes.length);
    for (let start = 0; start < bytes.length; start += blockBytes) {
      const block = bytes.subarray(start, start + blockBytes);
      if (!isEmpty(block)) await file.write(block, 0, block.length, at + start);
    }
  };
  const writer = new McapWriter({ writable: { position: () => position, write }, chunkSize: 1 });
  await writer.start({ profile: 'ros2', library: 'rdk-yolo-seg' });
  const channel = async (
    /** @type {string} */ topic,
    /** @type {string} */ name,
    /** @type {string} */ text,
  ) => {
    const schemaId = await writer.registerSchema({ name, encoding: 'ros2msg', data: Buffer.from(text) });
    return writer.registerChannel({ topic, schemaId, messageEncoding: 'cdr', metadata: new Map() });
  };
  const imageType = 'sensor_msgs/msg/Image';
  const camera = await channel('/camera/image', imageType, messageDefinition(imageType));
  const points = await channel('/points', 'std_msgs/msg/ByteMultiArray', 'byte[] data');
  const rgb = new Uint8Array(widthPx * heightPx * 3);
  const other = new Uint8Array(otherBytes);
  const cdr = new CdrWriter();
  for (let sequence = 0; sequence < frames; sequence++) {
    const time = periodNs * BigInt(sequence);
    const add = (/** @type {number} */ channelId, /** @type {Uint8Array} */ data) =>
      writer.addMessage({ channelId, sequence, logTime: time, publishTime: time, data });
    const header = { stampNs: time, frameId: 'camera', sequence, widthPx, heightPx };
    await add(camera, writeRgbImage(cdr, header, { widthPx, heightPx, rgb }));
    for (let count = 0; count < othersPerFrame; count++) await add(points, other);
  }
  await writer.end();
  await file.close();
  return Number(position);
}
