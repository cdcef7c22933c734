import { spawnSync } from 'node:child_process';
import { describe, expect, test } from 'vitest';

const coreUrl = new URL('../../dist/native/core.js', import.meta.url).href;
const geometryUrl = new URL('../../dist/core/geometry.js', import.meta.url).href;

/** What every program below starts with: `start(frame)` starts a job with buffers of its own. */
const prelude = `
  import { Worker, isMainThread, parentPort } from 'node:worker_threads';
  import { wrapNv12, closeFrame, letterboxRgbPlanar } from '${coreUrl}';
  import { solveLetterbox } from '${geometryUrl}';
  const widthPx = 1280, heightPx = 720, side = 320;
  const layout = { widthPx, heightPx, yStrideBytes: widthPx, uvStrideBytes: widthPx, uvOffsetBytes: widthPx * heightPx };
  const geometry = solveLetterbox(widthPx, heightPx, side, side);
  const makeBytes = () => new Uint8Array(widthPx * heightPx * 1.5).fill(99);
  const makeFrame = () => wrapNv12(makeBytes(), layout);
  const makeOutput = () => new ArrayBuffer(3 * side * side * 4);
  const start = (frame, output = makeOutput(), preview = null) =>
    letterboxRgbPlanar({ frame, geometry, filter: 'auto', yuvRange: 'full', output, preview });
  const sleep = (ms) => new Promise((resolve) => setTimeout(resolve, ms));
`;

interface Ended {
  readonly status: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
}

function run(program: string): Ended {
  return spawnSync(
    process.execPath,
    ['--expose-gc', '--input-type=module', '--eval', `${prelude}${program}`],
    { encoding: 'utf8', timeout: 60_000 },
  );
}

/** A worker whose thread runs `program` behind the prelude. */
function workerOf(program: string): string {
  const code = JSON.stringify(`${prelude}${program}`);
  return `new Worker(new URL('data:text/javascript,' + encodeURIComponent(${code})))`;
}

describe('a process ends cleanly', () => {
  test.each([
    ['when nothing was ever called', 'process.exitCode = 0;', 0],
    ['with a frame that was never closed', 'makeFrame();', 0],
    ['by itself once jobs in flight are done', 'for (let i = 0; i < 20; i++) start(makeFrame());', 0],
    ['by exit with jobs in flight', 'for (let i = 0; i < 20; i++) start(makeFrame()); process.exit(7);', 7],
    [
      'by exit from the answer to a job',
      'for (let i = 0; i < 20; i++) start(makeFrame()).then(() => process.exit(7));',
      7,
    ],
    [
      'by an uncaught error with jobs in flight',
      'for (let i = 0; i < 20; i++) start(makeFrame()); throw new Error("on purpose");',
      1,
    ],
    [
      'with closed frames whose jobs still run',
      'for (let i = 0; i < 20; i++) { const frame = makeFrame(); start(frame); closeFrame(frame); }',
      0,
    ],
  ])('%s', (_, program, status) => {
    const ended = run(program);
    expect(ended).toMatchObject({ status, signal: null });
    if (status !== 1) expect(ended.stderr).toBe('');
  });
});

describe('worker threads', () => {
  test('letterbox at once with the main thread and agree', () => {
    const work =
      'const output = makeOutput(); for (let i = 0; i < 30; i++) await start(makeFrame(), output);';
    const ended = run(`
      const workers = [0, 1].map(() => ${workerOf(`${work} parentPort.postMessage(output);`)});
      const answers = workers.map((worker) => new Promise((resolve, reject) => {
        worker.on('message', resolve); worker.on('error', reject);
      }));
      ${work}
      const mine = Buffer.from(output);
      for (const other of await Promise.all(answers)) console.log(Buffer.compare(mine, Buffer.from(other)));
    `);
    expect(ended).toMatchObject({ status: 0, stdout: '0\n0\n', stderr: '' });
  });

  test('end, or are terminated, with jobs in flight', () => {
    const work = 'const frame = makeFrame(); for (let i = 0; i < 12; i++) start(frame);';
    const ended = run(`
      for (let round = 0; round < 12; round++) {
        const worker = ${workerOf(`${work} parentPort.postMessage('started'); await sleep(5);`)};
        await new Promise((resolve, reject) => { worker.on('message', resolve); worker.on('error', reject); });
        if (round % 3 === 0) await new Promise((resolve) => worker.on('exit', resolve));
        else { await sleep(round % 3); await worker.terminate(); }
      }
      await start(makeFrame());
      console.log('alive');
    `);
    expect(ended).toMatchObject({ status: 0, stdout: 'alive\n', stderr: '' });
  });
});

