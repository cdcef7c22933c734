import { expect, it } from 'vitest';
import type { FrameLease } from '#dist/core/frame.js';
import { LatestOnly } from '#dist/pipeline/latestOnly.js';
import { FakeFrame } from './fakes.js';

it('LatestOnly keeps one frame and closes the older before it says so', () => {
  const superseded: [sequence: number, closed: number][] = [];
  const latest = new LatestOnly((frame: FrameLease) =>
    superseded.push([frame.header.sequence, (frame as FakeFrame).closed]),
  );
  const [a, b] = [new FakeFrame(0), new FakeFrame(1)];
  expect(latest.take()).toBeNull();
  latest.put(a);
  latest.put(b);
  expect(superseded).toEqual([[0, 1]]);
  expect(latest.take()).toBe(b);
  expect(b.closed).toBe(0);
  expect(latest.take()).toBeNull();
});
