import { readFileSync } from 'node:fs';
import type { Nv12Layout } from '#dist/native/core.js';

/** Synthetic pictures by integer formulas that tools/oracles/letterbox.py repeats. */
export type PictureKind = 'wave' | 'noise';

export interface Nv12Picture {
  readonly bytes: Uint8Array;
  readonly layout: Nv12Layout;
}

type Pixel = (x: number, y: number) => number;

export function wave(stepX: number, stepY: number, phase: number): Pixel {
  return (x, y) => Math.abs(((x * stepX + y * stepY + phase) % 510) - 255);
}

export function noise(seed: number): Pixel {
  const seedBits = Math.imul(seed, 83492791);
  return (x, y) => {
    const mixed = (Math.imul(x, 73856093) ^ Math.imul(y, 19349663) ^ seedBits) >>> 0;
    return Math.imul(mixed ^ (mixed >>> 13), 1274126177) >>> 24;
  };
}

const pixels: Record<PictureKind, readonly [Pixel, Pixel, Pixel]> = {
  wave: [wave(1, 2, 30), wave(2, 1, 200), wave(1, 3, 90)],
  noise: [noise(1), noise(2), noise(3)],
};

/** An NV12 picture with `padding` bytes of 0xAA behind each row and between the planes. */
export function nv12Picture(
  kind: PictureKind,
  widthPx: number,
  heightPx: number,
  padding = { y: 0, uv: 0, gap: 0 },
): Nv12Picture {
  const yStrideBytes = widthPx + padding.y;
  const uvStrideBytes = widthPx + padding.uv;
  const uvOffsetBytes = yStrideBytes * heightPx + padding.gap;
  const bytes = new Uint8Array(uvOffsetBytes + (uvStrideBytes * heightPx) / 2).fill(0xaa);
  const [luma, u, v] = pixels[kind];
  for (let y = 0; y < heightPx; y++) {
    for (let x = 0; x < widthPx; x++) bytes[y * yStrideBytes + x] = luma(x, y);
  }
  for (let y = 0; y < heightPx / 2; y++) {
    const row = uvOffsetBytes + y * uvStrideBytes;
    for (let x = 0; x < widthPx / 2; x++) {
      bytes[row + 2 * x] = u(x, y);
      bytes[row + 2 * x + 1] = v(x, y);
    }
  }
  return { bytes, layout: { widthPx, heightPx, yStrideBytes, uvOffsetBytes, uvStrideBytes } };
}

/** Bytes of a committed expectation. */
export function expectation(file: string): Uint8Array {
  return readFileSync(new URL(`../fixtures/letterbox/${file}`, import.meta.url));
}

export interface Difference {
  readonly max: number;
  readonly mean: number;
}

/** Largest and mean absolute difference; lengths must agree. */
export function difference(actual: ArrayLike<number>, expected: ArrayLike<number>): Difference {
  if (actual.length !== expected.length)
    throw new Error(`${actual.length} values against ${expected.length} expected`);
  let max = 0;
  let sum = 0;
  for (let i = 0; i < actual.length; i++) {
    const delta = Math.abs(actual[i]! - expected[i]!);
    max = Math.max(max, delta);
    sum += delta;
  }
  return { max, mean: sum / actual.length };
}
