import { expect } from 'vitest';
import type { Detection2D, InstanceMask } from './messages.js';

/** Edges of a box, continuous pixels. */
export function edges({ bbox }: Detection2D) {
  const { x, y } = bbox.center.position;
  return {
    x1: x - bbox.size_x / 2,
    y1: y - bbox.size_y / 2,
    x2: x + bbox.size_x / 2,
    y2: y + bbox.size_y / 2,
  };
}

/** 1 for each pixel of the mask's rectangle that belongs to the object. */
export function pixelsOf(mask: InstanceMask): Uint8Array {
  const area = mask.width * mask.height;
  if (mask.encoding === 0) {
    const bytes = Buffer.from(mask.data, 'base64');
    expect(bytes).toHaveLength(area);
    expect([...new Set(bytes)].filter((value) => value !== 0 && value !== 255)).toEqual([]);
    expect(mask.run_lengths).toEqual([]);
    return Uint8Array.from(bytes, (value) => value / 255);
  }
  expect(mask.encoding).toBe(1);
  expect(mask.data).toBe('');
  expect(mask.run_lengths.reduce((sum, length) => sum + length, 0)).toBe(area);
  const pixels = new Uint8Array(area);
  let at = 0;
  mask.run_lengths.forEach((length, run) => {
    pixels.fill(run % 2, at, at + length);
    at += length;
  });
  return pixels;
}
