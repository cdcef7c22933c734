import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { ConfigError } from '#dist/core/errors.js';
import { maskIou } from '#dist/core/spans.js';
import { decodeCounts, rleToSpans } from '#dist/demo/cocoRle.js';
import { packMasks } from '#dist/demo/labelledMasks.js';

/** Made by pycocotools, see tools/oracles/coco_masks.py. */
const oracle = JSON.parse(
  readFileSync(new URL('../../fixtures/coco/masks.json', import.meta.url), 'utf8'),
) as {
  masks: { name: string; size: [number, number]; counts: string; spans: number[][] }[];
  iou: { names: string[]; values: number[][] };
};

describe('COCO run lengths', () => {
  it.each(oracle.masks)('$name are the spans pycocotools decodes', ({ size, counts, spans }) => {
    expect([...rleToSpans({ size, counts })]).toEqual(spans.flat());
  });

  it('are read from plain numbers too', () => {
    // Height 2, width 3, column-major: columns [0 1] [1 1] [0 0].
    const spans = rleToSpans({ size: [2, 3], counts: [1, 3, 2] });
    expect([...spans]).toEqual([0, 1, 2, 1, 0, 2]);
  });

  it('are refused where they do not add up to the picture', () => {
    expect(() => rleToSpans({ size: [2, 3], counts: [1, 3] })).toThrow(ConfigError);
    expect(() => rleToSpans({ size: [2, 3], counts: [1, 3] })).toThrow(
      'runs add up to 4 pixels; expected 3x2',
    );
  });

  it('are refused when the text is cut or broken', () => {
    const counts = oracle.masks.find((mask) => mask.name === 'disc')!.counts;
    // `P` asks for another character of the same value.
    expect(() => decodeCounts('P')).toThrow('broken at character 1 of 1');
    expect(() => decodeCounts(`${counts.slice(0, 4)} `)).toThrow('broken at character 4');
  });
});

describe('mask IoU', () => {
  it('is that of pycocotools', () => {
    const { names, values } = oracle.iou;
    const masks = packMasks(
      names.map((name) => {
        const mask = oracle.masks.find((candidate) => candidate.name === name)!;
        return { classId: 0, score: 1, boxImage: { x1: 0, y1: 0, x2: 160, y2: 90 }, spans: rleToSpans(mask) };
      }),
    );
    values.forEach((row, a) => {
      row.forEach((value, b) => {
        expect(maskIou(masks, a, masks, b), `${names[a]} ${names[b]}`).toBeCloseTo(value, 10);
      });
    });
  });
});
