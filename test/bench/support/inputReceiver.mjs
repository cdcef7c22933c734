// From a camera's stamp to a model input, for test/bench/inputs.mjs: node inputReceiver.mjs <ours|isRaw> <type> <frames>.
import { solveLetterbox } from '#dist/core/geometry.js';
import { closeFrame, letterboxRgbPlanar, wrapPicture } from '#dist/native/core.js';
import { applySharedMemoryEnv } from '#dist/ros2/sharedMemoryEnv.js';

const warmUp = 10;
const sidePx = 640;
const [way, type, frames] = process.argv.slice(2);
applySharedMemoryEnv();
const { createNode, initRcl, shutdownRcl } = await import('#dist/ros2/rcl/rcl.js');
const { HbmemSubscription, defaultHbmemQos } = await import('#dist/ros2/hbmem/subscription.js');
const { addon } = (await import('#dist/ros2/hbmem/loader.js')).loadHbmem();
await initRcl([]);
const node = createNode('bench_receiver');
const output = new ArrayBuffer(sidePx * sidePx * 3 * 4);
/** @type {{ toJsMs: number, toInputMs: number }[]} */
const times = [];
/** @type {NodeJS.CpuUsage | undefined} */
let cpu;
/** @type {(value?: unknown) => void} */
let done = () => {};
const finished = new Promise((resolve) => {
  done = resolve;
});
let isBusy = false;

/** @param {bigint} stampNs */
const since = (stampNs) => Number(addon.realtimeNs() - stampNs) / 1e6;

/**
 * @param {bigint} stampNs
 * @param {import('#dist/core/frame.js').NativeFrame} frame
 * @param {number} widthPx
 * @param {number} heightPx
 * @param {() => void} close
 */
async function prepare(stampNs, frame, widthPx, heightPx, close) {
  if (isBusy) return close();
  isBusy = true;
  const toJsMs = since(stampNs);
  const geometry = solveLetterbox(widthPx, heightPx, sidePx, sidePx);
  await letterboxRgbPlanar({ frame, geometry, filter: 'auto', yuvRange: 'full', preview: null, output });
  close();
  isBusy = false;
  times.push({ toJsMs, toInputMs: since(stampNs) });
  if (times.length === warmUp) cpu = process.cpuUsage();
  if (times.length === warmUp + Number(frames)) done();
}

if (way === 'ours') {
  const options = { topic: 'hbmem_img', type, qos: defaultHbmemQos, frameId: '' };
  new HbmemSubscription(node, options, {
    onFrame: (lease) => {
      const { stampNs, widthPx, heightPx } = lease.header;
      void prepare(stampNs, lease.native, widthPx, heightPx, () => lease.close());
    },
    onRejected: (error) => {
      throw error;
    },
    onSuperseded: () => {},
    onRemark: () => {},
    onIncompatibleQos: () => {},
    onError: (error) => {
      throw error;
    },
    onForgotten: () => {},
  });
} else {
  // Where the sender's fields lie: behind "cam", size and "bgr8", or behind "cam" and "jpeg".
  const isImage = type === 'sensor_msgs/msg/Image';
  node.createRawSubscription(type, 'hbmem_img', defaultHbmemQos, (cdr) => {
    const stampNs = BigInt(cdr.readInt32LE(4)) * 1_000_000_000n + BigInt(cdr.readUInt32LE(8));
    const dataAt = isImage ? 48 : 36;
    const bytes = cdr.subarray(dataAt);
    /** @type {import('#dist/core/frame.js').PictureView} */
    const view = isImage
      ? {
          format: 'bgr8',
          heightPx: cdr.readUInt32LE(20),
          widthPx: cdr.readUInt32LE(24),
          strideBytes: cdr.readUInt32LE(40),
        }
      : { format: 'jpeg', sizeBytes: cdr.readUInt32LE(dataAt - 4) };
    const { frame, widthPx, heightPx } = wrapPicture(bytes, view);
    void prepare(stampNs, frame, widthPx, heightPx, () => closeFrame(frame));
  });
}
node.spin();
await Promise.race([finished, new Promise((resolve) => setTimeout(resolve, 20_000).unref())]);
const { user, system } = process.cpuUsage(cpu);
const planeMeans = [0, 1, 2].map((plane) => {
  const values = new Float32Array(output, plane * sidePx * sidePx * 4, sidePx * sidePx);
  return values.reduce((sum, value) => sum + value, 0) / values.length;
});
console.log(JSON.stringify({ times: times.slice(warmUp), cpuMs: (user + system) / 1e3, planeMeans }));
node.destroy();
shutdownRcl();
process.exit(0);