// The address sanitizer keeps freed memory for a while.
const isSanitized = process.env.RDK_ADDON_SUFFIX === '-asan';

describe('memory', () => {
  // `drain` lets finalisers run: they are queued by the collector and need a turn of the event loop.
  const drain = 'const drain = async () => { for (let i = 0; i < 4; i++) { gc(); await sleep(2); } };';

  test('of JS is held by an open frame and let go by a closed one', () => {
    const ended = run(`
      ${drain}
      const wrapped = () => { const bytes = makeBytes(); return [wrapNv12(bytes, layout), new WeakRef(bytes)]; };
      const [open, openBytes] = wrapped();
      const [closed, closedBytes] = wrapped();
      closeFrame(closed);
      let [forgotten, forgottenBytes] = wrapped();
      forgotten = null;
      await drain();
      console.log(openBytes.deref() !== undefined, closedBytes.deref() !== undefined, forgottenBytes.deref() !== undefined);
      closeFrame(open);
    `);
    expect(ended).toMatchObject({ status: 0, stdout: 'true false false\n', stderr: '' });
  });

  test.skipIf(isSanitized)(
    'of the process does not grow over 4000 frames with previews and failures',
    () => {
      const ended = run(`
      ${drain}
      const bytes = makeBytes(), output = makeOutput();
      const preview = { widthPx: 160, heightPx: 90, output: new ArrayBuffer(160 * 90 * 4) };
      const rounds = async (count) => {
        for (let i = 0; i < count; i++) {
          const frame = wrapNv12(bytes, layout);
          if (i % 4 === 3) bytes[0] ^= 1;
          await start(frame, output, i % 2 === 0 ? preview : null).catch((error) => {
            if (error.code !== 'overwritten') throw error;
          });
          await start(frame, null).catch((error) => { if (error.code !== 'argument') throw error; });
          closeFrame(frame);
          if (i % 100 === 0) await drain();
        }
        await drain();
        return process.memoryUsage().rss;
      };
      await rounds(600);
      const before = await rounds(10);
      const after = await rounds(4000);
      console.log(((after - before) / 2 ** 20).toFixed(1));
    `);
      expect(ended).toMatchObject({ status: 0, stderr: '' });
      // One leaked frame struct of 700 bytes per round would be 2.8 MiB, one leaked picture 5.2 GiB. The heap's own
      // unrest has been 1.2 MiB.
      expect(Number(ended.stdout)).toBeLessThan(2);
    },
    60_000,
  );

  test.skipIf(isSanitized)(
    'of frames nobody closed comes back',
    () => {
      const ended = run(`
      ${drain}
      const rounds = async (count) => {
        for (let i = 0; i < count; i++) { makeFrame(); if (i % 10 === 0) await drain(); }
        await drain();
        return process.memoryUsage().rss;
      };
      const before = await rounds(100);
      const after = await rounds(300);
      console.log(((after - before) / 2 ** 20).toFixed(1));
    `);
      expect(ended).toMatchObject({ status: 0, stderr: '' });
      expect(Number(ended.stdout)).toBeLessThan(20);
    },
    60_000,
  );

  test.skipIf(isSanitized)(
    'that C has freed below what is in use goes back to the system when asked for',
    () => {
      const ended = run(`
      import { returnFreedMemory } from '${coreUrl}';
      ${drain}
      // Too small for mappings of their own; the last one keeps the end of the heap where it is.
      let pieces = Array.from({ length: 20_000 }, () => Buffer.allocUnsafeSlow(4096).fill(1));
      const last = pieces.at(-1);
      pieces = null;
      await drain();
      const before = process.memoryUsage().rss;
      returnFreedMemory();
      console.log(((before - process.memoryUsage().rss) / 2 ** 20).toFixed(1), last.length);
    `);
      expect(ended).toMatchObject({ status: 0, stderr: '' });
      // 78 MiB of them, less what the collector has left.
      expect(Number(ended.stdout.split(' ')[0])).toBeGreaterThan(40);
    },
  );
});
