import { describe, expect, it } from 'vitest';
import { findCells } from '#dist/postprocess/scan.js';
import { findCellsFast } from '#dist/postprocess/simdScan.js';
import { floatThreshold, integerThreshold, logitOf, sigmoid } from '#dist/postprocess/threshold.js';
import { makeRandom } from '../../support/random.js';

const specials = [0, -0, 1e-45, -1e-45, 1, -1, 88, -88, 3e38, -3e38, Math.fround(logitOf(0.25))];

function passes(values: Float32Array, threshold: number): boolean[] {
  const { flip, limit } = floatThreshold(threshold);
  return [...new Int32Array(values.buffer)].map((bits) => (bits ^ flip) < limit);
}

describe('comparing bits instead of floats', () => {
  it('is the float comparison for every finite value and -Infinity, at every threshold', () => {
    const random = makeRandom(4);
    const noise = Array.from({ length: 300 }, () => (random() - 0.5) * 2 ** Math.floor(random() * 40 - 20));
    const values = Float32Array.from([...specials, ...noise, Number.NEGATIVE_INFINITY]);
    const thresholds = [
      ...specials,
      ...noise.slice(0, 50),
      ...values,
      1e-60,
      -1e-60,
      logitOf(0.25),
      logitOf(0.7),
      Number.NEGATIVE_INFINITY,
      Number.POSITIVE_INFINITY,
    ];
    for (const threshold of thresholds) {
      expect(passes(values, threshold), `threshold ${threshold}`).toEqual(
        [...values].map((value) => value > threshold),
      );
    }
  });

  it('keeps a value at the threshold out and lets the next float in, on both sides of a half', () => {
    for (const at of [-1.5, -0.75, 0, 0.75, 1.5]) {
      const values = Float32Array.of(at, at);
      if (at === 0) values[1] = 1e-45;
      else new Int32Array(values.buffer)[1] += at > 0 ? 1 : -1;
      expect(passes(values, at)).toEqual([false, true]);
    }
  });

  it('never lets a NaN with its sign set or -Infinity through', () => {
    const values = new Float32Array(new Int32Array([-0x400000, -0x800000]).buffer);
    expect(passes(values, -5)).toEqual([false, false]);
    expect(passes(values, 5)).toEqual([false, false]);
  });

  it('is the integer comparison for integers', () => {
    const { flip, limit } = integerThreshold(-7);
    expect([-9, -8, -7, -6, 0, 9].map((value) => (value ^ flip) < limit)).toEqual([
      ...[false, false, false],
      ...[true, true, true],
    ]);
  });
});

it('logit and sigmoid are each other backwards, ends included', () => {
  expect(sigmoid(logitOf(0.25))).toBeCloseTo(0.25, 12);
  expect([sigmoid(logitOf(0)), sigmoid(logitOf(1))]).toEqual([0, 1]);
});

describe.each([
  ['findCells', findCells],
  ['findCellsFast', findCellsFast],
])('finding cells by %s', (_, findBy) => {
  const { flip, limit } = integerThreshold(100);
  const find = (data: Int32Array, channels: number, start = 0, end = data.length) => {
    const cells = new Uint32Array(64);
    const count = findBy(data, start, end, channels, flip, limit, 5, cells, 0);
    return [...cells.subarray(0, count)].map((cell) => cell - 5);
  };

  it.each([1, 2, 3, 5, 7, 8, 9, 16, 23])(
    'lists each cell of %i channels once, wherever its element lies',
    (channels) => {
      for (let at = 0; at < channels * 6; at++) {
        const data = new Int32Array(channels * 6);
        data[at] = 101;
        expect(find(data, channels)).toEqual([Math.floor(at / channels)]);
      }
      expect(find(new Int32Array(channels * 6).fill(101), channels)).toEqual([0, 1, 2, 3, 4, 5]);
      expect(find(new Int32Array(channels * 6).fill(100), channels)).toEqual([]);
    },
  );

  it.each([0, 1e-4, 0.002, 0.05, 0.6, 1])(
    'lists in their order what each cell alone says, where a share of %f is above',
    (share) => {
      const random = makeRandom(11);
      for (const [channels, cellCount] of [
        ...[1, 3, 5, 23].map((one) => [one, 2000] as const),
        [80, 400],
        [1203, 41],
        [512, 7],
        // Above and at what the kernel's memory holds.
        [16385, 3],
        [16384, 3],
      ] as const) {
        const start = Math.floor(random() * 9);
        // A last cell may be cut off, as between the rows of a tensor with cells apart.
        const end = start + channels * cellCount - Math.floor(random() * channels);
        const data = Int32Array.from({ length: end + 9 }, () => (random() < share ? 101 : 100));
        data.fill(101, 0, start).fill(101, end);
        const expected: number[] = [];
        for (let cell = 0; cell < cellCount; cell++) {
          const first = start + cell * channels;
          if (data.subarray(first, Math.min(first + channels, end)).includes(101)) expected.push(cell + 3);
        }
        const cells = new Uint32Array(cellCount + 2).fill(77);
        const count = findBy(data, start, end, channels, flip, limit, 3, cells, 2);
        expect([...cells.subarray(0, 2)]).toEqual([77, 77]);
        expect([...cells.subarray(2, count)]).toEqual(expected);
      }
    },
  );

  it('stays within its part of the data', () => {
    const data = new Int32Array(40).fill(0);
    data[9] = 200;
    data[30] = 200;
    expect(find(data, 5, 10, 30)).toEqual([]);
    expect(find(data, 5, 10, 31)).toEqual([4]);
  });
});
