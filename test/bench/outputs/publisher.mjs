// The node's outputs, fed with one real result at a fixed rate. Takes JSON as its argument: rateHz, frames, depth (null:
// the node's own). Publishes from the start, so that subscribers find it; a line on stdin begins the frames that count,
// and its figures are the last line of stdout.
import { createInterface } from 'node:readline';
import { oneCamera } from '#dist/config/cameras.js';
import { ParameterStore } from '#dist/config/store.js';
import { CdrWriter } from '#dist/messages/cdrWriter.js';
import { PipelineStats } from '#dist/pipeline/stats.js';
import { applySharedMemoryEnv } from '#dist/ros2/sharedMemoryEnv.js';
import { realResult } from '../support/realResult.mjs';

/** @type {{ rateHz: number, frames: number, depth: number | null }} */
const { rateHz, frames, depth } = JSON.parse(process.argv[2] ?? '');
const overlay = { widthPx: 960, heightPx: 540 };
const topics = [
  '/outputs/detections',
  '/outputs/masks',
  '/outputs/label_map',
  '/outputs/hobot_dnn_detection',
];

applySharedMemoryEnv();
const { createNode, initRcl, shutdownRcl } = await import('#dist/ros2/rcl/rcl.js');
const { Outputs } = await import('#dist/ros2/outputs/outputs.js');
const { result, model } = await realResult();
const overrides = [...topics, '/outputs/overlay'].map(
  (topic) => `qos_overrides.${topic}.publisher.depth:=${depth}`,
);
await initRcl(depth === null ? [] : ['--ros-args', ...overrides.flatMap((override) => ['-p', override])]);
const node = createNode('outputs');
const { values } = new ParameterStore();
const means = { values: () => values, writer: new CdrWriter() };
const outputs = new Outputs(node, oneCamera, means, (error) => console.error(error));
node.spin();

const rgb = new Uint8Array(overlay.widthPx * overlay.heightPx * 3).fill(90);
const overlayEvery = Math.max(1, Math.ceil(rateHz / values['overlay.max_rate_hz']));
const stats = new PipelineStats();
const context = {
  model,
  preview: null,
  recyclePreview: () => {},
  tellAgain: () => {},
  snapshot: () => stats.snapshot(),
};
let sent = 0;

/** Publishes a frame as the node does; returns its stamp and the time it took the event loop. */
function publish() {
  const stampNs = BigInt(Date.now()) * 1_000_000n + BigInt(sent % 1_000_000);
  const header = { ...result.header, stampNs, sequence: sent };
  const startMs = performance.now();
  outputs.publish({ ...result, header }, context);
  const isOverlayDue = sent % overlayEvery === 0;
  if (isOverlayDue) outputs.overlay.publishImage({ header, ...overlay, rgb, jpeg: null });
  sent++;
  return { stamp: String(stampNs), withOverlay: isOverlayDue, tookMs: performance.now() - startMs };
}

/** @type {ReturnType<typeof publish>[]} */
let counted = [];
/** @type {NodeJS.CpuUsage | undefined} of the moment from which frames count */
let cpuStart;
createInterface({ input: process.stdin })
  .on('line', () => {
    counted = [];
    cpuStart = process.cpuUsage();
  })
  .on('close', () => {
    node.destroy();
    shutdownRcl();
    process.exit(0);
  });

function report() {
  const { user, system } = process.cpuUsage(cpuStart);
  const figures = {
    stamps: counted.map(({ stamp }) => stamp),
    overlayStamps: counted.filter(({ withOverlay }) => withOverlay).map(({ stamp }) => stamp),
    tookMs: counted.map(({ tookMs }) => tookMs),
    cpuMs: (user + system) / 1000 / frames,
    memoryMb: process.resourceUsage().maxRSS / 1024,
  };
  console.log(JSON.stringify(figures));
}

const startMs = performance.now();
const timer = setInterval(() => {
  // As many as are due, so that a late timer does not lower the rate.
  while (sent < ((performance.now() - startMs) * rateHz) / 1000) {
    const frame = publish();
    if (cpuStart !== undefined) counted.push(frame);
    if (counted.length === frames) {
      clearInterval(timer);
      report();
      return;
    }
  }
}, 1);
