import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { maskAreaPx } from '#dist/core/spans.js';
import { evaluate } from '#dist/evaluate/evaluate.js';
import { parseCocoFile } from '#dist/evaluate/cocoFile.js';
import { parseGroundTruth } from '#dist/evaluate/groundTruth.js';
import { packMasks } from '#dist/evaluate/labelledMasks.js';
import { truthReader } from '#dist/offline/accuracy/truthReader.js';
import { logsMissing, realData } from '../toolchain/files.js';

const square = [10, 10, 30, 10, 30, 30, 10, 30];

function annotation(segmentation: unknown, more: Record<string, unknown> = {}) {
  return { id: 7, image_id: 3, category_id: 18, bbox: [10, 10, 20, 20], segmentation, ...more };
}

function file(...annotations: unknown[]): string {
  return JSON.stringify(document(annotations));
}

function document(annotations: readonly unknown[]) {
  return {
    images: [{ id: 3, file_name: 'a.jpg', width: 60, height: 40 }],
    categories: [
      { id: 1, name: 'person' },
      { id: 18, name: 'dog' },
    ],
    annotations: annotations.map((one, index) => ({ ...(one as object), id: 7 + index })),
  };
}

function picture(...annotations: unknown[]) {
  return parseGroundTruth(file(...annotations), 'truth.json').pictures.get('a.jpg')!;
}

