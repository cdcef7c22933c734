import { describe, expect, it } from 'vitest';
import { type LetterboxGeometry, solveLetterbox } from '#dist/core/geometry.js';
import { type Instances, instanceBuffers } from '#dist/core/result.js';
import { boxOf } from '#dist/core/spans.js';
import { RingSimplifier } from '#dist/postprocess/simplify.js';
import { makeRandom } from '../../support/random.js';
import { type BuiltModel, buildModel, defaultOptions, fillProto, putObject } from './build.js';
import {
  curvePx,
  distanceToRings,
  expectSound,
  type Point,
  ringsOf,
  sidesOf,
  signedArea,
  surround,
} from './rings.js';
import { makePostprocessor, run } from './run.js';

type Field = (y: number, x: number) => number;

const plain = solveLetterbox(128, 128, 128, 128);
const geometries: readonly { readonly name: string; readonly geometry: LetterboxGeometry }[] = [
  { name: 'source as large as the model', geometry: plain },
  { name: 'much larger', geometry: solveLetterbox(640, 360, 128, 128) },
  { name: 'smaller than the mask grid', geometry: solveLetterbox(24, 16, 128, 128) },
  { name: 'portrait', geometry: solveLetterbox(90, 250, 128, 128) },
  { name: 'stretched', geometry: solveLetterbox(640, 50, 128, 128, 'stretch') },
];

/** One object whose mask logits on the 32 x 32 grid are `field`; its box is 36 to 100 unless told, in model pixels. */
function objectOf(field: Field, cells: readonly number[] = [4, 4, 4, 4]): BuiltModel {
  const model = buildModel();
  fillProto(model, field);
  putObject(model, 0, 8, 8, { logit: 3, cells });
  return model;
}

function trace(model: BuiltModel, contourTolerancePx = 0, geometry: LetterboxGeometry = plain): Instances {
  return run(model, { contourTolerancePx }, geometry).instances;
}

function firstRings(model: BuiltModel, tolerancePx?: number, geometry?: LetterboxGeometry): Point[][] {
  return ringsOf(trace(model, tolerancePx, geometry), 0);
}

/** Outer boundaries and holes by their direction. */
function countRings(rings: readonly Point[][]): { outer: number; holes: number } {
  const outer = rings.filter((ring) => signedArea(ring) > 0).length;
  return { outer, holes: rings.length - outer };
}

/** A field from a drawing whose first character is the grid value (9, 9), the first inside the box. */
function drawn(rows: readonly string[], inside = 1, outside = -1): Field {
  return (y, x) => (rows[y - 9]?.[x - 9] === '#' ? inside : outside);
}

/** The interpolated mask logit at a source position, by the definition. */
function sampleField(field: Field, geometry: LetterboxGeometry, [x, y]: Point): number {
  const axis = (at: number, gain: number, padPx: number) => {
    const grid = Math.min(Math.max((at * gain + padPx) / 4 - 0.5, 0), 31);
    const low = Math.floor(grid);
    return { low, high: Math.min(low + 1, 31), weight: grid - low };
  };
  const h = axis(x, geometry.gainX, geometry.padXPx);
  const v = axis(y, geometry.gainY, geometry.padYPx);
  const top = field(v.low, h.low) * (1 - h.weight) + field(v.low, h.high) * h.weight;
  const bottom = field(v.high, h.low) * (1 - h.weight) + field(v.high, h.high) * h.weight;
  return top * (1 - v.weight) + bottom * v.weight;
}

const random = makeRandom(77);
const noise = Array.from({ length: 32 * 32 }, () => random() - 0.4);
const fields: Readonly<Record<string, Field>> = {
  'noise from cell to cell': (y, x) => noise[y * 32 + x],
  'zeros exactly': (y, x) => Math.round(noise[y * 32 + x] * 2),
  blobs: (y, x) => Math.fround(Math.sin(x / 1.5) + Math.cos(y / 2) - 0.2),
  'thin diagonals': (y, x) => Math.fround(Math.cos((x + y) * 2.2)),
};
const stored: Field = (y, x) => Math.fround(noise[y * 32 + x]);

describe.each(geometries)('contours, $name', ({ geometry }) => {
  it.each(Object.entries(fields))('enclose what is above 0 and nothing else: %s', (_, field) => {
    const seen: Field = field === fields['noise from cell to cell'] ? stored : field;
    const instances = trace(objectOf(field, [9, 5, 7, 9]), 0, geometry);
    const rings = ringsOf(instances, 0);
    const { x1, y1, x2, y2 } = boxOf(instances, 0);
    expectSound(instances);
    let inside = 0;
    for (let probe = 0; probe < 1500; probe++) {
      const point: Point = [x1 + random() * (x2 - x1), y1 + random() * (y2 - y1)];
      const { turns, crossings } = surround(rings, point);
      const isIn = sampleField(seen, geometry, point) > 0;
      inside += Number(isIn);
      // Even-odd and non-zero filling agree, and outer boundaries run clockwise.
      if (turns === crossings % 2 && (turns === 1) === isIn) continue;
      expect(distanceToRings(rings, point), `${point} is ${isIn}, ${turns} turns`).toBeLessThan(curvePx);
    }
    expect(inside).toBeGreaterThan(100);
  });
});

