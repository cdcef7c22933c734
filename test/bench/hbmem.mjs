// From a camera's stamp to JS: our subscription beside rclnodejs's isRaw, the fastest way it offers. Needs ROS 2.
// Called by `npm run bench`.
import { execFile, spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const root = fileURLToPath(new URL('../../', import.meta.url));
const camera = {
  type: 'hbm_img_msgs/msg/HbmMsg1080P',
  widthPx: 1920,
  heightPx: 1080,
  rateHz: 30,
  count: 100_000,
};
// The two take turns, so that a machine that slows down slows both.
const turns = 3;
const framesPerTurn = 90;

/**
 * @typedef {'ours' | 'isRaw'} Way to subscribe
 * @typedef {{ latenciesMs: number[], cpuMs: number, wallMs: number, loaned: number }} Turn what a subscriber measured
 */

/** A subscriber in a process of its own, so that the two do not wait for each other's callbacks. */
const subscriber = `
  import { applySharedMemoryEnv } from '#dist/ros2/sharedMemoryEnv.js';
  applySharedMemoryEnv();
  const [way, type, frames] = process.argv.slice(1);
  const { createNode, initRcl, shutdownRcl } = await import('#dist/ros2/rcl/rcl.js');
  const { HbmemSubscription, defaultHbmemQos } = await import('#dist/ros2/hbmem/subscription.js');
  const { addon } = (await import('#dist/ros2/hbmem/loader.js')).loadHbmem();
  await initRcl([]);
  const node = createNode('bench_subscriber');
  const latenciesMs = [];
  const warmUp = 10;
  let loaned = 0;
  let cpu;
  let done;
  const finished = new Promise((resolve) => { done = resolve; });
  let startMs = 0;
  function onFrame(stampNs) {
    const latencyMs = Number(addon.realtimeNs() - stampNs) / 1e6;
    latenciesMs.push(latencyMs);
    if (latenciesMs.length === warmUp) { cpu = process.cpuUsage(); startMs = performance.now(); }
    if (latenciesMs.length === warmUp + Number(frames)) done();
  }
  if (way === 'ours') {
    new HbmemSubscription(node, { topic: 'hbmem_img', type, qos: defaultHbmemQos, frameId: '' }, {
      onFrame: (lease) => { onFrame(lease.header.stampNs); if (lease.loaned) loaned++; lease.close(); },
      onRejected: (error) => { throw error; },
      onSuperseded: () => {},
      onRemark: (message) => { throw new Error(message); },
      onIncompatibleQos: () => {},
      onError: (error) => { throw error; },
      onForgotten: () => {},
    });
  } else {
    node.createRawSubscription(type, 'hbmem_img', defaultHbmemQos, (cdr) => {
      onFrame(BigInt(cdr.readInt32LE(8)) * 1_000_000_000n + BigInt(cdr.readUInt32LE(12)));
    });
  }
  node.spin();
  await Promise.race([finished, new Promise((resolve) => setTimeout(resolve, 15_000).unref())]);
  const { user, system } = process.cpuUsage(cpu);
  const wallMs = performance.now() - startMs;
  console.log(JSON.stringify({ latenciesMs: latenciesMs.slice(warmUp), cpuMs: (user + system) / 1e3, wallMs, loaned }));
  node.destroy();
  shutdownRcl();
`;

/**
 * @param {readonly number[]} sorted
 * @param {number} share from 0 to 1
 */
function percentile(sorted, share) {
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))];
}

/** @returns {Promise<Record<string, unknown>[]>} one row per way to subscribe */
export async function run() {
  const args = ['test/ros2/peers/camera.mjs', JSON.stringify({ ...camera, waitForSubscriptions: 0 })];
  const sender = spawn(process.execPath, args, { cwd: root, stdio: ['pipe', 'ignore', 'inherit'] });
  /** @type {Record<Way, Turn[]>} */
  const measured = { ours: [], isRaw: [] };
  try {
    for (let turn = 0; turn < turns; turn++) {
      for (const way of /** @type {const} */ (['ours', 'isRaw'])) {
        const child = ['--input-type=module', '-e', subscriber, way, camera.type, String(framesPerTurn)];
        const { stdout } = await promisify(execFile)(process.execPath, child, { cwd: root, timeout: 60_000 });
        measured[way].push(JSON.parse(stdout.trimEnd().split('\n').at(-1) ?? ''));
      }
    }
  } finally {
    sender.stdin.end();
  }
  /** @type {[name: string, parts: Turn[]][]} */
  const ways = [
    ['native loaned subscription, 1080p at 30 Hz', measured.ours],
    ['rclnodejs isRaw, 1080p at 30 Hz', measured.isRaw],
  ];
  return ways.map(([name, parts]) => {
    const latenciesMs = parts.flatMap((part) => part.latenciesMs).sort((a, b) => a - b);
    /** @param {'cpuMs' | 'loaned'} key */
    const sum = (key) => parts.reduce((total, part) => total + part[key], 0);
    return {
      name,
      frames: latenciesMs.length,
      stampToJsP50Ms: percentile(latenciesMs, 0.5),
      stampToJsP95Ms: percentile(latenciesMs, 0.95),
      // All threads of the process, with the waiting of rclnodejs's own executor.
      cpuMsPerFrame: sum('cpuMs') / latenciesMs.length,
      inSharedMemory: sum('loaned'),
    };
  });
}
