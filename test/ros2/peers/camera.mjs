// A camera in a process of its own: publishes HbmMsg frames as the JSON in argv[2] says, one line of JSON per event.

import { applySharedMemoryEnv } from '#dist/ros2/sharedMemoryEnv.js';
import { fillPattern, HIDE_PROFILE } from './pattern.mjs';

const options = {
  type: 'hbm_img_msgs/msg/HbmMsg480P',
  topic: 'hbmem_img',
  widthPx: 640,
  heightPx: 480,
  count: 20,
  rateHz: 30,
  qos: {},
  // Overrides of single header fields, per frame in turn.
  broken: [{}],
  waitForSubscriptions: 1,
  // Sends one frame and waits for a line on standard input before the others.
  firstAlone: false,
  // Stays until its standard input ends.
  linger: false,
  ...JSON.parse(process.argv[2] ?? '{}'),
};
/**
 * @param {string} event
 * @param {object} details
 */
const say = (event, details = {}) => process.stdout.write(`${JSON.stringify({ event, ...details })}\n`);

if (process.env[HIDE_PROFILE] === undefined) applySharedMemoryEnv();
const { createNode, initRcl, shutdownRcl } = await import('#dist/ros2/rcl/rcl.js');
const { LoanedPublisher, cameraQos } = await import('#dist/ros2/hbmem/publisher.js');
await initRcl([]);
const node = createNode(`test_camera_${process.pid}`);
const publisher = new LoanedPublisher(node, {
  topic: options.topic,
  type: options.type,
  qos: { ...cameraQos, ...options.qos },
});
say('ready', { canLoan: publisher.canLoan, topic: publisher.topic, capacityBytes: publisher.capacityBytes });
process.stdin
  .once('end', () => {
    if (!done) process.exit(0);
  })
  .resume();
let done = false;
const told = new Promise((resolve) => process.stdin.once('data', resolve));
while (publisher.subscriptionCount() < options.waitForSubscriptions) {
  await new Promise((resolve) => setTimeout(resolve, 10));
}

const pixels = new Uint8Array((options.widthPx * options.heightPx * 3) / 2);
let startMs = performance.now();
let loaned = 0;
for (let index = 0; index < options.count; index++) {
  if (options.firstAlone && index === 1) {
    await told;
    startMs = performance.now();
  }
  const dueMs = startMs + (index * 1000) / options.rateHz;
  await new Promise((resolve) => setTimeout(resolve, Math.max(0, dueMs - performance.now())));
  const { encoding = 'nv12', ...fields } = options.broken[index % options.broken.length];
  fillPattern(pixels, index);
  const report = publisher.publish({
    index,
    widthPx: options.widthPx,
    heightPx: options.heightPx,
    stepBytes: options.widthPx,
    dataSizeBytes: pixels.length,
    pixels,
    ...fields,
    encoding: typeof encoding === 'string' ? encoding : Uint8Array.from(encoding),
  });
  if (report.loaned) loaned++;
}
say('sent', { loaned });
done = true;
if (options.linger && !process.stdin.readableEnded)
  await new Promise((resolve) => process.stdin.once('end', resolve));
publisher.close();
node.destroy();
shutdownRcl();
say('closed');
