import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { decodeCounts, rleToSpans, spansToRle } from '#dist/evaluate/cocoRle.js';
import { ConfigError } from '#dist/core/errors.js';
import { maskIou } from '#dist/core/spans.js';
import { packMasks } from '#dist/evaluate/labelledMasks.js';
import { randomPixelMasks, spansOf } from '../core/pixelMasks.js';

/** Made by pycocotools, see tools/oracles/coco_masks.py. */
const oracle = JSON.parse(
  readFileSync(new URL('../../fixtures/coco/masks.json', import.meta.url), 'utf8'),
) as {
  masks: { name: string; size: [number, number]; counts: string; spans: number[][] }[];
  iou: { names: string[]; values: number[][] };
};

/** Run lengths of a mask, found by looking at every pixel, column by column. */
function countsOf(mask: Uint8Array, widthPx: number, heightPx: number): number[] {
  const counts = [0];
  let inside = 0;
  for (let x = 0; x < widthPx; x++) {
    for (let y = 0; y < heightPx; y++) {
      const value = mask[y * widthPx + x]!;
      if (value !== inside) counts.push(0);
      inside = value;
      counts[counts.length - 1]!++;
    }
  }
  return counts;
}

/** COCO's text of run lengths: five bits at a time, least first, 32 for "more to come", offset 48. */
function textOf(counts: readonly number[]): string {
  let text = '';
  counts.forEach((count, i) => {
    let rest = i > 2 ? count - counts[i - 2]! : count;
    for (let isLast = false; !isLast; ) {
      const bits = rest & 31;
      rest >>= 5;
      // What is left must be nothing but the sign of the last five bits.
      isLast = rest === ((bits & 16) === 0 ? 0 : -1);
      text += String.fromCharCode(48 + bits + (isLast ? 0 : 32));
    }
  });
  return text;
}

describe('COCO run lengths', () => {
  it.each([
    [48, 34],
    [1, 40],
    [70, 1],
    [300, 200],
  ])('of random masks of %i x %i are the spans found pixel by pixel', (widthPx, heightPx) => {
    const { masks } = randomPixelMasks(24, widthPx, { widthPx, heightPx });
    for (const [i, mask] of masks.entries()) {
      const counts = countsOf(mask, widthPx, heightPx);
      const expected = spansOf(mask, widthPx);
      expect([...rleToSpans({ size: [heightPx, widthPx], counts })], `${i} numbers`).toEqual(expected);
      const text = textOf(counts);
      expect([...rleToSpans({ size: [heightPx, widthPx], counts: text })], `${i} text`).toEqual(expected);
      const written = spansToRle(Uint16Array.from(expected), widthPx, heightPx);
      expect(written, `${i} written`).toEqual({ size: [heightPx, widthPx], counts: text });
    }
  });

  it('are coded here as pycocotools codes them', () => {
    for (const { name, size, counts, spans } of oracle.masks) {
      const mask = new Uint8Array(size[0] * size[1]);
      for (const [y, x1, x2] of spans) mask.fill(1, y! * size[1] + x1!, y! * size[1] + x2!);
      expect(textOf(countsOf(mask, size[1], size[0])), name).toBe(counts);
    }
  });

  it.each(oracle.masks)('$name are the spans pycocotools decodes', ({ size, counts, spans }) => {
    expect([...rleToSpans({ size, counts })]).toEqual(spans.flat());
  });

  it.each(oracle.masks)('of $name are written as pycocotools writes them', ({ size, counts, spans }) => {
    const [heightPx, widthPx] = size;
    expect(spansToRle(Uint16Array.from(spans.flat()), widthPx, heightPx)).toEqual({ size, counts });
  });

  it('of a span outside of the picture are refused', () => {
    expect(() => spansToRle(Uint16Array.of(2, 0, 1), 3, 2)).toThrow(
      new RangeError('span y 2, x 0 to 1 outside of a picture of 3x2'),
    );
    expect(() => spansToRle(Uint16Array.of(0, 1, 4), 3, 2)).toThrow('x 1 to 4');
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
