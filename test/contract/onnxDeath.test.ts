import type { Worker } from 'node:worker_threads';
import { expect, it, vi } from 'vitest';
import { openOnnxSession } from '#dist/backends/onnx/open.js';
import { BackendError } from '#dist/core/errors.js';
import { defaultOptions } from '../support/defaultOptions.js';
import { sessionOptions } from './backendContract.js';
import { leaseOf, plainPicture, repoPath } from '../support/frames.js';
import { watchedPipeline } from './watchedPipeline.js';

async function openWithWorker() {
  let worker: Worker | undefined;
  process.once('worker', (started: Worker) => {
    worker = started;
  });
  const session = await openOnnxSession(sessionOptions(repoPath('assets/models/shapes-seg-320.onnx')));
  return { session, worker: worker! };
}

// Killed between runs: killed inside one, onnxruntime-node takes the process with it. What happens to runs in
// flight is in test/unit/backends/workerLink.test.ts.
it('onnx: after the worker was killed everything fails with BackendError', async () => {
  const { session, worker } = await openWithWorker();
  const frame = leaseOf(plainPicture(640, 360));
  const prepared = await session.prepare(frame, null);
  await worker.terminate();
  const error = await session.run(prepared, defaultOptions).catch((reason: unknown) => reason);
  expect(error).toBeInstanceOf(BackendError);
  expect(error).toMatchObject({ code: 'worker_dead' });
  await expect(session.prepare(frame, null)).rejects.toBe(error);
  expect(session.inputsInUse).toBe(0);
  frame.close();
  await session.close();
});

it('onnx: a killed worker ends the pipeline with one report and no empty result', async () => {
  const { session, worker } = await openWithWorker();
  const { pipeline, errors, published } = watchedPipeline(session);
  const picture = plainPicture(640, 360);
  const frames = [0, 1, 2].map((sequence) => leaseOf(picture, sequence));
  await worker.terminate();
  for (const frame of frames) pipeline.offer(frame);
  await vi.waitFor(() => expect(errors).toHaveLength(1));
  expect(errors[0]).toBeInstanceOf(BackendError);
  expect(published).toEqual([]);
  expect(frames.map((frame) => frame.closedCount)).toEqual([1, 1, 1]);
  expect(pipeline.stats.snapshot()).toMatchObject({ framesIn: 3, framesOut: 0, drops: { failed: 3 } });
  await pipeline.close();
  await session.close();
});
