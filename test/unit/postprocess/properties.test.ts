import { describe, expect, it } from 'vitest';
import { type LetterboxGeometry, solveLetterbox } from '#dist/core/geometry.js';
import type { Instances } from '#dist/core/result.js';
import { boxOf } from '#dist/core/spans.js';
import { makeRandom } from '../../support/random.js';
import {
  type BuiltModel,
  buildModel,
  fillProto,
  putObject,
  setReal,
  spansOf,
  type TensorForm,
} from './build.js';
import { expectSame } from './expectSame.js';
import { randomScene, shuffle } from './randomScene.js';
import { boxes, run } from './run.js';

const seeds = Array.from({ length: 25 }, (_, index) => index + 1);

const geometries: readonly LetterboxGeometry[] = [
  solveLetterbox(128, 128, 128, 128),
  solveLetterbox(640, 360, 128, 128),
  solveLetterbox(24, 16, 128, 128),
  solveLetterbox(90, 250, 128, 128),
  solveLetterbox(640, 50, 128, 128, 'stretch'),
  solveLetterbox(322, 238, 128, 128),
];
const geometryOf = (seed: number) => geometries[seed % geometries.length];

/** Boxes in the picture and not empty; spans not empty, sorted, apart, with every pixel's centre in the box. */
function expectInside(instances: Instances, geometry: LetterboxGeometry): void {
  for (let index = 0; index < instances.count; index++) {
    const { x1, y1, x2, y2 } = boxOf(instances, index);
    expect(x1 >= 0 && y1 >= 0 && x1 < x2 && y1 < y2).toBe(true);
    expect(x2 <= geometry.sourceWidthPx && y2 <= geometry.sourceHeightPx).toBe(true);
    expect(instances.scores[index] > 0 && instances.scores[index] <= 1).toBe(true);
    const spans = spansOf(instances, index);
    const strays = spans.filter(([y, from, to], at) => {
      const [lastY, , lastTo] = spans[at - 1] ?? [-1, -1, -1];
      const isSorted = y > lastY || (y === lastY && from > lastTo);
      const isInBox = from + 0.5 >= x1 && to - 0.5 < x2 && y + 0.5 >= y1 && y + 0.5 < y2;
      return !isSorted || !isInBox || from >= to;
    });
    expect(strays).toEqual([]);
  }
}

it.each(seeds)('boxes never leave the picture and masks never leave their boxes: scene %i', (seed) => {
  const model = randomScene(seed);
  for (const geometry of geometries) {
    const { instances } = run(model, {}, geometry);
    expect(instances.count).toBeGreaterThan(5);
    expectInside(instances, geometry);
  }
});

describe('results are the same', () => {
  it.each(seeds)('in every order of the outputs: scene %i', (seed) => {
    const model = randomScene(seed);
    const expected = run(model, {}, geometryOf(seed)).instances;
    const random = makeRandom(seed);
    for (let order = 0; order < 4; order++) {
      const tensors = shuffle(model.tensors, random);
      expectSame(run({ ...model, tensors }, {}, geometryOf(seed)).instances, expected);
    }
  });

  it.each(seeds)(
    'with any padding, whatever lies in it, and with channels first or last: scene %i',
    (seed) => {
      const random = makeRandom(seed);
      const form = (): TensorForm =>
        random() < 0.25
          ? { channelsFirst: true }
          : { padCellElems: Math.floor(random() * 6), padRowElems: Math.floor(random() * 9) };
      const expected = run(randomScene(seed), {}, geometryOf(seed)).instances;
      for (const poison of [1e30, Number.NaN, Number.POSITIVE_INFINITY]) {
        const model = randomScene(seed, { cls: form(), box: form(), coef: form(), proto: form(), poison });
        expectSame(run(model, {}, geometryOf(seed)).instances, expected);
      }
    },
  );

  it.each(seeds)(
    'where scores tie: by score, then by cell, in every order of the outputs: scene %i',
    (seed) => {
      const random = makeRandom(seed);
      const model = buildModel();
      const objects = model.levels.flatMap((level, index) =>
        Array.from({ length: level.heightCells * level.widthCells }, (_, cell) => ({
          level: index,
          y: Math.floor(cell / level.widthCells),
          x: cell % level.widthCells,
          logit: Math.floor(random() * 3),
          edgePx: [(cell % level.widthCells) + 0.5, Math.floor(cell / level.widthCells) + 0.5].map(
            (at) => at * level.downsample,
          ),
        })),
      );
      // Boxes of one cell that lie side by side, so that none suppresses another.
      for (const { level, y, x, logit } of objects) {
        putObject(model, level, y, x, { logit, cells: [0, 0, 1, 1], classId: level });
      }
      const expected = [2, 1, 0].flatMap((logit) => objects.filter((one) => one.logit === logit));
      for (let order = 0; order < 3; order++) {
        const found = boxes(
          run({ ...model, tensors: shuffle(model.tensors, random) }, { maxDetections: 400 }),
        );
        expect(found.map(([x1, y1]) => [x1, y1])).toEqual(expected.map(({ edgePx }) => edgePx));
      }
    },
  );
});

