import { describe, expect, it } from 'vitest';
import { type LetterboxGeometry, solveLetterbox } from '#dist/core/geometry.js';
import type { Instances } from '#dist/core/result.js';
import { boxOf, rasterizeMask } from '#dist/core/spans.js';
import { resolveHeads } from '#dist/model/heads.js';
import { Postprocessor } from '#dist/postprocess/postprocess.js';
import { makeRandom } from '../../support/random.js';
import {
  type BuiltModel,
  buildModel,
  defaultOptions,
  fillProto,
  plainGeometry,
  putObject,
  spansOf,
} from './build.js';

function run(model: BuiltModel, geometry: LetterboxGeometry = plainGeometry(model)): Instances {
  const specs = model.tensors.map((view) => view.spec);
  const postprocessor = new Postprocessor(resolveHeads(specs, model.input));
  return postprocessor.run(model.tensors, geometry, defaultOptions).instances;
}

/** The mask of a prototype `field` in a box by the definition, pixel by pixel. */
function plainSpans(
  field: (y: number, x: number) => number,
  gridSize: number,
  instances: Instances,
  index: number,
  geometry: LetterboxGeometry,
): number[][] {
  const { x1, y1, x2, y2 } = boxOf(instances, index);
  const sample = (pixel: number, gain: number, padPx: number) => {
    const at = Math.min(Math.max(((pixel + 0.5) * gain + padPx) / 4 - 0.5, 0), gridSize - 1);
    const low = Math.floor(at);
    return { low, high: Math.min(low + 1, gridSize - 1), weight: at - low };
  };
  const spans: number[][] = [];
  for (let y = 0; y < geometry.sourceHeightPx; y++) {
    if (y + 0.5 < y1 || y + 0.5 >= y2) continue;
    const v = sample(y, geometry.gainY, geometry.padYPx);
    let open = -1;
    for (let x = 0; x <= geometry.sourceWidthPx; x++) {
      const h = sample(x, geometry.gainX, geometry.padXPx);
      const left = field(v.low, h.low) * (1 - v.weight) + field(v.high, h.low) * v.weight;
      const right = field(v.low, h.high) * (1 - v.weight) + field(v.high, h.high) * v.weight;
      const isIn =
        x < geometry.sourceWidthPx &&
        x + 0.5 >= x1 &&
        x + 0.5 < x2 &&
        left * (1 - h.weight) + right * h.weight > 0;
      if (isIn && open < 0) open = x;
      if (!isIn && open >= 0) {
        spans.push([y, open, x]);
        open = -1;
      }
    }
  }
  return spans;
}

const geometries: readonly { readonly name: string; readonly geometry: LetterboxGeometry }[] = [
  { name: 'source as large as the model', geometry: solveLetterbox(128, 128, 128, 128) },
  { name: 'much larger', geometry: solveLetterbox(640, 360, 128, 128) },
  { name: 'smaller than the mask grid', geometry: solveLetterbox(24, 16, 128, 128) },
  { name: 'portrait', geometry: solveLetterbox(90, 250, 128, 128) },
  { name: 'stretched', geometry: solveLetterbox(640, 50, 128, 128, 'stretch') },
  { name: 'odd gain', geometry: solveLetterbox(322, 238, 128, 128) },
];

describe.each(geometries)('masks, $name', ({ geometry }) => {
  const random = makeRandom(21);
  const fields = {
    'noise from cell to cell': Array.from({ length: 32 * 32 }, () => random() - 0.5),
    'a few zeros exactly': Array.from({ length: 32 * 32 }, () => Math.round(random() * 2 - 1)),
    blobs: Array.from({ length: 32 * 32 }, (_, at) => Math.sin((at % 32) / 3) + Math.cos(at / 32 / 4) - 0.2),
  };

  it.each(Object.entries(fields))('are what the definition says, pixel by pixel: %s', (_, values) => {
    const model = buildModel();
    const field = (y: number, x: number) => Math.fround(values[y * 32 + x]);
    fillProto(model, field);
    putObject(model, 2, 2, 2, { logit: 3, cells: [9, 9, 9, 9] });
    putObject(model, 0, 8, 8, { logit: 2, classId: 1, cells: [5, 3, 4, 2] });
    putObject(model, 1, 3, 2, { logit: 1, classId: 2, cells: [1, 2, 3, 1] });
    const instances = run(model, geometry);
    expect(instances.count).toBe(3);
    for (let index = 0; index < 3; index++) {
      expect(spansOf(instances, index)).toEqual(plainSpans(field, 32, instances, index, geometry));
    }
  });
});

describe('a mask', () => {
  it('peer bug 6: fills its box to the first and last row and column, at the border of the picture too', () => {
    const model = buildModel();
    fillProto(model);
    putObject(model, 2, 0, 0, { logit: 3, cells: [5, 5, 1, 1] });
    putObject(model, 2, 3, 3, { logit: 2, cells: [1, 1, 5, 5] });
    for (const { geometry } of geometries) {
      const instances = run(model, geometry);
      for (let index = 0; index < instances.count; index++) {
        const { x1, y1, x2, y2 } = boxOf(instances, index);
        const rows = spansOf(instances, index);
        expect(rows).toHaveLength(Math.ceil(y2 - 0.5) - Math.ceil(y1 - 0.5));
        const columns = [Math.max(0, Math.ceil(x1 - 0.5)), Math.ceil(x2 - 0.5)];
        expect(rows.map(([, from, to]) => [from, to])).toEqual(rows.map(() => columns));
      }
      expect(boxOf(instances, 1).x2).toBe(geometry.sourceWidthPx);
    }
  });

  it('contains the pixels whose centre is in the box: low edges in, high edges out', () => {
    const model = buildModel();
    fillProto(model);
    putObject(model, 0, 8, 8, { logit: 3, cells: [1, 1, 1, 1] });
    // 60 * 130 / 128 and 76 * 130 / 128 are 60.9375 and 77.1875.
    expect(spansOf(run(model, solveLetterbox(130, 130, 128, 128)), 0)[0]).toEqual([61, 61, 77]);
    // Box edges on pixel centres: 60 / 8 = 7.5 and 76 / 8 = 9.5.
    expect(spansOf(run(model, solveLetterbox(16, 16, 128, 128)), 0)).toEqual([
      [7, 7, 9],
      [8, 7, 9],
    ]);
  });

  it('of a huge picture needs no more than 16 bits per coordinate', () => {
    const model = buildModel();
    fillProto(model);
    putObject(model, 2, 2, 2, { logit: 3, cells: [9, 9, 9, 9] });
    const instances = run(model, solveLetterbox(65534, 20, 128, 128, 'stretch'));
    expect(spansOf(instances, 0)[19]).toEqual([19, 0, 65534]);
  });

  it('of several objects in one frame are independent', () => {
    const model = buildModel();
    const random = makeRandom(5);
    fillProto(model, () => random() - 0.5);
    putObject(model, 1, 2, 2, { logit: 3, cells: [2, 2, 2, 2] });
    const alone = spansOf(run(model), 0);
    putObject(model, 1, 5, 5, { logit: 4, cells: [2, 2, 2, 2], coefs: [-1] });
    const together = run(model);
    expect(spansOf(together, 1)).toEqual(alone);
    const mask = new Uint8Array(128 * 128);
    rasterizeMask(together, 0, { xPx: 0, yPx: 0, widthPx: 128, heightPx: 128 }, mask);
    expect(mask.includes(255)).toBe(true);
  });
});
