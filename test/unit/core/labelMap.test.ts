import { describe, expect, it } from 'vitest';
import { paintLabels } from '#dist/core/labelMap.js';
import { instancesOf, nearest, pixelLabels, randomPixelMasks } from './pixelMasks.js';

const kinds = ['class', 'instance'] as const;

/** A filled mask of 4 x 3 pixels. */
const full = () => new Uint8Array(12).fill(1);
const small = { widthPx: 4, heightPx: 3 };

describe.each(kinds)('a map of %s labels', (kind) => {
  it.each([0, 1, 2, 9, 40])('of %i masks is that of a version pixel by pixel', (count) => {
    for (let seed = 1; seed <= 8; seed++) {
      const scene = randomPixelMasks(count, seed);
      const out = new Uint16Array(48 * 34).fill(77);
      paintLabels(scene.instances, kind, scene.header, scene.header, out);
      expect([...out], `seed ${seed}`).toEqual(pixelLabels(scene, kind));
    }
  });

  it.each([
    ['half as large', 24, 17],
    ['a quarter as large', 12, 8],
    ['of other proportions', 17, 33],
    ['one pixel', 1, 1],
    ['larger', 96, 100],
  ])('%s takes the label under each centre', (_, widthPx, heightPx) => {
    for (let seed = 1; seed <= 8; seed++) {
      const scene = randomPixelMasks(12, seed);
      const out = new Float32Array(widthPx * heightPx);
      paintLabels(scene.instances, kind, scene.header, { widthPx, heightPx }, out);
      const expected = nearest(pixelLabels(scene, kind), [48, 34], [widthPx, heightPx]);
      expect([...out], `seed ${seed}`).toEqual(expected);
    }
  });
});

describe('a label map', () => {
  it('has labels of its masks only, at any size (peer bug 10: resized by interpolation)', () => {
    const scene = randomPixelMasks(10, 3, { classCount: 200 });
    const known = new Set([0, ...Array.from(scene.instances.classIds, (classId) => classId + 1)]);
    for (const [widthPx, heightPx] of [
      [48, 34],
      [31, 19],
      [100, 90],
    ] as const) {
      const out = new Uint8Array(widthPx * heightPx);
      paintLabels(scene.instances, 'class', scene.header, { widthPx, heightPx }, out);
      expect([...new Set(out)].filter((label) => !known.has(label))).toEqual([]);
    }
  });

  it('gives overlaps to the best score (peer bug 11: a lower score paints over a higher)', () => {
    const best = full().fill(0, 6);
    const instances = instancesOf([best, full()], 4, [3, 1]);
    const out = new Uint8Array(12);
    paintLabels(instances, 'class', small, small, out);
    expect([...out]).toEqual([4, 4, 4, 4, 4, 4, 2, 2, 2, 2, 2, 2]);
  });

  it.each([
    ['bytes', new Uint8Array(12), 126],
    ['bytes', new Uint8Array(12), 253],
    ['16 bits', new Uint16Array(12), 254],
    ['16 bits', new Uint16Array(12), 65_534],
    ['floats', new Float32Array(12), 300],
  ])('in %s holds a class id above 126 (peer bug 11: label of 8 bits with a sign)', (_, out, classId) => {
    paintLabels(instancesOf([full()], 4, [classId]), 'class', small, small, out);
    expect([...new Set(out)]).toEqual([classId + 1]);
  });

  it('is refused where it does not fit, and leaves what follows alone', () => {
    const instances = instancesOf([full()], 4, [0]);
    expect(() => paintLabels(instances, 'class', small, small, new Uint8Array(11))).toThrow(
      'label map of 4x3 pixels does not fit into 11 values',
    );
    const out = new Uint8Array(14).fill(9);
    paintLabels(instances, 'class', small, small, out);
    expect([...out.subarray(12)]).toEqual([9, 9]);
  });
});
