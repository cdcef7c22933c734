import { expect, it } from 'vitest';
import { pictureOf } from '#dist/render/picture.js';
import { drawTrails } from '#dist/render/trails.js';

const colour = [200, 100, 0] as const;

/** Red of each pixel of a black picture of 64 x 36 with the trails of a frame of 128 x 72. */
function drawn(points: readonly number[], starts: readonly number[]): number[][] {
  const rgba = new Uint8Array(64 * 36 * 4);
  const trails = { points: Float32Array.from(points), starts: Uint32Array.from(starts) };
  const colours = starts.slice(1).map(() => colour);
  drawTrails(pictureOf(rgba, 64, 36), trails, { widthPx: 128, heightPx: 72 }, colours, 1);
  return Array.from({ length: 36 }, (_, y) => Array.from({ length: 64 }, (__, x) => rgba[(y * 64 + x) * 4]!));
}

it('a trail is a band of two lines of boxes through its points, fading to the oldest', () => {
  const rows = drawn([20, 40, 60, 40, 100, 40], [0, 3]);
  rows.forEach((row, y) => {
    const isOnTrail = y === 19 || y === 20;
    row.forEach((red, x) => {
      const isBetween = x >= 9 && x < 49;
      expect(red > 0, `${x}, ${y}`).toBe(isOnTrail && isBetween);
    });
  });
  expect(rows[20]![45]).toBe(200);
  expect(rows[20]![12]).toBeGreaterThan(60);
  expect(rows[20]![12]).toBeLessThan(150);
});

it('of one point, of none and beyond the picture is drawn as far as there is anything', () => {
  const sum = (rows: number[][]) => rows.flat().reduce((all, red) => all + red, 0);
  expect(sum(drawn([20, 40], [0, 1]))).toBe(0);
  expect(sum(drawn([], [0, 0, 0]))).toBe(0);
  const off = drawn([-500, 40, 20, 40], [0, 0, 2]);
  expect(sum(off)).toBe(sum(drawn([-4, 40, 20, 40], [0, 0, 2])));
});
