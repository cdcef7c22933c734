import { expect, it } from 'vitest';
import { performanceMetrics, resourceMetrics } from '../../bench/field/isaacMetrics.mjs';
import { assertSameDetections, assertSamePlanes } from '../../bench/field/sameWork.mjs';

/** By hand, after the formulas of ros2_benchmark's basic_performance_calculator.py. */
it('names and computes figures as ros2_benchmark does', () => {
  const sent = new Map([
    ['a', 0],
    ['b', 100],
    ['c', 200],
    ['d', 300],
    ['e', 400],
  ]);
  const received = new Map([
    ['a', 10],
    ['b', 130],
    ['d', 320],
    ['e', 416],
  ]);
  const found = performanceMetrics(sent, received);
  const expected = {
    RECEIVED_DURATION: 406,
    MEAN_PLAYBACK_FRAME_RATE: 12.5,
    MEAN_FRAME_RATE: 4000 / 406,
    NUM_MISSED_FRAMES: 1,
    NUM_FRAMES_SENT: 5,
    FIRST_SENT_RECEIVED_LATENCY: 10,
    LAST_SENT_RECEIVED_LATENCY: 16,
    MAX_LATENCY: 30,
    MIN_LATENCY: 10,
    MEAN_LATENCY: 19,
    // Between results 120, 190, 96; from one to the next 70 and 94.
    MAX_JITTER: 94,
    MIN_JITTER: 70,
    MEAN_JITTER: 82,
    STD_DEV_JITTER: 12,
  };
  expect(Object.keys(found)).toEqual(Object.keys(expected).map((name) => `BasicPerformanceMetrics.${name}`));
  for (const [name, value] of Object.entries(expected)) {
    expect(found[`BasicPerformanceMetrics.${name}`], name).toBeCloseTo(value, 9);
  }
  const resources = resourceMetrics(5, [10, 20, 60]);
  expect(resources['ResourceMetrics.MEAN_OVERALL_CPU_UTILIZATION']).toBe(30);
  expect(resources['ResourceMetrics.STDDEV_OVERALL_CPU_UTILIZATION']).toBeCloseTo(Math.sqrt(1400 / 3), 9);
});

it('refuses figures of frames that were not sent, or of too few', () => {
  const sent = new Map([
    ['a', 0],
    ['b', 1],
    ['c', 2],
  ]);
  expect(() => performanceMetrics(sent, new Map([...sent, ['x', 3]]))).toThrow('of them 1 not sent');
  expect(() => performanceMetrics(sent, new Map([['a', 1]]))).toThrow('3 frames sent, 1 received');
});

const one = {
  box: [0, 0, 100, 3],
  score: 0.5,
  classId: 2,
  spans: [
    [0, 0, 100],
    [1, 0, 100],
    [2, 0, 100],
  ],
} as const;

it('takes detections for the same work only where objects, boxes, scores and masks are', () => {
  expect(assertSameDetections('it', [one], [one])).toEqual({ boxPx: 0, score: 0, maskPixels: 0 });
  const near = { ...one, spans: [...one.spans.slice(0, 2), [2, 1, 101] as const] };
  expect(assertSameDetections('it', [near], [one]).maskPixels).toBeCloseTo(2 / 300, 9);
  for (const [other, what] of [
    [[], 'classes'],
    [[{ ...one, classId: 3 }], 'classes 3 beside 2'],
    [[{ ...one, box: [0, 0, 100.02, 3] }], 'boxPx'],
    [[{ ...one, score: 0.50002 }], 'score'],
    [[{ ...one, score: Number.NaN }], 'score'],
    [[{ ...one, spans: one.spans.slice(0, 2) }], 'maskPixels'],
  ] as const) {
    expect(() => assertSameDetections('it', other, [one])).toThrow(what);
  }
});

it('takes model inputs for the same work only where they are near each other', () => {
  const planes = Float32Array.of(0, 0.5, 1, 0.25);
  const found = assertSamePlanes(
    'it',
    planes.map((value) => value + 1 / 255),
    planes,
    1.01,
  );
  expect(found.mean).toBeCloseTo(1, 4);
  expect(found.greatest).toBeCloseTo(1, 4);
  expect(() =>
    assertSamePlanes(
      'it',
      planes,
      planes.map((value) => value - 0.1),
      1,
    ),
  ).toThrow('25.5');
  expect(() => assertSamePlanes('it', planes, planes.subarray(1), 1)).toThrow('4 values beside 3');
  expect(() => assertSamePlanes('it', Float32Array.of(Number.NaN), Float32Array.of(0), 1)).toThrow('NaN');
});
