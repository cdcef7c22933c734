// What publishing costs the event loop: messages written in place and published raw beside the same as plain
// objects through rclnodejs's typed publish, to a subscriber in another process. Needs ROS 2. Called by
// `npm run bench`.
import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { CdrWriter } from '#dist/messages/cdrWriter.js';
import { writeJpegImage, writeRgbImage } from '#dist/messages/image.js';
import { applySharedMemoryEnv } from '#dist/ros2/sharedMemoryEnv.js';

const root = fileURLToPath(new URL('../../', import.meta.url));
const rounds = 60;
/** @type {import('#dist/native/hbmem.js').QosPolicies} */
const qos = { depth: 1, reliability: 'reliable', durability: 'volatile', history: 'keep_last' };

/** Takes everything as a viewer would; says when it listens and ends with its input. */
const viewer = `
  import { applySharedMemoryEnv } from '#dist/ros2/sharedMemoryEnv.js';
  applySharedMemoryEnv();
  const { createNode, initRcl, shutdownRcl } = await import('#dist/ros2/rcl/rcl.js');
  await initRcl([]);
  const node = createNode('bench_viewer');
  const qos = ${JSON.stringify(qos)};
  node.createRawSubscription('sensor_msgs/msg/Image', 'bench_image', qos, () => {});
  node.createRawSubscription('sensor_msgs/msg/CompressedImage', 'bench_jpeg', qos, () => {});
  node.spin();
  process.stdin.on('end', () => { node.destroy(); shutdownRcl(); process.exit(0); }).resume();
`;

function startViewer() {
  const command = ['--input-type=module', '-e', viewer];
  return spawn(process.execPath, command, { cwd: root, stdio: ['pipe', 'inherit', 'inherit'] });
}

/** @param {number} ms */
const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

/** @param {() => void} publish */
async function medianMs(publish) {
  const times = [];
  for (let round = -5; round < rounds; round++) {
    const startMs = performance.now();
    publish();
    if (round >= 0) times.push(performance.now() - startMs);
    // As fast as an overlay at most, so that the queue of the writer does not fill.
    await pause(20);
  }
  return times.sort((a, b) => a - b)[rounds >> 1];
}

/**
 * Medians in milliseconds of the calling thread; `ratio` is raw over typed.
 * @returns {Promise<{ name: string, medianMs: number, baselineMs?: number, ratio?: number }[]>}
 */
export async function run() {
  applySharedMemoryEnv();
  const { createNode, initRcl, shutdownRcl } = await import('#dist/ros2/rcl/rcl.js');
  await initRcl([]);
  const node = createNode('bench_publisher');
  const image = node.createPublisher('sensor_msgs/msg/Image', 'bench_image', qos);
  const jpeg = node.createPublisher('sensor_msgs/msg/CompressedImage', 'bench_jpeg', qos);
  node.spin();
  const subscriber = startViewer();
  const writer = new CdrWriter();
  const rows = [];
  try {
    while (image.subscriptionCount() === 0 || jpeg.subscriptionCount() === 0) await pause(50);
    for (const [widthPx, heightPx] of /** @type {const} */ ([
      [960, 540],
      [1920, 1080],
    ])) {
      const header = { stampNs: 1n, frameId: 'camera', sequence: 0, widthPx, heightPx };
      const rgb = new Uint8Array(widthPx * heightPx * 3).fill(7);
      const raw = await medianMs(() =>
        image.publishRaw(writeRgbImage(writer, header, { widthPx, heightPx, rgb })),
      );
      const file = new Uint8Array(Math.round(rgb.length / 20));
      const compressed = await medianMs(() => jpeg.publishRaw(writeJpegImage(writer, header, file)));
      const typed = await medianMs(() =>
        image.publish({
          header: { stamp: { sec: 0, nanosec: 1 }, frame_id: 'camera' },
          height: heightPx,
          width: widthPx,
          encoding: 'rgb8',
          is_bigendian: 0,
          step: widthPx * 3,
          data: rgb,
        }),
      );
      rows.push({
        name: `publish Image ${widthPx}x${heightPx}`,
        medianMs: raw,
        baselineMs: typed,
        ratio: raw / typed,
      });
      rows.push({ name: `publish CompressedImage ${file.length >> 10} KiB`, medianMs: compressed });
    }
  } finally {
    subscriber.stdin.end();
    await new Promise((resolve) => subscriber.once('exit', resolve));
    node.destroy();
    shutdownRcl();
  }
  return rows;
}
