// `npm run demo -- --backend bpu-sim`: the live graph on fakednn, which keeps the X5's times.
import { readFileSync, rmSync } from 'node:fs';
import { cpus } from 'node:os';
import { basename, join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { boardTimes } from '../../tools/fakednn/modelInfo.mjs';
import { root } from '../setup/paths.mjs';
import { readCpuMs, readWaitMs } from './processCpu.mjs';
import {
  cameraLog,
  DemoFailure,
  outDir,
  Program,
  reportFile,
  SETTLE_MS,
  START_LIMIT_S,
  STOP_LIMIT_S,
} from './program.mjs';
import { formatStageTable, rateWithin } from './stageRates.mjs';

/**
 * @typedef {{ name: string, recorder: string[], intakeOnly?: boolean, judged?: boolean }} Stage
 * `recorder` are flags of the recorder; `intakeOnly` runs demo/intakeNode.mjs; `judged` compares with what is expected.
 * @typedef {Awaited<ReturnType<typeof import('./fakednnModel.mjs').makeFakednnModel>>} FakednnModel
 * @typedef {import('./stageRates.mjs').StageMeasurement} StageMeasurement
 * @typedef {{ progress: import('../../dist/record/nodeFigures.js').Progress[], rows: [string, string, string][], files: string[],
 *   criteria: import('./program.mjs').Criterion[] }} DemoReport
 * What the recorder writes into out/report.json, as far as it is read here.
 */

const { coreMs: CORE_MS, hostMs: HOST_MS } = boardTimes;
const IDEAL_HZ = 1000 / CORE_MS;
/** Less of the ideal is explained. */
const WANTED_SHARE = 0.96;
/** Faster than the node can be, so that there is always a frame to take. */
const CAMERA_HZ = 240;
const SIZE = { widthPx: 640, heightPx: 480 };
/** Caches fill and code is compiled. */
const WARM_UP_MS = 3000;

const library = join(root, 'native', 'bin', 'fakednn', 'libdnn.so');
const bpuSimDir = join(outDir, 'bpu-sim');

/** @type {Stage[]} */
const STAGES = [
  { name: 'intake only', intakeOnly: true, recorder: ['--no-outputs', '--no-mcap'] },
  { name: '+ post-processing', recorder: ['--no-outputs', '--no-mcap'] },
  { name: '+ publishing', recorder: ['--no-mcap'], judged: true },
  { name: '+ recorder', recorder: [], judged: true },
];

/** Core milliseconds all programs of the machine have used. */
function busyMs() {
  return cpus().reduce((sum, { times }) => sum + times.user + times.nice + times.sys + times.irq, 0);
}

/**
 * @param {Stage} stage
 * @param {string} expected
 * @param {NodeJS.ProcessEnv} env
 */
function startRecorder(stage, expected, env) {
  const args = ['record', '--out', outDir, ...stage.recorder];
  if (stage.judged) args.push('--ground-truth', expected, '--camera-log', cameraLog, '--exact');
  return new Program('recorder', args, env);
}

/**
 * @param {string} pictures
 * @param {NodeJS.ProcessEnv} env
 */
function startCamera(pictures, env) {
  const args = ['camera', '--source', pictures, '--rate', String(CAMERA_HZ), '--order', 'loop'];
  args.push('--width', String(SIZE.widthPx), '--height', String(SIZE.heightPx));
  return new Program('camera', [...args, '--wait-for-subscriber', '--log', cameraLog], env);
}

/**
 * @param {Stage} stage
 * @param {string} model
 * @param {NodeJS.ProcessEnv} env
 */
function startNode({ intakeOnly }, model, env) {
  if (intakeOnly) {
    const script = join(root, 'scripts', 'demo', 'intakeNode.mjs');
    return new Program('node', [script, model, library], env, process.execPath);
  }
  const parameters = {
    'model.path': model,
    'backend.name': 'bpu',
    'backend.dnn_library': library,
    'output.mask_encoding': 'rle',
  };
  const pairs = Object.entries(parameters).flatMap(([name, value]) => ['-p', `${name}:=${value}`]);
  return new Program('node', ['node', '--ros-args', ...pairs], env);
}

/**
 * CPU times of the programs and the machine over `seconds`; throws when a program ends meanwhile.
 *
 * @param {Program[]} programs
 * @param {number} seconds
 */
async function measure(programs, seconds) {
  /** @param {(pid: number) => number} read */
  const ofEach = (read) => Object.fromEntries(programs.map(({ name, pid }) => [name, read(pid)]));
  const sample = () => ({
    atMs: Date.now(),
    busyMs: busyMs(),
    cpuMs: ofEach(readCpuMs),
    waitMs: ofEach(readWaitMs),
  });
  const before = sample();
  await delay(seconds * 1000);
  for (const { name, result } of programs) {
    if (result !== undefined) throw new DemoFailure(`${name} ended by itself: ${result}`);
  }
  const after = sample();
  const windowMs = after.atMs - before.atMs;
  /** @param {'cpuMs' | 'waitMs'} key */
  const byProcess = (key) =>
    Object.fromEntries(Object.keys(after[key]).map((name) => [name, after[key][name] - before[key][name]]));
  return {
    fromMs: before.atMs,
    toMs: after.atMs,
    windowMs,
    busyCores: (after.busyMs - before.busyMs) / windowMs,
    cpuMs: byProcess('cpuMs'),
    waitMs: byProcess('waitMs'),
  };
}

/**
 * Runs the graph as far as `stage` goes.
 *
 * @param {Stage} stage
 * @param {FakednnModel} fakednn
 * @param {{ seconds: number, env: NodeJS.ProcessEnv }} means
 */
async function runStage(stage, { source, model, expected }, { seconds, env }) {
  rmSync(reportFile, { force: true });
  const recorder = startRecorder(stage, expected, env);
  const camera = startCamera(source.pictures, env);
  await recorder.says('recording ', START_LIMIT_S);
  const times = { RDK_FAKEDNN_CORE_MS: String(CORE_MS), RDK_FAKEDNN_HOST_MS: String(HOST_MS) };
  const node = startNode(stage, model, { ...env, ...times });
  await node.says('active: ', START_LIMIT_S);
  await delay(WARM_UP_MS);
  const { fromMs, toMs, ...measured } = await measure([camera, node, recorder], seconds);
  /** @type {Record<string, string | number | null>} of each program */
  const codes = {};
  for (const program of [camera, node, recorder]) {
    program.signal('SIGINT');
    codes[program.name] = await program.end(STOP_LIMIT_S);
    if (program === camera) await delay(SETTLE_MS);
  }
  if (codes.recorder !== 0) throw new DemoFailure(`recorder ended with ${codes.recorder}`);
  /** @type {DemoReport} */
  const report = JSON.parse(readFileSync(reportFile, 'utf8'));
  const rateHz = rateWithin(report.progress, fromMs, toMs);
  if (rateHz === null) throw new DemoFailure(`the node reported less than twice within ${seconds} s`);
  const violations = node.text.match(/\[fakednn\] violation: .*/g) ?? [];
  const endings = Object.entries(codes).map(([name, code]) => `${name} ${code}`);
  return {
    report,
    measurement: { name: stage.name, rateHz, ...measured },
    criteria: [
      {
        name: 'no misuse of the library and no unknown input',
        passed: violations.length === 0,
        found: violations.length === 0 ? 'no violation' : `${violations.length}, first ${violations[0]}`,
      },
      {
        name: 'every program ends with exit code 0',
        passed: Object.values(codes).every((code) => code === 0),
        found: endings.join(', '),
      },
      ...report.criteria,
    ].map((criterion) => ({ ...criterion, name: `${stage.name}: ${criterion.name}` })),
  };
}

/**
 * Stage times and drops of the whole graph, which say where time goes.
 *
 * @param {DemoReport} report
 */
function nodeLines({ rows }) {
  const told = /^(frames in|frames out|dropped|input|frame age|stage |event-loop lag)/;
  return rows
    .filter(([, name]) => told.test(name))
    .map(([, name, value]) => `  ${name.padEnd(32)}${value}`)
    .join('\n');
}

/**
 * What the lines and columns mean, and what to try where the ideal is missed.
 *
 * @param {readonly StageMeasurement[]} measurements
 */
function explanations(measurements) {
  const { widthPx, heightPx } = SIZE;
  const lines = [
    'intake only        frames are taken, letterboxed and run; nothing is decoded (demo/intakeNode.mjs)',
    '+ post-processing  the node, with nobody listening',
    '+ publishing       detections, masks and overlay have a subscriber, which checks every one',
    '+ recorder         and are written to MCAP',
    `ideal              the core never idle: 1000 / ${CORE_MS} ms, which takes two tasks in flight`,
    `camera             ${widthPx}x${heightPx} at ${CAMERA_HZ} Hz, more than the BPU can take`,
    'node               with fakednn, whose own work is in its CPU time',
  ];
  if (measurements.some(({ rateHz }) => rateHz < WANTED_SHARE * IDEAL_HZ)) {
    lines.push(
      `Below ${WANTED_SHARE * 100} %: see how long the programs waited for a core. With nobody else on the machine, or`,
      'before all others (`sudo chrt -r 1 npm run demo -- --backend bpu-sim`), the rest is ours.',
    );
  }
  return lines;
}

/**
 * Runs all stages; resolves with the table, what must hold and the files left in `out/`.
 *
 * @param {import('./program.mjs').DemoOptions} options
 * @param {NodeJS.ProcessEnv} env
 * @returns {Promise<import('./program.mjs').DemoOutcome>}
 */
export async function runBpuSim({ seconds, ...choices }, env) {
  const { makeFakednnModel } = await import('./fakednnModel.mjs');
  // Hundreds of megabytes, which an interrupted demo must not leave either.
  process.on('exit', () => rmSync(bpuSimDir, { recursive: true, force: true }));
  console.log('[demo] recording the tensors of fakednn');
  const model = await makeFakednnModel(bpuSimDir, choices, SIZE, env);
  const { source, pictureCount, objectCount } = model;
  console.log(`[demo] ${basename(source.model)} on ${pictureCount} pictures, ${objectCount} objects in them`);
  const results = [];
  for (const stage of STAGES) {
    console.log(`[demo] ${stage.name}: ${seconds} s in ROS domain ${env.ROS_DOMAIN_ID}`);
    results.push(await runStage(stage, model, { seconds, env }));
  }
  const last = results[results.length - 1].report;
  const measurements = results.map(({ measurement }) => measurement);
  const table = [
    `fakednn on this PC, a BPU that takes ${CORE_MS} ms of its core and ${HOST_MS} ms beside it; not a board.`,
    '',
    formatStageTable(measurements, IDEAL_HZ, cpus().length),
    '',
    ...explanations(measurements),
    '',
    'the node in the last line:',
    nodeLines(last),
  ].join('\n');
  return { table, files: last.files, criteria: results.flatMap(({ criteria }) => criteria) };
}
