import { setTimeout as sleep } from 'node:timers/promises';
import { expect, it } from 'vitest';
import { openSession } from '#dist/backends/registry.js';
import type { FrameResult, PreviewImage } from '#dist/core/result.js';
import { Pipeline } from '#dist/pipeline/pipeline.js';
import { defaultOptions } from '../support/defaultOptions.js';
import { sessionOptions } from './backendContract.js';
import { type CountedLease, leaseOf, loadPicture, repoPath } from '../support/frames.js';

it('Pipeline on the real model: a camera faster than the model is thinned out, in order, nothing leaks', async () => {
  const session = await openSession('auto', sessionOptions(repoPath('assets/models/shapes-seg-320.onnx')));
  const picture = await loadPicture(repoPath('test/fixtures/pictures/wide.jpg'));
  const results: FrameResult[] = [];
  const previews: (PreviewImage | null)[] = [];
  const pipeline = new Pipeline({
    session,
    onResult: (result, preview) => {
      results.push(result);
      previews.push(preview);
    },
    onError: (error) => {
      throw error;
    },
    previewRequest: ({ sequence }) => (sequence % 2 === 0 ? { widthPx: 160, heightPx: 90 } : null),
    postprocessOptions: () => defaultOptions,
  });
  pipeline.activate();
  const frames: CountedLease[] = [];
  for (let sequence = 0; sequence < 60; sequence++) {
    const frame = leaseOf(picture, sequence);
    frames.push(frame);
    pipeline.offer(frame);
    await sleep(2);
  }
  while (pipeline.inWork > 0) await sleep(1);
  await pipeline.close();
  await session.close();

  expect(frames.every((frame) => frame.closedCount === 1)).toBe(true);
  const sequences = results.map((result) => result.header.sequence);
  expect(sequences).toEqual([...sequences].sort((a, b) => a - b));
  expect(sequences.at(-1)).toBe(59);
  expect(results.every((result) => result.instances.count >= 5)).toBe(true);
  sequences.forEach((sequence, index) => {
    expect(previews[index] === null).toBe(sequence % 2 === 1);
  });
  const { framesIn, framesOut, drops } = pipeline.stats.snapshot();
  expect([framesIn, framesOut]).toEqual([60, results.length]);
  expect(drops).toEqual({ superseded: 60 - results.length });
});
