import { expect, it } from 'vitest';
import { openOnnxSession, openOnnxSessionSync } from '#dist/backends/onnx/open.js';
import { defaultOptions } from '../support/defaultOptions.js';
import { describeBackend, sessionOptions } from './backendContract.js';
import { leaseOf, plainPicture, repoPath } from '../support/frames.js';

const small = repoPath('assets/models/shapes-seg-320.onnx');

describeBackend({
  name: 'onnx',
  models: [
    { path: small, sizePx: 320 },
    { path: repoPath('assets/models/shapes-seg-stock.onnx'), sizePx: 640 },
  ],
  leastInferMs: 0.5,
  open: openOnnxSession,
  inputsInUse: (session) => session.inputsInUse,
});

it('onnx: openOnnxSessionSync returns a session that works, without the event loop turning meanwhile', async () => {
  let turned = false;
  setImmediate(() => {
    turned = true;
  });
  const session = openOnnxSessionSync(sessionOptions(small), 20_000);
  expect(turned).toBe(false);
  const frame = leaseOf(plainPicture(640, 360));
  const prepared = await session.prepare(frame, null);
  frame.close();
  expect((await session.run(prepared, defaultOptions)).instances.count).toBe(0);
  await session.close();
});

it('onnx: takes one frame of a camera at a time, and of files so many that no inference waits', async () => {
  const open = (changes: object) => openOnnxSession(sessionOptions(small, { tasksInFlight: 0, ...changes }));
  const [young, many, chosen] = [
    await open({ aim: 'age' }),
    await open({ aim: 'rate' }),
    await open({ aim: 'rate', tasksInFlight: 2 }),
  ];
  expect([young, many, chosen].map(({ framesInFlight }) => framesInFlight)).toEqual([1, 4, 2]);
  const frames = Array.from({ length: many.framesInFlight }, () => leaseOf(plainPicture(640, 360)));
  const prepared = await Promise.all(frames.map((frame) => many.prepare(frame, null)));
  for (const frame of frames) frame.close();
  const results = await Promise.all(prepared.map((one) => many.run(one, defaultOptions)));
  expect(results.map(({ instances }) => instances.count)).toEqual([0, 0, 0, 0]);
  for (const session of [young, many, chosen]) await session.close();
});

it('onnx: a preview given back is used again', async () => {
  const session = await openOnnxSession(sessionOptions(small));
  const frame = leaseOf(plainPicture(640, 360));
  const seen = new Set<ArrayBuffer>();
  for (let round = 0; round < 3; round++) {
    const prepared = await session.prepare(frame, { widthPx: 64, heightPx: 36 });
    seen.add(prepared.preview!.rgba);
    if (round === 0) {
      await session.run(prepared, defaultOptions);
      session.recyclePreview(prepared.preview!.rgba);
    } else {
      session.discard(prepared);
    }
  }
  frame.close();
  expect(seen.size).toBe(1);
  await session.close();
});