describe('the number of outer boundaries and holes', () => {
  const ring = ['#####', '#...#', '#...#', '#...#', '#####'];
  const island = ['#####', '#...#', '#.#.#', '#...#', '#####'];
  const board = ['#.#.#', '.#.#.', '#.#.#', '.#.#.', '#.#.#'];
  it.each([
    ['nothing inside', [], 1, -1, 0, 0],
    ['one value', ['.....', '..#..'], 1, -1, 1, 0],
    ['a ring', ring, 1, -1, 1, 1],
    ['a ring at the edge of the box', ring.map((row) => row), 5, -0.1, 1, 1],
    ['an island in a hole', ['.', ...island.map((row) => `.${row}`)], 1, -1, 2, 1],
    ['two blobs side by side', ['##.##', '##.##'], 1, -1, 2, 0],
    ['two blobs one above the other', ['##', '..', '##'], 1, -1, 2, 0],
    ['a saddle that joins', ['.....', '..#..', '.#...'], 2, -1, 1, 0],
    ['a saddle that parts', ['.....', '..#..', '.#...'], 1, -2, 2, 0],
    ['the other saddle that joins', ['.....', '.#...', '..#..'], 2, -1, 1, 0],
    ['the other saddle that parts', ['.....', '.#...', '..#..'], 1, -2, 2, 0],
    ['a checkerboard that joins', board, 2, -1, 1, 4],
    ['a checkerboard that parts', board, 1, -2, 13, 0],
  ] as const)('of %s', (_, rows, inside, outside, outer, holes) => {
    expect(countRings(firstRings(objectOf(drawn(rows, inside, outside))))).toEqual({ outer, holes });
  });

  it('peer bug 22: "only the largest contour": every part and every hole is there', () => {
    const rows = [
      '######.##',
      '#....#.##',
      '#.##.#...',
      '#.##.#..#',
      '#....#...',
      '######.##',
      '.........',
      '#.#.#.#.#',
    ];
    const instances = trace(objectOf(drawn(rows)), 0.5);
    const rings = ringsOf(instances, 0);
    expect(countRings(rings)).toEqual({ outer: 10, holes: 1 });
    // The outer boundary comes before its hole.
    const hole = rings.findIndex((ring) => signedArea(ring) < 0);
    expect(rings.slice(0, hole).some((ring) => surround([ring], rings[hole][0]).turns === 1)).toBe(true);
  });

  it('is one where the mask fills its box, and the contour is that box', () => {
    const rings = firstRings(
      objectOf(() => 1),
      0.5,
    );
    expect(rings).toHaveLength(1);
    expect(new Set(rings[0].map(String))).toEqual(new Set(['36,36', '100,36', '100,100', '36,100']));
  });

  it.each([
    ['left', (_y: number, x: number) => 14.5 - x, [36, 36, 60, 100]],
    ['top', (y: number) => 14.5 - y, [36, 36, 100, 60]],
    ['right', (_y: number, x: number) => x - 14.5, [60, 36, 100, 100]],
    ['bottom', (y: number) => y - 14.5, [36, 60, 100, 100]],
  ] as const)('is one where the %s edge of the box cuts the object', (_, field, [x1, y1, x2, y2]) => {
    const rings = firstRings(objectOf(field), 0.001);
    expect(rings).toHaveLength(1);
    const corners = [`${x1},${y1}`, `${x2},${y1}`, `${x2},${y2}`, `${x1},${y2}`];
    expect(new Set(rings[0].map(String))).toEqual(new Set(corners));
    expect(signedArea(rings[0])).toBe((x2 - x1) * (y2 - y1));
  });
});

