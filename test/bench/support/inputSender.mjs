// A camera of one 1080p picture for test/bench/inputs.mjs: node inputSender.mjs <image|compressed> <jpeg file>. The message is
// serialised once and only its stamp is new each time, so that what is measured is the receiver's.
import { readFileSync } from 'node:fs';
import sharp from 'sharp';
import { applySharedMemoryEnv } from '#dist/ros2/sharedMemoryEnv.js';

const rateHz = 30;
const [kind, file] = process.argv.slice(2);
applySharedMemoryEnv();
const { createNode, initRcl, shutdownRcl } = await import('#dist/ros2/rcl/rcl.js');
const { addon } = (await import('#dist/ros2/hbmem/loader.js')).loadHbmem();

/** A field of CDR behind `offset`, aligned to four. @param {number} value */
function uint32(value) {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32LE(value);
  return bytes;
}

/** @param {Buffer[]} parts of a little-endian message, each aligned by hand */
const message = (...parts) => Buffer.concat([Buffer.from([0, 1, 0, 0]), ...parts]);
const stampAt = 4;
/** Stamp, and the frame_id "cam". */
const header = [Buffer.alloc(8), uint32(4), Buffer.from('cam\0')];
const jpeg = readFileSync(file);

async function serialised() {
  if (kind === 'compressed')
    return message(...header, uint32(5), Buffer.from('jpeg\0\0\0\0'), uint32(jpeg.length), jpeg);
  const { data, info } = await sharp(jpeg).removeAlpha().raw().toBuffer({ resolveWithObject: true });
  for (let at = 0; at < data.length; at += 3) [data[at], data[at + 2]] = [data[at + 2], data[at]];
  const size = [uint32(info.height), uint32(info.width)];
  // "bgr8", is_bigendian, and two bytes up to where step lies.
  const encoding = [uint32(5), Buffer.from('bgr8\0'), Buffer.alloc(3)];
  return message(...header, ...size, ...encoding, uint32(info.width * 3), uint32(data.length), data);
}

await initRcl([]);
const node = createNode('bench_camera');
const type = kind === 'image' ? 'sensor_msgs/msg/Image' : 'sensor_msgs/msg/CompressedImage';
const publisher = node.createPublisher(type, 'hbmem_img', {
  depth: 5,
  reliability: 'best_effort',
  durability: 'volatile',
  history: 'keep_last',
});
const cdr = await serialised();
const timer = setInterval(() => {
  const now = addon.realtimeNs();
  cdr.writeInt32LE(Number(now / 1_000_000_000n), stampAt);
  cdr.writeUInt32LE(Number(now % 1_000_000_000n), stampAt + 4);
  publisher.publishRaw(cdr);
}, 1000 / rateHz);
process.stdin
  .once('end', () => {
    clearInterval(timer);
    node.destroy();
    shutdownRcl();
  })
  .resume();
