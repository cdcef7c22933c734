// A reliable subscriber of the outputs that reads no more than the stamp. Takes JSON as its argument: topic -> type.
// Says `{"event":"ready"}` once it subscribes and `{"event":"heard"}` when something has come on each topic; from then on it
// measures how long it was kept from reading. When stdin ends it tells that, and each topic's stamps and ages on arrival.
import { applySharedMemoryEnv } from '#dist/ros2/sharedMemoryEnv.js';

/** @type {Record<string, string>} */
const asked = JSON.parse(process.argv[2] ?? '');
const topics = Object.entries(asked).map(([topic, type]) => {
  /** @type {{ stamps: string[], ageMs: number[] }} */
  const seen = { stamps: [], ageMs: [] };
  return { topic, type, seen };
});
// What `ros2 topic echo`, rclcpp and rclpy take unless told otherwise.
/** @type {import('#dist/native/hbmem.js').QosPolicies} */
const qos = { depth: 10, reliability: 'reliable', durability: 'volatile', history: 'keep_last' };

applySharedMemoryEnv();
const { createNode, initRcl, shutdownRcl } = await import('#dist/ros2/rcl/rcl.js');
const { addon } = (await import('#dist/ros2/hbmem/loader.js')).loadHbmem();
await initRcl([]);
const node = createNode(`outputs_subscriber_${process.pid}`);
let silent = topics.length;
let longestGapMs = 0;

function watchGaps() {
  let lastMs = performance.now();
  setInterval(() => {
    const nowMs = performance.now();
    longestGapMs = Math.max(longestGapMs, nowMs - lastMs);
    lastMs = nowMs;
  }, 2);
}

for (const { topic, type, seen } of topics) {
  const { stamps, ageMs } = seen;
  node.createRawSubscription(type, topic, qos, (cdr) => {
    const stampNs = BigInt(cdr.readInt32LE(4)) * 1_000_000_000n + BigInt(cdr.readUInt32LE(8));
    if (stamps.length === 0 && --silent === 0) {
      console.log('{"event":"heard"}');
      watchGaps();
    }
    stamps.push(String(stampNs));
    ageMs.push(Number(addon.realtimeNs() - stampNs) / 1e6);
  });
}
node.spin();
console.log('{"event":"ready"}');
process.stdin
  .on('end', () => {
    node.destroy();
    shutdownRcl();
    const seen = Object.fromEntries(topics.map((each) => [each.topic, each.seen]));
    process.stdout.write(`${JSON.stringify({ event: 'seen', seen, longestGapMs })}\n`, () => process.exit(0));
  })
  .resume();
