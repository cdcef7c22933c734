import { expect } from 'vitest';
import type { Instances } from '#dist/core/result.js';
import { boxOf } from '#dist/core/spans.js';

export type Point = readonly [x: number, y: number];

/** The rings of instance `index`; throws if the instances have no contours. */
export function ringsOf({ contours }: Instances, index: number): Point[][] {
  const { points, ringStarts, instanceStarts } = contours!;
  const rings: Point[][] = [];
  for (let ring = instanceStarts[index]; ring < instanceStarts[index + 1]; ring++) {
    const one: Point[] = [];
    for (let at = ringStarts[ring]; at < ringStarts[ring + 1]; at++)
      one.push([points[at * 2], points[at * 2 + 1]]);
    rings.push(one);
  }
  return rings;
}

/** The sides of a closed ring. */
export function sidesOf(ring: readonly Point[]): (readonly [Point, Point])[] {
  return ring.map((point, at) => [point, ring[(at + 1) % ring.length]]);
}

/** Positive where the ring runs clockwise on the picture. */
export function signedArea(ring: readonly Point[]): number {
  return sidesOf(ring).reduce((sum, [[x1, y1], [x2, y2]]) => sum + (x1 * y2 - x2 * y1) / 2, 0);
}

/** How often the rings run clockwise around a point, and how many sides a ray from it crosses. */
export function surround(
  rings: readonly (readonly Point[])[],
  [x, y]: Point,
): { turns: number; crossings: number } {
  let turns = 0;
  let crossings = 0;
  for (const ring of rings) {
    for (const [[x1, y1], [x2, y2]] of sidesOf(ring)) {
      if (y1 > y === y2 > y || x1 + ((x2 - x1) * (y - y1)) / (y2 - y1) <= x) continue;
      crossings++;
      turns += y2 > y1 ? 1 : -1;
    }
  }
  return { turns, crossings };
}

/** Pixels whose centre the rings enclose by the even-odd rule: [heightPx, widthPx] of 0 and 1. */
export function fillRings(
  rings: readonly (readonly Point[])[],
  widthPx: number,
  heightPx: number,
): Uint8Array {
  const mask = new Uint8Array(widthPx * heightPx);
  for (let row = 0; row < heightPx; row++) {
    const y = row + 0.5;
    const crossings: number[] = [];
    for (const ring of rings) {
      for (const [[x1, y1], [x2, y2]] of sidesOf(ring)) {
        if (y1 > y !== y2 > y) crossings.push(x1 + ((x2 - x1) * (y - y1)) / (y2 - y1));
      }
    }
    crossings.sort((a, b) => a - b);
    for (let at = 0; at < crossings.length; at += 2) {
      for (let x = Math.ceil(crossings[at] - 0.5); x + 0.5 < crossings[at + 1]; x++)
        mask[row * widthPx + x] = 1;
    }
  }
  return mask;
}

export function distanceToRings(rings: readonly (readonly Point[])[], [x, y]: Point): number {
  let least = Number.POSITIVE_INFINITY;
  for (const ring of rings) {
    for (const [[x1, y1], [x2, y2]] of sidesOf(ring)) {
      const length2 = (x2 - x1) ** 2 + (y2 - y1) ** 2;
      const share =
        length2 === 0 ? 0 : Math.min(Math.max(((x - x1) * (x2 - x1) + (y - y1) * (y2 - y1)) / length2, 0), 1);
      least = Math.min(least, Math.hypot(x1 + share * (x2 - x1) - x, y1 + share * (y2 - y1) - y));
    }
  }
  return least;
}

/** What a chain of points may be off the curve within a cell, and float32 rounding. */
export const curvePx = 0.051;

/** Closed rings of at least three different points in the box of their instance. */
export function expectSound(instances: Instances): void {
  const { points, ringStarts, instanceStarts } = instances.contours!;
  expect(instanceStarts).toHaveLength(instances.count + 1);
  expect(instanceStarts[instances.count]).toBe(ringStarts.length - 1);
  expect(ringStarts[ringStarts.length - 1]).toBe(points.length / 2);
  for (let index = 0; index < instances.count; index++) {
    const { x1, y1, x2, y2 } = boxOf(instances, index);
    for (const ring of ringsOf(instances, index)) {
      expect(ring.length).toBeGreaterThanOrEqual(3);
      expect(ring.filter(([x, y]) => !(x >= x1 && x <= x2 && y >= y1 && y <= y2))).toEqual([]);
      expect(sidesOf(ring).filter(([a, b]) => a[0] === b[0] && a[1] === b[1])).toEqual([]);
      expect(signedArea(ring)).not.toBe(0);
    }
  }
}
