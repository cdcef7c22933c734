import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import {
  type CocoDocument,
  evaluate,
  lasting,
  pictureCount,
  pictures,
  readFigures,
  scratch,
  subset,
  writeTruth,
} from './evalRuns.js';

describe('what cannot be evaluated is refused before anything runs', { timeout: 120_000 }, () => {
  type Change = (document: CocoDocument) => unknown;
  const cases: readonly {
    readonly what: string;
    readonly change?: Change;
    readonly message: RegExp;
    readonly more?: readonly string[];
  }[] = [
    {
      what: 'captions',
      change: ({ images }) => ({
        images,
        annotations: [{ id: 1, image_id: images[0]!.id, caption: 'a ball' }],
      }),
      message: /it holds captions of whole pictures.*expected instances_/,
    },
    {
      what: 'a panoptic segmentation',
      change: ({ images, categories }) => ({
        images,
        categories,
        annotations: [{ image_id: images[0]!.id, file_name: 'a.png', segments_info: [] }],
      }),
      message: /it holds a panoptic segmentation/,
    },
    {
      what: 'boxes without masks',
      change: ({ annotations }) => {
        annotations[1]!.segmentation = [];
      },
      message: /annotations\.1\.segmentation: expected polygons or run lengths, found nothing/,
    },
    {
      what: 'another list of categories',
      change: ({ categories }) => {
        categories.find((category) => category.name === 'ball')!.name = 'person';
      },
      message: /classes without a category: "ball"; categories without a class: "person"/,
    },
    {
      what: 'a picture that is listed twice',
      change: ({ images }) => {
        images[1]!.file_name = images[0]!.file_name;
      },
      message: /images\.1\.file_name: ".*" is that of images\.0 too/,
    },
    {
      what: 'a missing picture',
      change: ({ images }) => {
        images[2]!.file_name = 'gone.jpg';
      },
      message: /1 of 8 pictures that .* lists cannot be read from .*gone\.jpg.*--skip-missing/,
    },
    {
      what: 'annotations for another size',
      change: ({ images }) => {
        images[0]!.width = 1281;
      },
      message: /is \d+x\d+, its annotations are for 1281x\d+/,
    },
    {
      what: 'a Python that is not there',
      message: /no-python cannot run pycocotools.*pip install pycocotools==/,
      more: ['--python', 'no-python'],
    },
    {
      what: 'an empty folder',
      message: /no picture among the 0 entries/,
      more: ['--images', 'empty'],
    },
  ];

  it.each(cases)('$what', ({ what, change, message, more = [] }) => {
    mkdirSync(join(scratch, 'empty'), { recursive: true });
    const truth = writeTruth('refused.json', change);
    const { status, stderr } = evaluate(truth, `refused ${what}`, ...more);
    expect(stderr).toMatch(message);
    expect(stderr.trim().split('\n')).toHaveLength(1);
    expect(status).toBe(2);
    expect(existsSync(join(scratch, `refused ${what}`, 'results'))).toBe(false);
  });

  it('leaves missing and broken pictures out when that is asked for, and says so', () => {
    const broken = subset().images[3]!.file_name;
    const bytes = readFileSync(join(pictures, broken));
    writeFileSync(join(pictures, 'broken.png'), bytes.subarray(0, 20));
    const truth = writeTruth('gaps.json', ({ images }) => {
      images[2]!.file_name = 'gone.jpg';
      images[3]!.file_name = 'broken.png';
    });
    const { status, stderr } = evaluate(truth, 'gaps', '--skip-missing');
    rmSync(join(pictures, 'broken.png'));
    expect(status).toBe(0);
    expect(stderr).toMatch(/gone\.jpg is left out: it is not there/);
    const figures = readFigures('gaps');
    expect(figures.pictures).toBe(pictureCount - 2);
    expect(figures.skipped.map(({ file_name }) => file_name)).toEqual(['gone.jpg', 'broken.png']);
    // What is left is judged as if the others had never been listed.
    const left = writeTruth('left.json', (document) => {
      const images = document.images.filter((_, index) => index !== 2 && index !== 3);
      const ids = new Set(images.map(({ id }) => id));
      return {
        ...document,
        images,
        annotations: document.annotations.filter((one) => ids.has(one.image_id)),
      };
    });
    expect(evaluate(left, 'left')).toMatchObject({ status: 0 });
    expect(lasting(figures)).toEqual(lasting(readFigures('left')));
  });
});
