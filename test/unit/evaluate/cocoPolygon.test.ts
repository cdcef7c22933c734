import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { polygonsToSpans } from '#dist/evaluate/cocoPolygon.js';
import { rleToSpans, spansToRle } from '#dist/evaluate/cocoRle.js';

/** Made by pycocotools, see tools/oracles/coco_polygons.py. */
const oracle = JSON.parse(
  readFileSync(new URL('../../fixtures/coco/polygons.json', import.meta.url), 'utf8'),
) as { name: string; size: [number, number]; polygons: number[][]; counts: string }[];

describe('COCO polygons', () => {
  it.each(oracle)('$name is filled as pycocotools fills it', ({ size, polygons, counts }) => {
    const [heightPx, widthPx] = size;
    const spans = polygonsToSpans(polygons, widthPx, heightPx);
    expect([...spans]).toEqual([...rleToSpans({ size, counts })]);
    expect(spansToRle(spans, widthPx, heightPx)).toEqual({ size, counts });
  });

  it('has cases that are not empty, and some that are', () => {
    const areas = oracle.map(({ size, polygons }) => polygonsToSpans(polygons, size[1], size[0]).length);
    expect(areas.filter((area) => area > 0).length).toBeGreaterThan(45);
    expect(areas.filter((area) => area === 0).length).toBeGreaterThan(1);
  });
});
