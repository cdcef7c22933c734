import { expect, it } from 'vitest';
import { chooseWorkers, describeChoice, mostWorkers } from '#dist/backends/bpu/workerChoice.js';

/** 182 frames a second leave one worker 5.495 ms a frame; by hand from there. */
it.each([
  { frameMs: 1.2, cores: 8, workers: 1 },
  { frameMs: 5.49, cores: 8, workers: 1 },
  { frameMs: 5.5, cores: 8, workers: 2 },
  { frameMs: 16, cores: 8, workers: 3 },
  { frameMs: 21.9, cores: 8, workers: 4 },
  { frameMs: 60, cores: 8, workers: 4 },
  { frameMs: 60, cores: 128, workers: 8 },
  { frameMs: 60, cores: 4, workers: 2 },
  { frameMs: 60, cores: 3, workers: 1 },
  { frameMs: 60, cores: 1, workers: 1 },
  { frameMs: 0, cores: 8, workers: 1 },
])('$frameMs ms a frame on $cores cores take $workers', ({ workers, ...figures }) => {
  expect(chooseWorkers(figures)).toBe(workers);
  expect(mostWorkers(figures.cores)).toBeGreaterThanOrEqual(workers);
});

it('says what the choice is made of', () => {
  expect(describeChoice({ frameMs: 16.234, cores: 8 })).toBe(
    'a made-up frame takes one 16.23 ms; for 182 frames/s, with at most half of 8 cores',
  );
});