describe('the place of the contour', () => {
  it.each(geometries)('is exact for a linear field, $name', ({ geometry }) => {
    for (let angle = 0; angle < 2 * Math.PI; angle += 0.37) {
      const [a, b] = [Math.cos(angle), Math.sin(angle)];
      // Grid value k lies at model pixel 4k + 2.
      const field: Field = (y, x) => a * (4 * x + 2 - 66.3) + b * (4 * y + 2 - 69.1);
      const instances = trace(objectOf(field), 0, geometry);
      const { x1, y1, x2, y2 } = boxOf(instances, 0);
      const rings = ringsOf(instances, 0);
      const inner = rings.flat().filter(([x, y]) => x > x1 && x < x2 && y > y1 && y < y2);
      // Off the line, in source pixels along its normal.
      const normal = Math.hypot(a * geometry.gainX, b * geometry.gainY);
      const off = inner.map(
        ([x, y]) =>
          (a * (x * geometry.gainX + geometry.padXPx - 66.3) +
            b * (y * geometry.gainY + geometry.padYPx - 69.1)) /
          normal,
      );
      expect(inner.length).toBeGreaterThan(3);
      expect(Math.max(...off.map(Math.abs))).toBeLessThan(1e-3);
      expect(rings).toHaveLength(1);
    }
  });

  it('gives a circle its area within 1%, and its hole', () => {
    const distance: Field = (y, x) => Math.hypot(4 * x + 2 - 67.7, 4 * y + 2 - 68.9);
    const disc = firstRings(objectOf((y, x) => 25 - distance(y, x)));
    expect(disc).toHaveLength(1);
    expect(Math.abs(signedArea(disc[0]) / (Math.PI * 25 ** 2) - 1)).toBeLessThan(0.01);
    const washer = firstRings(objectOf((y, x) => 6 - Math.abs(distance(y, x) - 19)));
    expect(washer.map((ring) => Math.sign(signedArea(ring)))).toEqual([1, -1]);
    expect(Math.abs(signedArea(washer[0]) / (Math.PI * 25 ** 2) - 1)).toBeLessThan(0.01);
    expect(Math.abs(signedArea(washer[1]) / (-Math.PI * 13 ** 2) - 1)).toBeLessThan(0.03);
  });

  it('follows the curve inside a cell: a hyperbola is not cut straight', () => {
    // xy = k over few cells of 60 source pixels.
    const geometry = solveLetterbox(1920, 1920, 128, 128);
    const field: Field = (y, x) => (x - 14.5) * (y - 14.5) - 0.3;
    const rings = firstRings(objectOf(field), 0, geometry);
    const off = rings.flatMap((ring) =>
      sidesOf(ring).map(([p, q]) => {
        const middle: Point = [(p[0] + q[0]) / 2, (p[1] + q[1]) / 2];
        const [x, y] = middle.map((at) => (at / 15 - 2) / 4 - 14.5);
        return x * y - 0.3 > 0.5 ? 0 : Math.abs(x * y - 0.3) / Math.hypot(x, y);
      }),
    );
    expect(Math.max(...off) * 60).toBeLessThan(0.06);
  });
});

describe('simplified contours', () => {
  const model = objectOf(
    (y, x) => Math.sin(x / 1.7) + Math.cos(y / 2.3) + 0.4 * noise[y * 32 + x],
    [9, 9, 9, 9],
  );
  const geometry = solveLetterbox(640, 360, 128, 128);
  const exact = firstRings(model, 0, geometry);

  it.each([0.1, 0.5, 2, 10])(
    'with tolerance %f px are nowhere farther than that from the exact ones',
    (tolerancePx) => {
      const instances = trace(model, tolerancePx, geometry);
      expectSound(instances);
      const rings = ringsOf(instances, 0);
      const wanted = exact.filter((ring) => Math.abs(signedArea(ring)) >= tolerancePx ** 2);
      expect(rings).toHaveLength(wanted.length);
      wanted.forEach((ring, at) => {
        const far = ring.filter((point) => distanceToRings([rings[at]], point) > tolerancePx + 1e-5);
        expect(far).toEqual([]);
        expect(Math.sign(signedArea(rings[at]))).toBe(Math.sign(signedArea(ring)));
        const points = new Set(ring.map(String));
        expect(rings[at].every((point) => points.has(String(point)))).toBe(true);
      });
      expect(rings.flat().length).toBeLessThan(exact.flat().length * (tolerancePx < 0.5 ? 0.8 : 0.4));
    },
  );

  it('keep thin parts: a ring that would lose its area stays as it is', () => {
    const sliver: Field = (y, x) => (y === 14 ? 1 : -40) * (x > 10 && x < 20 ? 1 : 30);
    const exactSliver = firstRings(objectOf(sliver));
    expect(exactSliver).toHaveLength(1);
    expect(Math.abs(signedArea(exactSliver[0]))).toBeGreaterThan(4);
    expect(firstRings(objectOf(sliver), 2)).toEqual(exactSliver);
  });

  it('leave out rings whose area is below the square of the tolerance, and only those', () => {
    const dot = objectOf(drawn(['.....', '..#..']));
    const [areaPx] = firstRings(dot).map(signedArea);
    expect(firstRings(dot, Math.sqrt(areaPx) * 0.99)).toHaveLength(1);
    expect(firstRings(dot, Math.sqrt(areaPx) * 1.01)).toHaveLength(0);
  });

  it('of crooked rings of any points are as near', () => {
    const simplifier = new RingSimplifier();
    for (let round = 0; round < 3000; round++) {
      const points = Float32Array.from({ length: 12 }, () => random() * 20);
      const before = Array.from({ length: 6 }, (_, at): Point => [points[at * 2], points[at * 2 + 1]]);
      const tolerancePx = random() * 6;
      const kept = before.slice(0, simplifier.simplify(points, 0, 6, tolerancePx));
      kept.forEach((_, at) => {
        kept[at] = [points[at * 2], points[at * 2 + 1]];
      });
      const off = before.map((point) => distanceToRings([kept], point));
      expect(Math.max(...off)).toBeLessThanOrEqual(tolerancePx + 1e-5);
    }
  });

  it('of 100,000 points are as near as of few', () => {
    const points = new Float32Array(200_006).fill(-1);
    for (let at = 0; at < 100_000; at++) {
      const radius = 1000 + (random() - 0.5);
      points[(at + 3) * 2] = 2000 + radius * Math.cos(at / 15915.5);
      points[(at + 3) * 2 + 1] = 2000 + radius * Math.sin(at / 15915.5);
    }
    const before = points.slice();
    const count = new RingSimplifier().simplify(points, 3, 100_000, 2);
    expect(count).toBeLessThan(200);
    const kept = Array.from(
      { length: count },
      (_, at): Point => [points[(at + 3) * 2], points[(at + 3) * 2 + 1]],
    );
    for (let at = 3; at < 100_003; at += 7) {
      expect(distanceToRings([kept], [before[at * 2], before[at * 2 + 1]])).toBeLessThan(2.0001);
    }
    expect([...points.subarray(0, 6)]).toEqual([-1, -1, -1, -1, -1, -1]);
  });
});

