import { describe, expect, it } from 'vitest';
import { PipelineStats } from '#dist/pipeline/stats.js';
import { Health, worstOf } from '#dist/ros2/health.js';
import type { CameraReport } from '#dist/ros2/report.js';

const snapshot = new PipelineStats().snapshot();
const idle: CameraReport = {
  name: null,
  pipeline: { ...snapshot, framesIn: 100, rateOutHz: 20, stampAgeMs: { p50: 30, p95: 60, p99: 70, max: 80 } },
  framesInWork: 0,
  input: null,
  outputs: [],
  depth: null,
  overlayErrors: 0,
};
const nothing = { maxLatencyMs: 0, minRateHz: 0 };
const judge = (report: CameraReport, limits: object, isTaking = true) =>
  new Health()
    .judge(report, isTaking, { ...nothing, ...limits }, 0)
    .map(({ severity, message }) => `${severity}: ${message}`);

describe('limits', () => {
  it.each([
    [{}, []],
    [{ maxLatencyMs: 60 }, []],
    [{ maxLatencyMs: 59 }, ['warn: 5 of 100 results are older than 60 ms; diagnostics.max_latency_ms is 59']],
    [{ maxLatencyMs: 30 }, [expect.stringMatching(/^warn: /)]],
    [{ maxLatencyMs: 29.9 }, [expect.stringMatching(/^error: /)]],
    [{ minRateHz: 20 }, []],
    [{ minRateHz: 20.1 }, ['warn: 20.0 results a second; diagnostics.min_rate_hz is 20.1']],
    [{ minRateHz: 40 }, [expect.stringMatching(/^warn: /)]],
    [{ minRateHz: 41 }, [expect.stringMatching(/^error: /)]],
  ])('%j', (limits, problems) => {
    expect(judge(idle, limits)).toEqual(problems);
  });

  it.each([
    ['takes no frames', idle, false],
    ['has no model', { ...idle, pipeline: null }, true],
  ])('are not judged while the node %s', (_, report, isTaking) => {
    expect(judge(report, { maxLatencyMs: 1, minRateHz: 100 }, isTaking)).toEqual([]);
  });

  it('of the rate are not judged before the first frame, nor those of an age that is not known', () => {
    const pipeline = { ...snapshot, framesIn: 0 };
    expect(judge({ ...idle, pipeline }, { maxLatencyMs: 1, minRateHz: 100 })).toEqual([]);
  });
});

describe('drops and refusals', () => {
  const reportOf = (framesIn: number, drops: Record<string, number>): CameraReport => ({
    ...idle,
    pipeline: { ...snapshot, framesIn, drops },
  });
  const warned = (health: Health, report: CameraReport, nowMs: number) =>
    health.judge(report, true, nothing, nowMs).map(({ message }) => message);

  it('warn where a tenth of the last frames was dropped by a fault, and no more when that has passed', () => {
    const health = new Health();
    expect(warned(health, reportOf(0, {}), 0)).toEqual([]);
    expect(warned(health, reportOf(100, { superseded: 90, encoding: 9 }), 1000)).toEqual([]);
    expect(warned(health, reportOf(110, { superseded: 90, encoding: 8, size: 3 }), 2000)).toEqual([
      '11 of the last 110 frames were dropped by a fault (in all: encoding 8, size 3); the log says why',
    ]);
    expect(warned(health, reportOf(120, { superseded: 100, encoding: 8, size: 3 }), 9000)).toEqual([]);
  });

  it('begin anew with another model', () => {
    const health = new Health();
    warned(health, reportOf(100, { picture: 50 }), 0);
    expect(warned(health, reportOf(0, {}), 1000)).toEqual([]);
    expect(warned(health, reportOf(10, { picture: 5 }), 2000)).toEqual([
      expect.stringMatching(/^5 of the last 10 /),
    ]);
  });

  it('warn of messages that the middleware refuses, with their topics', () => {
    const health = new Health();
    const outputs = (handedOver: number, refused: number): CameraReport => ({
      ...idle,
      outputs: [
        { topic: '~/detections', handedOver, refused: 0 },
        { topic: '~/masks', handedOver: 0, refused },
      ],
    });
    expect(warned(health, outputs(0, 0), 0)).toEqual([]);
    expect(warned(health, outputs(10, 5), 1000)).toEqual([
      'the middleware refused 5 of the last 15 messages, of ~/masks; the log says why',
    ]);
  });
});

describe('worstOf', () => {
  it('is as severe as the worst and tells it first', () => {
    const [a, b] = [
      { severity: 'warn', message: 'a' },
      { severity: 'error', message: 'b' },
    ] as const;
    expect(worstOf([])).toBeNull();
    expect(worstOf([a])).toEqual(a);
    expect(worstOf([a, b])).toEqual({ severity: 'error', message: 'b; a' });
  });
});
