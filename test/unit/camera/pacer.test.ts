import { describe, expect, it } from 'vitest';
import { Pacer } from '#dist/camera/pacer.js';

describe('the pacer', () => {
  it('sends the first frame at once', () => {
    expect(new Pacer(30, 1000).waitMs(1000)).toBe(0);
  });

  it('does not drift when every frame is sent late', () => {
    const pacer = new Pacer(100, 0);
    let nowMs = 0;
    for (let frame = 0; frame < 1000; frame++) {
      // Timers that fire 0.9 ms late would make 1090 ms out of 1000 if periods were added up.
      nowMs += pacer.waitMs(nowMs) + 0.9;
      pacer.sent();
    }
    expect(nowMs).toBeCloseTo(9990.9, 6);
    expect(pacer.skipped).toBe(0);
  });

  it('skips and counts the due times of a stall instead of sending a burst', () => {
    const pacer = new Pacer(10, 0);
    pacer.waitMs(0);
    pacer.sent();
    // Due at 100, 200, 300: those are gone at 350, the one of 300 is sent now.
    expect(pacer.waitMs(350)).toBe(0);
    expect(pacer.skipped).toBe(2);
    pacer.sent();
    expect(pacer.waitMs(350)).toBe(50);
  });

  it('never waits at rate 0', () => {
    const pacer = new Pacer(0, 0);
    for (let frame = 0; frame < 5; frame++) {
      expect(pacer.waitMs(0)).toBe(0);
      pacer.sent();
    }
    expect(pacer.skipped).toBe(0);
  });
});
