import { describe, expect, it } from 'vitest';
import { figuresOf } from '#dist/bench/figures.js';

const stages = {
  wait: [9, 9, 9, 9, 9, 9, 9, 9, 9, 9],
  prepare: [1, 2, 1, 3, 1.5, 2, 1, 1, 2, 4],
  queue: [0, 1, 0.5, 0, 2, 1, 0, 3, 0, 1],
  infer: [10, 11, 9, 12, 10, 30, 10.5, 10, 9.5, 11],
  decode: [0.5, 0.25, 0.5, 0.75, 0.5, 0.5, 0.25, 0.25, 0.5, 1],
  masks: [1, 2, 3, 1, 2, 3, 1, 2, 3, 2],
};

function framesOf(count: number) {
  return Array.from({ length: count }, (_, frame) => ({
    wait: stages.wait[frame]!,
    prepare: stages.prepare[frame]!,
    queue: stages.queue[frame]!,
    infer: stages.infer[frame]!,
    decode: stages.decode[frame]!,
    masks: stages.masks[frame]!,
  }));
}

describe('figuresOf', () => {
  // numpy: l = prepare + queue + infer; l.mean(), numpy.percentile(l, [50, 95], method='inverted_cdf')
  it('agrees with numpy', () => {
    const figures = figuresOf(2, { runMs: 80, stageTimesMs: framesOf(10), instanceCount: 31 });
    expect(figures).toMatchObject({ tasksInFlight: 2, frames: 10, runMs: 80, instanceCount: 31 });
    expect(figures.framesPerSecond).toBe(125);
    expect(figures.latencyMs).toEqual({ mean: 15, p50: 13.5, p95: 33, min: 10.5, max: 33 });
    expect(figures.stageMeanMs).toEqual({ prepare: 1.85, queue: 0.85, infer: 12.3, decode: 0.5, masks: 2 });
    expect(figures.postprocessMs).toBe(2.5);
    expect(figures.postprocessShare).toBeCloseTo(2.5 / 17.5, 12);
  });

  it('takes a single frame for all of the latencies', () => {
    const { latencyMs, framesPerSecond } = figuresOf(1, {
      runMs: 12.5,
      stageTimesMs: framesOf(1),
      instanceCount: 0,
    });
    expect(latencyMs).toEqual({ mean: 11, p50: 11, p95: 11, min: 11, max: 11 });
    expect(framesPerSecond).toBe(80);
  });
});
