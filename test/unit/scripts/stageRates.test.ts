import { describe, expect, it } from 'vitest';
import {
  formatStageTable,
  msPerFrame,
  ownCores,
  rateWithin,
  type StageMeasurement,
} from '../../../scripts/demo/stageRates.mjs';

const counts = [
  { atMs: 1000, framesOut: 10 },
  { atMs: 2000, framesOut: 110 },
  { atMs: 3000, framesOut: 310 },
  { atMs: 4000, framesOut: 330 },
];

describe('the rate within a window', () => {
  it('is taken between the counts inside', () => {
    expect(rateWithin(counts, 1500, 3500)).toBe(200);
    expect(rateWithin(counts, 1000, 3000)).toBe(150);
    expect(rateWithin(counts, 0, 9999)).toBeCloseTo(320 / 3, 9);
  });

  it('is unknown with fewer than two counts', () => {
    expect(rateWithin(counts, 1500, 2500)).toBeNull();
    expect(rateWithin(counts, 4500, 5000)).toBeNull();
    expect(rateWithin([], 0, 1)).toBeNull();
    expect(rateWithin([counts[0]!, counts[0]!], 0, 9999)).toBeNull();
  });

  it('is 0 while nothing comes out', () => {
    const stuck = [1, 2, 3].map((atMs) => ({ atMs, framesOut: 7 }));
    expect(rateWithin(stuck, 0, 9)).toBe(0);
  });
});

const stage: StageMeasurement = {
  name: 'intake only',
  rateHz: 175,
  cpuMs: { camera: 700, node: 4200 },
  waitMs: { camera: 70, node: 0 },
  windowMs: 4000,
  busyCores: 1.26,
};

describe('the table of stages', () => {
  it('gives CPU time per frame: 4200 ms over 175 Hz * 4 s are 6 ms', () => {
    expect(msPerFrame(4200, stage)).toBe(6);
  });

  it('gives the cores used: 700 and 4200 ms in 4000 ms are 1.225', () => {
    expect(ownCores(stage)).toBe(1.225);
  });

  it('has rate, ideal, ratio and CPU time of each process', () => {
    const [heading, first, second] = formatStageTable(
      [stage, { ...stage, name: '+ all', rateHz: 0 }],
      1000 / 5.5,
      2,
    ).split('\n');
    expect(heading).toMatch(/^stage {8}measured {2}ideal/);
    expect(first!.split(/ {2,}/)).toEqual([
      ...['intake only', '175.0 Hz', '181.8 Hz', '96.3 %'],
      ...['camera 1.00, node 6.00', 'camera 0.10, node 0.00', '1.2 / 1.3 of 2'],
    ]);
    expect(second).toContain('0.0 %');
    // Of no frame there is no time per frame.
    expect(second).toContain('camera -, node -');
  });
});
