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
