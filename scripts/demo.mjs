#!/usr/bin/env node
// `npm run demo`: camera, node and recorder as three processes, judged against exact ground truth; with
// `--backend bpu-sim` on fakednn, which keeps the board's times, part by part (demo/bpuSim.mjs).
import { mkdirSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { constants } from 'node:os';
import { join, relative } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { readOptions, BPU_SIM, USAGE } from './demo/options.mjs';
import {
  cameraLog,
  depthReportFile,
  DemoFailure,
  outDir,
  Program,
  printTails,
  reportFile,
  SETTLE_MS,
  START_LIMIT_S,
  STOP_LIMIT_S,
  stopAll,
} from './demo/program.mjs';
import { optionsOrExit } from './optionsOrExit.mjs';
import { localDomain, takeDomain } from './rosDomain.mjs';
import { ensureSetup } from './setup/index.mjs';
import { root } from './setup/paths.mjs';

const RATE_HZ = 30;
const OWN_FILES =
  /^(demo\.mcap|(report|depth)\.json|camera\.jsonl|overlay_\d+\.png|(camera|depth|node|recorder|tensors)\.log)$/;

const shapes = { folder: join(root, 'assets', 'scenes'), widthPx: 1920, heightPx: 1080 };
/**
 * What the camera plays, with its ground truth, and what the node is told of it.
 *
 * @type {Record<string, { folder: string, widthPx: number, heightPx: number, parameters: string[] }>}
 */
const scenes = {
  shapes: { ...shapes, parameters: [] },
  depth: { ...shapes, parameters: ['input.depth:=/demo/depth'] },
  tracking: {
    folder: join(root, 'assets', 'tracking'),
    ...{ widthPx: 960, heightPx: 540 },
    parameters: ['tracking.enabled:=true', 'overlay.scale:=1.0'],
  },
};

/**
 * @typedef {import('./demo/program.mjs').DemoOptions} DemoOptions
 * @typedef {import('./demo/program.mjs').DemoOutcome} DemoOutcome
 */

/** @param {NodeJS.ProcessEnv} env */
async function demoEnvironment(env) {
  const domain = process.env.ROS_DOMAIN_ID ?? (await takeDomain());
  return { ...env, ...localDomain(domain, env.ROS_DISTRO) };
}

/**
 * Runs the three programs and resolves with the recorder's report and the criteria on the programs themselves.
 *
 * @param {DemoOptions} options
 * @param {NodeJS.ProcessEnv} env
 * @returns {Promise<DemoOutcome>}
 */
async function runPrograms({ seconds, backend, scene }, env) {
  const { folder, widthPx, heightPx, parameters } = /** @type {typeof scenes[string]} */ (scenes[scene]);
  const groundTruth = join(folder, 'ground_truth.json');
  const recorder = new Program(
    'recorder',
    ['record', '--out', outDir, '--ground-truth', groundTruth, '--camera-log', cameraLog],
    env,
  );
  const frames = String(Math.round(seconds * RATE_HZ));
  const camera = new Program(
    'camera',
    [
      ...['camera', '--source', folder, '--width', String(widthPx), '--height', String(heightPx)],
      ...['--rate', String(RATE_HZ), '--frames', frames, '--wait-for-subscriber', '--log', cameraLog],
    ],
    env,
  );
  const depth = scene === 'depth' ? depthCamera(groundTruth, env) : null;
  // The node comes last: the camera waits for it, and nothing of what it sends may be missed.
  await recorder.says('recording /yolo_seg', START_LIMIT_S);
  await depth?.says('/demo/depth', START_LIMIT_S);
  const allParameters = [`backend.name:=${backend}`, 'output.mask_encoding:=rle', ...parameters];
  const node = new Program(
    'node',
    ['node', '--ros-args', ...allParameters.flatMap((parameter) => ['-p', parameter])],
    env,
  );
  console.log(
    `[demo] camera (${widthPx}x${heightPx}, ${RATE_HZ} Hz), node and recorder run in ROS domain ${env.ROS_DOMAIN_ID}; ${seconds} s of frames`,
  );
  const [cameraCode] = await Promise.all([
    camera.end(START_LIMIT_S + seconds * 1.5),
    node.mustOutlive(camera),
    recorder.mustOutlive(camera),
    depth?.mustOutlive(camera),
  ]);
  /** @type {Record<string, string | number | null>} of each program */
  const codes = { camera: cameraCode };
  await delay(SETTLE_MS);
  if (depth !== null) {
    depth.signal('SIGINT');
    codes.depth = await depth.end(STOP_LIMIT_S);
  }
  node.signal('SIGINT');
  codes.node = await node.end(STOP_LIMIT_S);
  recorder.signal('SIGINT');
  codes.recorder = await recorder.end(STOP_LIMIT_S);
  const criteria = Object.entries(codes).map(([name, code]) => ({
    name: `${name} ends with exit code 0`,
    passed: code === 0,
    found: String(code),
  }));
  /** @type {Pick<DemoOutcome, 'criteria' | 'files'>} */
  const report =
    codes.recorder === 0 ? JSON.parse(readFileSync(reportFile, 'utf8')) : { criteria: [], files: [] };
  const judged = codes.depth === 0 ? judgeDepth() : { lines: [], criteria: [] };
  return {
    table: [recorder.stdout.trimEnd(), ...judged.lines].join('\n'),
    files: report.files,
    criteria: [...report.criteria, ...judged.criteria, ...criteria],
  };
}

/**
 * @param {string} groundTruth
 * @param {NodeJS.ProcessEnv} env
 */
function depthCamera(groundTruth, env) {
  const script = join(root, 'scripts', 'demo', 'depthCamera.mjs');
  return new Program('depth', [script, groundTruth, cameraLog, depthReportFile], env, process.execPath);
}

/** The figures of the places that the node found, and what is asked of them. */
function judgeDepth() {
  const report = JSON.parse(readFileSync(depthReportFile, 'utf8'));
  const { frames, framesWithout, objects, without, distanceErrorM, positionErrorM } = report;
  const cm = (/** @type {number | null} */ metres) => (metres === null ? '-' : (metres * 100).toFixed(2));
  /** @param {{ p50: number | null, p95: number | null, max: number | null }} errors */
  const shown = ({ p50, p95, max }) => `${cm(p50)} / ${cm(p95)} / ${cm(max)} cm`;
  return {
    lines: [
      `places of ${objects} objects in ${frames} frames, error p50 / p95 / max:`,
      `  distance ${shown(distanceErrorM)}`,
      `  position ${shown(positionErrorM)}`,
    ],
    criteria: [
      {
        name: '99 % of the frames have depth',
        passed: frames > 0 && framesWithout <= frames / 100,
        found: `${frames - framesWithout} of ${frames}`,
      },
      {
        name: '99 % of the objects have a place',
        passed: objects > 0 && without <= objects / 100,
        found: `${objects - without} of ${objects}`,
      },
      {
        name: '95 of 100 distances are within 2 cm, positions within 3 cm',
        passed: distanceErrorM.p95 < 0.02 && positionErrorM.p95 < 0.03,
        found: `${cm(distanceErrorM.p95)} and ${cm(positionErrorM.p95)} cm`,
      },
    ],
  };
}

/** @param {string[]} files */
function printFiles(files) {
  const mcap = relative(root, join(outDir, 'demo.mcap'));
  console.log(`\nOpen ${mcap} in Foxglove (layout: config/foxglove/yolo_seg.json)`);
  if (files.length > 0) console.log(`Look at ${files.map((file) => relative(root, file)).join(' ')}`);
}

/**
 * Resolves with whether everything held.
 *
 * @param {DemoOptions} options
 * @param {NodeJS.ProcessEnv} env
 */
async function runDemo(options, env) {
  mkdirSync(outDir, { recursive: true });
  // What an earlier run has left would be taken for this one's.
  for (const name of readdirSync(outDir)) if (OWN_FILES.test(name)) rmSync(join(outDir, name));
  const startMs = performance.now();
  // Imported late: its table is laid by a module that the set-up builds.
  const run = options.backend === BPU_SIM ? (await import('./demo/bpuSim.mjs')).runBpuSim : runPrograms;
  const { table, files, criteria } = await run(options, env);
  console.log(`\n${table}\n`);
  for (const { name, passed, found } of criteria)
    console.log(`${passed ? 'ok    ' : 'FAILED'}  ${name}: ${found}`);
  printFiles(files);
  const passed = criteria.every((criterion) => criterion.passed);
  const seconds = ((performance.now() - startMs) / 1000).toFixed(1);
  console.log(`\n[demo] ${passed ? 'passed' : 'FAILED'} in ${seconds} s`);
  return passed;
}

const options = optionsOrExit('demo', USAGE, readOptions);
const env = await demoEnvironment(await ensureSetup());
for (const signal of /** @type {const} */ (['SIGINT', 'SIGTERM'])) {
  process.once(signal, async () => {
    console.error(`[demo] ${signal}: stopping`);
    await stopAll();
    process.exit(128 + constants.signals[signal]);
  });
}
// The last resort, should this script end in a way that passes none of the others.
process.on('exit', () => {
  for (const program of Program.running) program.signal('SIGKILL');
});
let passed = false;
try {
  passed = await runDemo(options, env);
} catch (error) {
  await stopAll();
  console.error(
    `[demo] FAILED: ${error instanceof DemoFailure ? error.message : error instanceof Error ? error.stack : error}`,
  );
}
if (!passed) {
  printTails();
  process.exitCode = 1;
}