describe('numbers that are not finite', () => {
  const oddValues = [Number.NaN, -Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  /** Calls `visit` for about one cell in ten of every level. */
  const someCells = (
    model: BuiltModel,
    random: () => number,
    visit: (level: number, y: number, x: number) => void,
  ) => {
    model.levels.forEach(({ heightCells, widthCells }, level) => {
      for (let cell = 0; cell < heightCells * widthCells; cell++) {
        if (random() < 0.1) visit(level, Math.floor(cell / widthCells), cell % widthCells);
      }
    });
  };

  it.each(seeds)('among the scores count as no score: scene %i', (seed) => {
    const spoil = (valueAt: (random: () => number) => number) => {
      const model = randomScene(seed);
      const random = makeRandom(seed);
      someCells(model, random, (level, y, x) => {
        setReal(model.levels[level].cls, y, x, Math.floor(random() * 3), valueAt(random));
      });
      return run(model, {}, geometryOf(seed)).instances;
    };
    const odd = spoil((random) => oddValues[Math.floor(random() * 4)]);
    expectSame(
      odd,
      spoil((random) => {
        random();
        return -20;
      }),
    );
  });

  it.each(seeds)('in a box take its object away, and nothing else: scene %i', (seed) => {
    const spoil = (change: (model: BuiltModel, level: number, y: number, x: number, at: number) => void) => {
      const model = randomScene(seed);
      const random = makeRandom(seed);
      someCells(model, random, (level, y, x) => {
        change(model, level, y, x, Math.floor(random() * 64));
      });
      return run(model, {}, geometryOf(seed)).instances;
    };
    for (const value of [Number.NaN, Number.POSITIVE_INFINITY]) {
      const odd = spoil((model, level, y, x, at) => {
        setReal(model.levels[level].box, y, x, at, value);
      });
      const without = spoil((model, level, y, x) => {
        for (let classId = 0; classId < 3; classId++) setReal(model.levels[level].cls, y, x, classId, -20);
      });
      expectSame(odd, without);
    }
  });

  it.each(seeds)('anywhere never crash nor get into a result: scene %i', (seed) => {
    const model = randomScene(seed);
    const random = makeRandom(seed);
    for (const { data } of model.tensors) {
      for (let count = random() * data.length * 0.02; count > 0; count--) {
        data[Math.floor(random() * data.length)] = oddValues[Math.floor(random() * 4)];
      }
    }
    const geometry = geometryOf(seed);
    const { instances } = run(model, {}, geometry);
    expectInside(instances, geometry);
  });
});

it('a frame with every cell above the threshold is bounded in time and result', () => {
  const model = buildModel({ widthPx: 640, heightPx: 640 });
  fillProto(model);
  const random = makeRandom(8);
  model.levels.forEach((level, index) => {
    for (let y = 0; y < level.heightCells; y++) {
      for (let x = 0; x < level.widthCells; x++) {
        putObject(model, index, y, x, { logit: random() * 4, cells: [1, 1, 1, 1], classId: (x + y) % 3 });
      }
    }
  });
  const result = run(model);
  expect([result.candidateCount, result.candidatesCut]).toEqual([8400, 8400 - 2048]);
  expect(result.instances.count).toBe(300);
  expect(result.decodeMs).toBeLessThan(500);
});