describe('ground truth', () => {
  it('takes polygons and run lengths for the same mask', () => {
    const column = (x: number) => [x === 10 ? 10 * 40 + 10 : 20, 20];
    const counts = [...Array.from({ length: 20 }, (_, x) => column(10 + x)).flat(), 30 * 40 + 10];
    const masks = [[square], { size: [40, 60], counts }];
    const { objects } = picture(annotation(masks[0]), annotation(masks[1]));
    expect([0, 1].map((index) => maskAreaPx(objects, index))).toEqual([400, 400]);
    const half = objects.spans.length / 2;
    expect(objects.spans.slice(0, half)).toEqual(objects.spans.slice(half));
    expect([...objects.classIds]).toEqual([1, 1]);
  });

  it('takes several polygons as one object', () => {
    const { objects } = picture(annotation([square, [40, 5, 50, 5, 50, 15, 40, 15]]));
    expect(objects.count).toBe(1);
    expect(maskAreaPx(objects, 0)).toBe(500);
  });

  // As https://cocodataset.org/#format-data and #format-results describe them.
  it.each([
    [
      'key points',
      file(annotation([square], { keypoints: [1, 2, 2], num_keypoints: 1 })),
      'key points of bodies',
    ],
    ['DensePose', file(annotation([square], { dp_masks: ['x'] })), 'surfaces of bodies'],
    [
      'stuff',
      JSON.stringify({
        ...document([annotation([square])]),
        categories: [
          { id: 18, name: 'dog' },
          { id: 183, name: 'other' },
        ],
      }),
      'areas of stuff such as sky and grass',
    ],
    [
      'results',
      JSON.stringify([{ image_id: 3, category_id: 18, bbox: [1, 2, 3, 4], score: 0.5 }]),
      'a list of results',
    ],
    ['a list of annotations', JSON.stringify([annotation([square])]), 'expected object'],
  ])('refuses %s as what they are', (_, text, what) => {
    expect(() => parseGroundTruth(text, 'truth.json')).toThrow(what);
  });

  it('takes annotations with the keys of other tasks, where these are empty', () => {
    const text = file(annotation([square], { keypoints: [], caption: '', dp_masks: null }));
    expect(parseGroundTruth(text, 'truth.json').pictures.size).toBe(1);
  });

  it('takes a class named other', () => {
    const text = JSON.stringify({
      ...document([annotation([square])]),
      categories: [{ id: 18, name: 'other' }],
    });
    expect(parseGroundTruth(text, 'truth.json').pictures.size).toBe(1);
  });

  it('sees by the mask whether it touches the border, unless the file says so', () => {
    const atBorder = [0, 10, 30, 10, 30, 30, 0, 30];
    const { visibility } = picture(
      annotation([square]),
      annotation([atBorder]),
      annotation([atBorder], { cut: false }),
    );
    expect(visibility.map(({ cut }) => cut)).toEqual([false, true, false]);
  });

  it('keeps crowds apart: what lies in one is neither right nor wrong', () => {
    const truth = picture(annotation([square], { iscrowd: 1 }), annotation([[40, 5, 50, 5, 50, 15, 40, 15]]));
    expect(truth.objects.count).toBe(1);
    expect(truth.crowds!.count).toBe(1);
    const mask = (classId: number, x1: number, x2: number) => ({
      classId,
      score: 1,
      boxImage: { x1, y1: 12, x2, y2: 22 },
      spans: Uint16Array.from(Array.from({ length: 10 }, (_, y) => [12 + y, x1, x2]).flat()),
    });
    // Inside; inside but of another class; half inside; a third inside.
    const found = packMasks([mask(1, 12, 20), mask(0, 12, 20), mask(1, 25, 35), mask(1, 27, 36)]);
    const rule = { minLongerSidePx: 1, minVisibleFraction: 0.5 };
    expect(evaluate(['person', 'dog'], [{ picture: truth, found }], rule)).toMatchObject({
      objects: 1,
      matched: 0,
      inCrowds: 2,
      unmatchedFound: 2,
    });
  });

  const first = 'annotations.0.segmentation';
  it.each<[string, string, string]>([
    ['no JSON', '{"images": [', 'no JSON: '],
    ['a list', '[]', 'the document: expected object, received array'],
    ['another form', '{"images": []}', 'images: '],
    ['a size in words', file().replace('60', '"60"'), 'images.0.width: expected number, received string'],
    ['no mask', file(annotation(undefined)), `${first}: expected polygons or run lengths, found nothing`],
    ['an empty list', file(annotation([])), `${first}: holds no polygon`],
    ['a flat list', file(annotation(square)), `${first}.0: expected a list of coordinates`],
    ['two corners', file(annotation([[1, 2, 3, 4]])), `${first}.0: expected three corners or more`],
    ['half a corner', file(annotation([[...square, 3]])), `${first}.0: expected x and y of each corner`],
    [
      'too many corners',
      file(annotation([square, Array.from({ length: 199_994 }, (_, at) => at % 2)])),
      `${first}: outlines of 100001 corners; at most 100000 of one object are read`,
    ],
    [
      'outlines that are too long',
      // 100,000 there and back, six times, and 80 of the square.
      file(
        annotation([square, Array.from({ length: 24 }, (_, at) => (at % 4 < 2 ? 0 : 100_000 - (at % 2)))]),
      ),
      `${first}: outlines of 1200080 pixels; at most 1048576`,
    ],
    [
      'a picture of 2^32 pixels',
      file(annotation([square]))
        .replace('60', '65535')
        .replace('40', '65535'),
      'images.0: a picture of 65535x65535 pixels; at most 67108864 are decoded',
    ],
    ['a corner far away', file(annotation([[1e9, 2, 3, 4, 5, 6]])), `${first}.0.0: `],
    [
      'a mask of another size',
      file(annotation([square]), annotation({ size: [60, 40], counts: [2400] })),
      'annotations.1.segmentation.size: 40x60, but its picture is 60x40',
    ],
    [
      'runs that are too short',
      file(annotation({ size: [40, 60], counts: [5] })),
      `${first}.counts: runs add up`,
    ],
    [
      'a broken text',
      file(annotation({ size: [40, 60], counts: 'P' })),
      `${first}.counts: run lengths are broken`,
    ],
    ['another kind of counts', file(annotation({ size: [40, 60], counts: [1.5] })), `${first}.counts`],
    [
      'a category of no list',
      file(annotation([square], { category_id: 2 })),
      'annotations.0.category_id: 2 is none',
    ],
    [
      'a crowd in words',
      file(annotation([square], { iscrowd: 'no' })),
      'annotations.0.iscrowd: expected 0 or 1',
    ],
  ])('of another form is refused in one line with the place: %s', (_, text, message) => {
    let refusal = '';
    try {
      parseGroundTruth(text, 'truth.json');
    } catch (error) {
      refusal = (error as Error).message;
    }
    expect(refusal).toMatch(/^truth\.json/);
    expect(refusal).toContain(message);
    expect(refusal).not.toContain('\n');
  });

  it.each<[string, string, (whole: ReturnType<typeof document>) => unknown]>([
    [
      'a picture twice',
      'images.1.id: 3 is that of images.0 too',
      ({ images }) => images.push({ ...images[0]!, file_name: 'b.jpg' }),
    ],
    [
      'two pictures of one name',
      'images.1.file_name: "a.jpg" is that of images.0 too',
      ({ images }) => images.push({ ...images[0]!, id: 4 }),
    ],
    [
      'two categories of one id',
      'categories.2.id: 18 is that of categories.1 too',
      ({ categories }) => categories.push({ id: 18, name: 'cat' }),
    ],
    [
      'an annotation twice',
      'annotations.1.id: 7 is that of annotations.0 too',
      ({ annotations }) => annotations.push(annotations[0]!),
    ],
    [
      'an annotation of no picture',
      'annotations.0.image_id: 5 is none of the 1 images',
      ({ annotations }) => Object.assign(annotations[0]!, { image_id: 5 }),
    ],
    [
      'an annotation of no category',
      'annotations.0.category_id: 2 is none of the 2 categories',
      ({ annotations }) => Object.assign(annotations[0]!, { category_id: 2 }),
    ],
  ])('with %s is refused with the place', (_, why, change) => {
    const whole = document([annotation([square])]);
    expect(() => parseGroundTruth(JSON.stringify(whole), 'truth.json')).not.toThrow();
    change(whole);
    expect(() => parseGroundTruth(JSON.stringify(whole), 'truth.json')).toThrow(
      `truth.json is not a COCO file with masks: ${why}`,
    );
  });

  it('with a thousand faults is one line, which tells the first', () => {
    const text = file(...Array.from({ length: 1000 }, () => annotation([square], { bbox: null })));
    expect(() => parseGroundTruth(text, 't.json')).toThrow(
      /^t\.json is not a COCO file with masks: annotations\.0\.bbox: expected [^,]*, received null$/,
    );
  });

  it('of many objects can be interrupted while they are read', async () => {
    const around = [-1e5, -1e5, 1e5, -1e5, 1e5, 1e5, -1e5, 1e5];
    const many = Array.from({ length: 100 }, () => annotation([around]));
    const whole = { ...document(many), images: [{ id: 3, file_name: 'a.jpg', width: 1000, height: 1000 }] };
    const parsed = parseCocoFile(JSON.stringify(whole), 't.json');
    const controller = new AbortController();
    const read = truthReader(parsed, 't.json', controller.signal);
    setImmediate(() => controller.abort(new Error('enough')));
    await expect(read(parsed.images[0]!)).rejects.toThrow('enough');
  });
});

