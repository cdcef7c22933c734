import { spawnSync } from 'node:child_process';
import { afterAll, expect, it } from 'vitest';
import { Fakednn } from '../../support/fakednn.js';

const dnn = new Fakednn();
afterAll(() => dnn.remove());

const nothing = 'fakednn, no BPU: memory 0 tasks 0 models 0 violations 0';

const dist = (path: string) => new URL(`../../../dist/${path}`, import.meta.url).href;

/** What every program starts with: an open session with two workers and `frame()`, a prepared and running one. */
function prelude(modelPath: string, taskTimeoutMs = 200): string {
  const bpu = { dnnLibrary: dnn.library, modelName: '', taskTimeoutMs, priority: 0 };
  const options = JSON.stringify(dnn.options(modelPath, { postprocessWorkers: 2, bpu }));
  return `
    import { Worker, parentPort } from 'node:worker_threads';
    import { openBpuSession } from '${dist('backends/bpu/open.js')}';
    import { bpuState, closeBpu, probeLibrary, openViews } from '${dist('native/bpu.js')}';
    import { wrapNv12 } from '${dist('native/core.js')}';
    const options = ${options};
    const session = await openBpuSession(options);
    const post = { scoreThreshold: 0.25, everyClass: false, iouThreshold: 0.7, nms: 'auto', maxDetections: 9, classes: null, classAgnosticNms: false, contourTolerancePx: null };
    const layout = { widthPx: 64, heightPx: 64, yStrideBytes: 64, uvStrideBytes: 64, uvOffsetBytes: 4096 };
    const frame = async () => {
      const native = wrapNv12(new Uint8Array(64 * 96).fill(128), layout);
      const header = { stampNs: 0n, frameId: '', sequence: 0, widthPx: 64, heightPx: 64 };
      return session.run(await session.prepare({ header, takenMs: 0, native }, null), post);
    };
    // The first inference was the opening's.
    const submitted = async (tasks) => {
      while (bpuState(session.id).counters.tasksSubmitted <= tasks) await new Promise(setImmediate);
    };
    const held = () => console.log(probeLibrary(options.bpu.dnnLibrary).version);
    process.on('exit', held);
  `;
}

function run(program: string, ...settings: readonly string[]) {
  return runCode(`${prelude(dnn.model(...settings))}\n${program}`);
}

function runCode(code: string) {
  const { status, signal, stdout, stderr } = spawnSync(
    process.execPath,
    ['--input-type=module', '--eval', code],
    { encoding: 'utf8', timeout: 30_000, env: { ...process.env, RDK_FAKEDNN_STRICT: '1' } },
  );
  return { status, signal, stdout, stderr };
}

it.each([
  ['by itself when nothing is under way, the session still open', '', 0],
  ['by itself once the frames under way are done', 'for (let i = 0; i < 3; i++) void frame();', 0],
  [
    'by exit with tasks on the BPU',
    'for (let i = 0; i < 3; i++) void frame(); submitted(1).then(() => process.exit(7));',
    7,
  ],
  ['by exit from an answer', 'frame().then(() => process.exit(7));', 7],
  [
    'by an uncaught error with tasks on the BPU',
    'void frame(); submitted(1).then(() => { throw new Error("on purpose"); });',
    1,
  ],
  [
    'by exit while a close waits for tasks',
    'void frame().catch(() => {}); submitted(1).then(() => { void closeBpu(session.id, 3000); process.exit(7); });',
    7,
  ],
  ['after the close', 'await frame(); await session.close();', 0],
])('a process ends cleanly %s', (_name, program, status) => {
  const ended = run(program, 'core_ms: 20');
  expect(ended).toMatchObject({ status, signal: null });
  if (status !== 1) expect(ended.stderr).toBe('');
  // The exit handler of the addon ran before this one; workers may still view memory, tasks and model are back.
  expect(ended.stdout).toMatch(/^fakednn, no BPU: memory \d+ tasks 0 models 0 violations 0\n$/);
});

