import { describe, expect, it } from 'vitest';
import { framesThatDiffer, sameInstances } from '#dist/evaluate/evaluate.js';
import { parseGroundTruth } from '#dist/evaluate/groundTruth.js';
import { type LabelledMask, packMasks } from '#dist/evaluate/labelledMasks.js';
import { judgeExactness } from '#dist/record/verdict.js';

const mask: LabelledMask = {
  classId: 3,
  score: 0.75,
  boxImage: { x1: 10, y1: 5, x2: 14, y2: 6 },
  spans: Uint16Array.of(5, 10, 14),
};
const other: LabelledMask = { ...mask, classId: 1, spans: Uint16Array.of(7, 0, 2, 8, 1, 3) };
const both = packMasks([mask, other]);

describe('instances are the same', () => {
  it('when classes, scores and masks are', () => {
    expect(sameInstances(both, packMasks([{ ...mask }, { ...other }]))).toBe(true);
    expect(sameInstances(packMasks([]), packMasks([]))).toBe(true);
  });

  it.each([
    ['class', [{ ...mask, classId: 4 }, other]],
    ['score', [{ ...mask, score: 0.7500001 }, other]],
    ['pixel', [{ ...mask, spans: Uint16Array.of(5, 10, 13) }, other]],
    ['order', [other, mask]],
    ['one too many', [mask, other, other]],
    ['one missing', [mask]],
    [
      'owner of a span',
      [
        { ...mask, spans: Uint16Array.of(5, 10, 14, 7, 0, 2) },
        { ...other, spans: Uint16Array.of(8, 1, 3) },
      ],
    ],
  ])('not when the %s is another', (_, masks) => {
    expect(sameInstances(both, packMasks(masks))).toBe(false);
  });
});

describe('the verdict on exactness', () => {
  const picture = { widthPx: 20, heightPx: 10, objects: both, visibility: [] };
  const right = { picture, found: packMasks([mask, other]) };
  const wrong = { picture, found: packMasks([other, mask]) };

  it('passes when every frame is the same', () => {
    expect(framesThatDiffer([right, right])).toBe(0);
    expect(judgeExactness([right, right]).passed).toBe(true);
  });

  it('fails with one that is not, and without any', () => {
    expect(judgeExactness([right, wrong])).toMatchObject({ passed: false, found: '1 of 2 frames differ' });
    expect(judgeExactness([]).passed).toBe(false);
  });
});

it('expected scores come from the file as the 32-bit numbers that are published', () => {
  const annotation = (id: number, score?: number) => ({
    ...{ id, image_id: 1, category_id: 5, bbox: [0, 0, 2, 1] },
    ...(score === undefined ? {} : { score }),
    segmentation: { size: [2, 2], counts: [0, 1, 1, 1, 1] },
  });
  const { pictures } = parseGroundTruth(
    JSON.stringify({
      images: [{ id: 1, file_name: 'a.png', width: 2, height: 2 }],
      categories: [{ id: 5, name: 'ball' }],
      annotations: [annotation(1, 0.1), annotation(2)],
    }),
  );
  expect([...pictures.get('a.png')!.objects.scores]).toEqual([Math.fround(0.1), 1]);
});