describe(`COCO's own files${logsMissing === null ? '' : ` (skipped: ${logsMissing})`}`, () => {
  it.skipIf(logsMissing !== null)(
    '253 annotations, 4 of them crowds, with about the areas COCO gives',
    () => {
      const path = realData('coco24/instances_val2017_subset.json');
      const text = readFileSync(path, 'utf8');
      const { pictures } = parseGroundTruth(text, path);
      const { annotations } = JSON.parse(text) as { annotations: { area: number; iscrowd: number }[] };
      const truths = [...pictures.values()];
      const count = (of: (truth: (typeof truths)[number]) => number) =>
        truths.reduce((sum, truth) => sum + of(truth), 0);
      expect(count((truth) => truth.objects.count)).toBe(249);
      expect(count((truth) => truth.crowds!.count)).toBe(4);
      const areaPx = count(({ objects }) =>
        Array.from({ length: objects.count }, (_, index) => maskAreaPx(objects, index)).reduce(
          (a, b) => a + b,
          0,
        ),
      );
      const given = annotations
        .filter(({ iscrowd }) => iscrowd === 0)
        .reduce((sum, { area }) => sum + area, 0);
      expect(Math.abs(areaPx / given - 1)).toBeLessThan(0.02);
    },
  );

  it.skipIf(logsMissing !== null).each(['roboflow', 'rle_list'])('field/09 %s', (name) => {
    const path = realData(`field/09-ground-truth-polygons/${name}.json`);
    const { objects } = parseGroundTruth(readFileSync(path, 'utf8'), path).pictures.get('scene_000.jpg')!;
    expect([...objects.classIds]).toEqual([1]);
    expect(maskAreaPx(objects, 0)).toBe(name === 'roboflow' ? 400 : 20);
  });
});
