// The node's peak rate, and missed frames, jitter and CPU at 10, 30 and 60 Hz, as ros2_benchmark measures: a camera sends at a
// fixed rate, a subscriber of detections and masks notes when each frame's result came. The BPU is fakednn with an X5's times.
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { cpus } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { makeFakednnModel } from '../../../scripts/demo/fakednnModel.mjs';
import { readCpuMs } from '../../../scripts/demo/processCpu.mjs';
import { outDir, Program, START_LIMIT_S, stopAll, STOP_LIMIT_S } from '../../../scripts/demo/program.mjs';
import { root } from '../../../scripts/setup/paths.mjs';
import { boardTimes } from '../../../tools/fakednn/modelInfo.mjs';
import { performanceMetrics, resourceMetrics } from './isaacMetrics.mjs';

const size = { widthPx: 640, heightPx: 480 };
const fixedRatesHz = [10, 30, 60];
/** Seconds that count, and before them. */
const seconds = 5;
const warmUpSeconds = 1;
/** The peak is the highest rate at which no larger share of the frames is missed, found by halving this many times. */
const mostMissed = 0.05;
const peakBoundsHz = /** @type {const} */ ([60, 240]);
const halvings = 5;
const detections = '/yolo_seg/detections';
const topics = {
  [detections]: 'vision_msgs/msg/Detection2DArray',
  '/yolo_seg/masks': 'rdk_yolo_seg_msgs/msg/InstanceMaskArray',
};

/**
 * @typedef {{ model: string, source: { pictures: string } }} Model
 * @typedef {{ node: Program, model: Model, folder: string }} Graph
 */

/** Milliseconds of all cores since the machine's start: busy, and all. */
function coreTimes() {
  const all = cpus().map(({ times }) => times);
  const busy = all.reduce((sum, { user, nice, sys, irq }) => sum + user + nice + sys + irq, 0);
  return { busy, total: all.reduce((sum, { idle }) => sum + idle, busy) };
}

/** Percent of all cores that all programs use, of each 500 ms until the signal. @param {AbortSignal} signal */
async function sampleCpu(signal) {
  const samples = [];
  let before = coreTimes();
  while (!signal.aborted) {
    await delay(500);
    const now = coreTimes();
    samples.push((100 * (now.busy - before.busy)) / Math.max(1, now.total - before.total));
    before = now;
  }
  return samples;
}

/**
 * One rate: what was sent and what came, without the first second of either.
 *
 * @param {Graph} graph
 * @param {number} rateHz
 */
async function runRate({ node, model, folder }, rateHz) {
  const log = join(folder, 'camera.jsonl');
  const baseline = (await sampleCpu(AbortSignal.timeout(400)))[0];
  const sink = new Program(
    'subscriber',
    ['test/bench/outputs/subscriber.mjs', JSON.stringify(topics)],
    process.env,
    process.execPath,
  );
  const frames = String(Math.round(rateHz * (seconds + warmUpSeconds)));
  const sizeArgs = ['--width', String(size.widthPx), '--height', String(size.heightPx)];
  await sink.says('"ready"', START_LIMIT_S);
  const camera = new Program(
    'camera',
    [
      'camera',
      '--source',
      model.source.pictures,
      '--rate',
      String(rateHz),
      '--order',
      'loop',
      ...sizeArgs,
    ].concat(['--frames', frames, '--wait-for-subscriber', '--log', log]),
    process.env,
  );
  await sink.says('"heard"', START_LIMIT_S);
  const cpuBefore = readCpuMs(node.pid);
  const startMs = performance.now();
  const stop = new AbortController();
  const sampled = sampleCpu(stop.signal);
  const code = await camera.end(seconds + warmUpSeconds + STOP_LIMIT_S);
  const nodeCpuMs = readCpuMs(node.pid) - cpuBefore;
  const wallMs = performance.now() - startMs;
  stop.abort();
  const samples = await sampled;
  // What is still on its way is not missed.
  await delay(1000);
  sink.child.stdin.end();
  await sink.end(STOP_LIMIT_S);
  if (code !== 0 || node.result !== undefined)
    throw new Error(`camera ended with ${code}, the node with ${node.result}`);
  const lines = readFileSync(log, 'utf8')
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line));
  const counted = lines.slice(rateHz * warmUpSeconds);
  /** @param {string} stampNs */
  const asMs = (stampNs) => Number(stampNs) / 1e6;
  const sentMs = new Map(counted.map(({ stamp_ns: stamp }) => [stamp, asMs(stamp)]));
  const { stamps, ageMs } = JSON.parse(sink.stdout.trimEnd().split('\n').at(-1) ?? '').seen[detections];
  /** @type {[string, number][]} */
  const came = stamps.map((/** @type {string} */ stamp, /** @type {number} */ index) => [
    stamp,
    asMs(stamp) + ageMs[index],
  ]);
  const receivedMs = new Map(came.filter(([stamp]) => sentMs.has(stamp)));
  return {
    metrics: { ...performanceMetrics(sentMs, receivedMs), ...resourceMetrics(baseline, samples) },
    missedShare: 1 - receivedMs.size / sentMs.size,
    nodeCpuPercentOfOneCore: (100 * nodeCpuMs) / wallMs,
  };
}