// fakednn, as the vendor's library may, aborts in its exit handlers while a task is on the BPU.
it.each([
  ['by exit, its release under way', 50, 'frame().catch(() => process.exit(7));', 7],
  [
    'by exit, waited for by a thread until its end',
    20_000,
    'void frame(); submitted(1).then(() => process.exit(7));',
    7,
  ],
  ['by itself, its release under way', 50, 'frame().catch(() => {});', 0],
  ['by an uncaught error, its release under way', 50, 'void frame();', 1],
  ['after the close, its release under way', 50, 'await frame().catch(() => {}); await session.close();', 0],
])('a process ends with a task that never ends, %s', (_name, taskTimeoutMs, program, status) => {
  const ended = runCode(`${prelude(dnn.model('fault: hbDNNInfer 2 hang 0'), taskTimeoutMs)}\n${program}`);
  expect(ended).toMatchObject({ status, signal: null });
  // The memory of one slot at least, and nothing that was asked of the library in vain.
  expect(ended.stdout).toMatch(/^fakednn, no BPU: memory \d\d tasks 1 models 1 violations 0\n$/);
  expect(ended.stderr).not.toContain('fakednn');
});

it('a task that fails before an earlier one is done does not end the process', () => {
  const ended = run(
    `const first = frame();
    await submitted(1);
    const both = await Promise.allSettled([first, frame()]);
    console.log(both.map(({ status, reason }) => reason?.code ?? status).sort().join(' '));
    await session.close();`,
    'core_ms: 100',
    'fault: hbDNNInfer 3 -6000009',
  );
  expect(ended).toMatchObject({ status: 0, stderr: '' });
  expect(ended.stdout).toMatch(/^bpu_busy fulfilled\n/);
});

it('a worker thread that ends with tasks on the BPU gives its session back', () => {
  const inner = `${prelude(dnn.model('core_ms: 20')).replace("process.on('exit', held);", '')}
    for (let i = 0; i < 3; i++) void frame(); submitted(1).then(() => parentPort.postMessage('running'));`;
  const ended = run(
    `await session.close();
    for (let round = 0; round < 3; round++) {
      const worker = new Worker(new URL('data:text/javascript,' + encodeURIComponent(${JSON.stringify(inner)})));
      await new Promise((resolve, reject) => { worker.on('message', resolve); worker.on('error', reject); });
      await worker.terminate();
      held();
    }`,
  );
  expect(ended).toMatchObject({ status: 0, signal: null, stderr: '' });
  expect(ended.stdout).toBe(`${nothing}\n`.repeat(4));
});

it('views outlive the close in a thread that keeps them, and the memory with them', () => {
  const ended = run(
    `const inner = \`
      import { parentPort } from 'node:worker_threads';
      import { openViews, closeViews } from '${dist('native/bpu.js')}';
      const views = openViews(\${session.id});
      parentPort.postMessage(views[0].outputs[0].byteLength);
      parentPort.on('message', () => {
        const bytes = new Uint8Array(views[0].outputs[0]);
        const sum = bytes.reduce((a, b) => a + b, 0);
        closeViews(\${session.id});
        parentPort.postMessage([sum > 0, views[0].outputs[0].byteLength]);
        parentPort.close();
      });
    \`;
    await frame();
    const worker = new Worker(new URL('data:text/javascript,' + encodeURIComponent(inner)));
    const next = () => new Promise((resolve, reject) => { worker.once('message', resolve); worker.once('error', reject); });
    console.log(await next());
    await session.close();
    held();
    worker.postMessage('read');
    console.log(await next());
    await new Promise((resolve) => worker.once('exit', resolve));`,
  );
  expect(ended.stderr).toBe('');
  expect(ended.stdout.split('\n')).toEqual([
    `${8 * 8 * 5 * 4}`,
    'fakednn, no BPU: memory 66 tasks 0 models 0 violations 0',
    '[ true, 0 ]',
    nothing,
    '',
  ]);
});
