import { describe, expect, it } from 'vitest';
import { PipelineStats } from '#dist/pipeline/stats.js';
import { RateWindow, ValueWindow } from '#dist/pipeline/windows.js';
import { FakeClock, fakeResult } from './fakes.js';

describe('ValueWindow', () => {
  it('gives nearest-rank percentiles of the last values', () => {
    const window = new ValueWindow(100);
    expect(window.percentiles()).toEqual({ p50: null, p95: null, p99: null, max: null });
    for (let value = 1; value <= 150; value++) window.add(value);
    expect(window.count).toBe(100);
    expect(window.percentiles()).toEqual({ p50: 100, p95: 145, p99: 149, max: 150 });
  });

  it('is right for one value and after clear', () => {
    const window = new ValueWindow(4);
    window.add(7);
    expect(window.percentiles()).toEqual({ p50: 7, p95: 7, p99: 7, max: 7 });
    window.clear();
    expect(window.count).toBe(0);
  });
});

describe('RateWindow', () => {
  it('counts events of the last seconds', () => {
    const rate = new RateWindow(0, 2000);
    for (let timeMs = 0; timeMs <= 10_000; timeMs += 20) rate.add(timeMs);
    expect(rate.perSecond(10_000)).toBeCloseTo(50, 1);
    expect(rate.perSecond(13_000)).toBe(0);
  });

  it('takes the time since the start while the window is not full', () => {
    const rate = new RateWindow(0, 2000);
    for (let timeMs = 0; timeMs < 500; timeMs += 10) rate.add(timeMs);
    expect(rate.perSecond(500)).toBeCloseTo(100, 1);
  });

  it('is right when there are more events in the window than it remembers', () => {
    const rate = new RateWindow(0, 2000, 64);
    for (let timeMs = 0; timeMs <= 4000; timeMs += 1) rate.add(timeMs);
    expect(rate.perSecond(4000)).toBeGreaterThan(950);
    expect(rate.perSecond(4000)).toBeLessThan(1050);
  });
});

describe('PipelineStats', () => {
  it('reports counters, drops by reason, stages and ages', () => {
    const clock = new FakeClock();
    const stats = new PipelineStats(clock);
    clock.now += 100;
    stats.countIn();
    stats.countIn();
    stats.countDrop('superseded');
    const stampNs = BigInt(clock.realtime - 30) * 1_000_000n;
    stats.countOut(fakeResult(0, stampNs), clock.now - 12);
    const snapshot = stats.snapshot();
    expect(snapshot).toMatchObject({ framesIn: 2, framesOut: 1, dropsTotal: 1, drops: { superseded: 1 } });
    expect(snapshot.rateInHz).toBeCloseTo(20, 5);
    expect(snapshot.stagesMs.masks.p50).toBe(6);
    expect(snapshot.takenToResultMs.p50).toBe(12);
    expect(snapshot.stampAgeMs.p50).toBeCloseTo(30, 2);
    expect(snapshot.clockMismatchMs).toBeNull();
  });

  it('reports a stamp more than 5 s away as a clock mismatch, not as latency', () => {
    const clock = new FakeClock();
    const stats = new PipelineStats(clock);
    stats.countOut(fakeResult(0, BigInt(clock.realtime + 6000) * 1_000_000n), clock.now);
    expect(stats.snapshot().clockMismatchMs).toBeCloseTo(-6000, 0);
    expect(stats.snapshot().stampAgeMs.p50).toBeNull();
    stats.countOut(fakeResult(1, BigInt(clock.realtime) * 1_000_000n), clock.now);
    expect(stats.snapshot().clockMismatchMs).toBeNull();
    expect(stats.snapshot().stampAgeMs.p50).toBeCloseTo(0, 2);
  });

  it('has no age and no mismatch where the time is not known', () => {
    const stats = new PipelineStats({ nowMs: () => 0, realtimeMs: () => null });
    stats.countOut(fakeResult(0, 1n), 0);
    const { stampAgeMs, clockMismatchMs, framesOut } = stats.snapshot();
    expect([stampAgeMs.p50, clockMismatchMs, framesOut]).toEqual([null, null, 1]);
  });

  // Stages of the fake result: prepare 2, queue 3, infer 4, decode 5, masks 6 ms.
  it.each([
    [1, 1, 50],
    [3, 1, 1000 / 9],
    [3, 3, 150],
    [4, 2, 200],
  ])(
    'tells the possible rate with %i frames in flight, %i of them inputs',
    (framesInFlight, inputsInFlight, hz) => {
      const stats = new PipelineStats(new FakeClock(), { framesInFlight, inputsInFlight });
      expect(stats.snapshot().ratePossibleHz).toBeNull();
      stats.countOut(fakeResult(0), 0);
      expect(stats.snapshot().ratePossibleHz).toBeCloseTo(hz, 6);
    },
  );

  it('never tells a possible rate below the one that was reached', () => {
    const clock = new FakeClock();
    const stats = new PipelineStats(clock);
    for (let frame = 0; frame < 1000; frame++) {
      clock.now += 4;
      stats.countOut(fakeResult(frame), clock.now);
    }
    expect(stats.snapshot().ratePossibleHz).toBeCloseTo(250, 0);
  });

  it('counts frames that are refused or replaced before they are offered as in and as dropped', () => {
    const clock = new FakeClock();
    const stats = new PipelineStats(clock);
    for (let frame = 0; frame < 320; frame++) {
      clock.now += 1000 / 160;
      stats.countUnoffered(frame % 4 === 0 ? 'superseded' : 'encoding');
    }
    const snapshot = stats.snapshot();
    expect(snapshot).toMatchObject({
      framesIn: 320,
      framesOut: 0,
      dropsTotal: 320,
      drops: { encoding: 240, superseded: 80 },
    });
    expect(snapshot.rateInHz).toBeCloseTo(160, 0);
  });

  it('starts windows anew but keeps counters', () => {
    const stats = new PipelineStats(new FakeClock());
    stats.countIn();
    stats.countOut(fakeResult(0), 0);
    stats.restartWindows();
    expect(stats.snapshot()).toMatchObject({ framesIn: 1, framesOut: 1, rateInHz: 0 });
    expect(stats.snapshot().stagesMs.infer.p50).toBeNull();
  });
});