/**
 * The highest rate with few misses.
 *
 * @param {Graph} graph
 */
async function runPeak(graph) {
  let [low, high] = /** @type {[number, number]} */ ([...peakBoundsHz]);
  let best = null;
  for (let step = 0; step < halvings; step++) {
    const rateHz = Math.round((low + high) / 2);
    const run = await runRate(graph, rateHz);
    if (run.missedShare <= mostMissed) {
      low = rateHz;
      best = run;
    } else high = rateHz;
  }
  return best ?? runRate(graph, low);
}

/** @param {string} name @param {Awaited<ReturnType<typeof runRate>>} run */
function rowOf(name, { metrics, nodeCpuPercentOfOneCore }) {
  /** @param {string} figure */
  const of = (figure) => metrics[`BasicPerformanceMetrics.${figure}`];
  return {
    name,
    sentHz: of('MEAN_PLAYBACK_FRAME_RATE'),
    receivedHz: of('MEAN_FRAME_RATE'),
    missed: `${of('NUM_MISSED_FRAMES')} of ${of('NUM_FRAMES_SENT')}`,
    meanLatencyMs: of('MEAN_LATENCY'),
    maxLatencyMs: of('MAX_LATENCY'),
    meanJitterMs: of('MEAN_JITTER'),
    maxJitterMs: of('MAX_JITTER'),
    jitterStdDevMs: of('STD_DEV_JITTER'),
    allCoresPercent: metrics['ResourceMetrics.MEAN_OVERALL_CPU_UTILIZATION'],
    nodePercentOfOneCore: nodeCpuPercentOfOneCore,
  };
}

/** Rows of the peak and each fixed rate; the same in the form of isaac_ros_benchmark's files is left in out/isaac_ros_benchmark.json. */
export async function rateRows() {
  const folder = join(outDir, 'field');
  mkdirSync(folder, { recursive: true });
  const library = join(root, 'native', 'bin', 'fakednn', 'libdnn.so');
  const model = await makeFakednnModel(folder, { compiled: null, images: null }, size, process.env);
  const parameters = { 'model.path': model.model, 'backend.name': 'bpu', 'backend.dnn_library': library };
  const pairs = Object.entries(parameters).flatMap(([name, value]) => ['-p', `${name}:=${value}`]);
  const times = {
    RDK_FAKEDNN_CORE_MS: String(boardTimes.coreMs),
    RDK_FAKEDNN_HOST_MS: String(boardTimes.hostMs),
  };
  const node = new Program('node', ['node', '--ros-args', ...pairs], { ...process.env, ...times });
  try {
    await node.says('active: ', START_LIMIT_S);
    const graph = { node, model, folder };
    await runRate(graph, 30);
    const peak = await runPeak(graph);
    const rows = [rowOf('rate peak', peak)];
    /** @type {Record<string, unknown>} */
    const file = { ...peak.metrics };
    for (const rateHz of fixedRatesHz) {
      const run = await runRate(graph, rateHz);
      file[`${rateHz.toFixed(1)}fps`] = run.metrics;
      rows.push(rowOf(`rate ${rateHz} Hz`, run));
    }
    writeFileSync(join(outDir, 'isaac_ros_benchmark.json'), `${JSON.stringify(file, null, 2)}\n`);
    return rows;
  } finally {
    await stopAll();
    rmSync(folder, { recursive: true });
  }
}