describe('contours of any field', () => {
  it('are closed, in their box and without repeated points, at any tolerance', () => {
    for (let seed = 1; seed <= 40; seed++) {
      const own = makeRandom(seed);
      const model = buildModel();
      fillProto(model, () => Math.round((own() - 0.5) * 8) / 2);
      for (let at = 0; at < 12; at++) {
        const level = Math.floor(own() * 3);
        const cells = 16 >> level;
        putObject(model, level, Math.floor(own() * cells), Math.floor(own() * cells), {
          logit: own() * 3,
          classId: at % 3,
          cells: [0, 1, 2, 3].map(() => Math.floor(own() * 9)),
          coefs: [own() - 0.3],
        });
      }
      const { geometry } = geometries[seed % geometries.length];
      for (const tolerancePx of [0, 0.3, 5]) expectSound(trace(model, tolerancePx, geometry));
    }
  });

  it.each([Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY])('stand a %f in it', (value) => {
    for (const share of [0.02, 0.5, 1]) {
      const own = makeRandom(9);
      const model = objectOf(() => (own() < share ? value : own() - 0.4), [9, 9, 9, 9]);
      for (const tolerancePx of [0, 0.5]) {
        for (const { geometry } of geometries) expectSound(trace(model, tolerancePx, geometry));
      }
    }
  });
});

describe('contours', () => {
  it('are not made unless asked for', () => {
    expect(run(objectOf(() => 1)).instances.contours).toBeNull();
  });

  it('of a frame without objects are empty', () => {
    const { contours } = trace(buildModel());
    expect(contours).toEqual({
      points: new Float32Array(0),
      ringStarts: new Uint32Array(1),
      instanceStarts: new Uint32Array(1),
    });
  });

  it('leave boxes, scores and masks as they are, and belong to their result alone', () => {
    const model = objectOf(fields.blobs);
    const postprocessor = makePostprocessor(model);
    const options = { ...defaultOptions, contourTolerancePx: 0.5 };
    const first = postprocessor.run(model.tensors, plain, options).instances;
    const points = first.contours!.points.slice();
    const second = postprocessor.run(model.tensors, plain, options).instances;
    expect(second).toEqual(first);
    expect(second.contours!.points.buffer).not.toBe(first.contours!.points.buffer);
    postprocessor.run(model.tensors, solveLetterbox(640, 360, 128, 128), options);
    expect(first.contours!.points).toEqual(points);
    expect({ ...first, contours: null }).toEqual(run(model).instances);
  });
});

it('instances with contours cross threads without a copy', () => {
  const instances = trace(objectOf(fields.blobs), 0.5);
  const copy = structuredClone(instances);
  const moved = structuredClone(instances, { transfer: instanceBuffers(instances) });
  expect(moved).toEqual(copy);
  const { contours, count: _, ...arrays } = instances;
  const lengths = Object.values({ ...arrays, ...contours }).map((array) => array.length);
  expect(lengths).toEqual([0, 0, 0, 0, 0, 0, 0, 0]);
});
