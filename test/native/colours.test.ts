// Colours through the letterbox: what is flat stays flat and the same at any size, what is smooth is exact to rounding.
import { describe, expect, test } from 'vitest';
import { type LetterboxGeometry, solveLetterbox } from '#dist/core/geometry.js';
import {
  closeFrame,
  letterboxNv12,
  letterboxRgbPlanar,
  resolveFilter,
  rgbToNv12,
  wrapNv12,
} from '#dist/native/core.js';
import { makeRandom } from '../support/random.js';
import { difference } from './pictures.js';
import { resizeReference, rgbReference } from './resizeReference.js';

type Sides = readonly [number, number];
type Colour = readonly [number, number, number];
type Level = (x: number, y: number) => number;

const cameraSizes: readonly Sides[] = [
  [320, 240],
  [500, 376],
  [612, 400],
  [640, 480],
  [700, 500],
  [800, 600],
  [960, 544],
  [1000, 800],
  [1024, 768],
  [1280, 720],
  [1366, 768],
  [1600, 1200],
  [1920, 1080],
];
const model: Sides = [640, 640];

interface Nv12Bytes {
  readonly bytes: Uint8Array;
  readonly widthPx: number;
  readonly heightPx: number;
}

function flat([widthPx, heightPx]: Sides, [y, u, v]: Colour): Nv12Bytes {
  const bytes = new Uint8Array(widthPx * heightPx * 1.5).fill(y, 0, widthPx * heightPx);
  for (let i = widthPx * heightPx; i < bytes.length; i += 2) bytes.set([u, v], i);
  return { bytes, widthPx, heightPx };
}

/** Levels of Y, U and V by place, 0..1 from edge to edge in both axes. */
function drawn([widthPx, heightPx]: Sides, levels: readonly [Level, Level, Level]): Nv12Bytes {
  const bytes = new Uint8Array(widthPx * heightPx * 1.5);
  let next = 0;
  for (let y = 0.5; y < heightPx; y++) {
    for (let x = 0.5; x < widthPx; x++) bytes[next++] = Math.round(levels[0](x / widthPx, y / heightPx));
  }
  for (let y = 1; y < heightPx; y += 2) {
    for (let x = 1; x < widthPx; x += 2) {
      for (const level of levels.slice(1)) bytes[next++] = Math.round(level(x / widthPx, y / heightPx));
    }
  }
  return { bytes, widthPx, heightPx };
}

function frameOf({ bytes, widthPx, heightPx }: Nv12Bytes) {
  const strides = { yStrideBytes: widthPx, uvStrideBytes: widthPx, uvOffsetBytes: widthPx * heightPx };
  return wrapNv12(bytes, { widthPx, heightPx, ...strides });
}

/** Y and UV of the content, without the border. */
async function scaled(picture: Nv12Bytes, geometry: LetterboxGeometry) {
  const {
    modelWidthPx: pitchBytes,
    modelHeightPx,
    contentWidthPx,
    contentHeightPx,
    padXPx,
    padYPx,
  } = geometry;
  const output = new Uint8Array(pitchBytes * modelHeightPx * 1.5);
  const frame = frameOf(picture);
  const request = { frame, geometry, filter: 'auto', yuvRange: 'full', preview: null } as const;
  await letterboxNv12({ ...request, output, pitchBytes });
  closeFrame(frame);
  const rows = (first: number, count: number) => {
    const bytes = new Uint8Array(count * contentWidthPx);
    for (let y = 0; y < count; y++) {
      const start = (first + y) * pitchBytes + padXPx;
      bytes.set(output.subarray(start, start + contentWidthPx), y * contentWidthPx);
    }
    return bytes;
  };
  return {
    y: rows(padYPx, contentHeightPx),
    uv: rows(modelHeightPx + padYPx / 2, contentHeightPx / 2),
  };
}

/** The content of the three planes, in levels. */
async function scaledRgb(picture: Nv12Bytes, geometry: LetterboxGeometry, yuvRange: 'full' | 'limited') {
  const { modelWidthPx, modelHeightPx, contentWidthPx, contentHeightPx, padXPx, padYPx } = geometry;
  const output = new ArrayBuffer(modelWidthPx * modelHeightPx * 12);
  const frame = frameOf(picture);
  await letterboxRgbPlanar({ frame, geometry, filter: 'auto', yuvRange, preview: null, output });
  closeFrame(frame);
  return [0, 1, 2].map((channel) => {
    const plane = new Float32Array(output).subarray(channel * modelWidthPx * modelHeightPx);
    const levels = new Float64Array(contentWidthPx * contentHeightPx);
    for (let y = 0; y < contentHeightPx; y++) {
      const start = (padYPx + y) * modelWidthPx + padXPx;
      for (let x = 0; x < contentWidthPx; x++) levels[y * contentWidthPx + x] = plane[start + x]! * 255;
    }
    return levels;
  }) as [Float64Array, Float64Array, Float64Array];
}

function expectFlat({ y, uv }: { y: Uint8Array; uv: Uint8Array }, colour: Colour, what: string): void {
  const [luma, u, v] = colour;
  const stray = [y.find((level) => level !== luma), uv.find((level, i) => level !== (i % 2 === 0 ? u : v))];
  expect(stray, what).toEqual([undefined, undefined]);
}

const rounded = (levels: Float64Array) => levels.map((level) => Math.floor(level + 0.5));

describe('a flat picture', () => {
  test.each(cameraSizes)('of %ix%i keeps its colour', async (...size) => {
    for (const colour of [
      [124, 86, 182],
      [0, 255, 1],
      [255, 0, 254],
      [77, 129, 127],
    ] as const) {
      const geometry = solveLetterbox(...size, ...model);
      expectFlat(await scaled(flat(size, colour), geometry), colour, `${colour}`);
    }
  });

  test.each([1, 2, 3, 4])('keeps any colour at any size (seed %i)', async (seed) => {
    const random = makeRandom(seed);
    const even = (limitPx: number) => 2 + 2 * Math.floor(random() * (limitPx / 2));
    const level = () => Math.floor(random() * 256);
    for (let round = 0; round < 25; round++) {
      const size: Sides = [even(1100), even(1100)];
      const target: Sides = [32 + even(500), 32 + even(500)];
      const geometry = solveLetterbox(...size, ...target, round % 3 === 0 ? 'stretch' : 'letterbox');
      const colour: Colour = [level(), level(), level()];
      expectFlat(await scaled(flat(size, colour), geometry), colour, `${size} to ${target}, ${colour}`);
    }
  });

  test.each(cameraSizes)(
    'of R200 G100 B50 and %ix%i is that in the model input',
    async (widthPx, heightPx) => {
      const rgb = new Uint8Array(widthPx * heightPx * 3);
      for (let i = 0; i < rgb.length; i += 3) rgb.set([200, 100, 50], i);
      const bytes = new Uint8Array(widthPx * heightPx * 1.5);
      await rgbToNv12({ rgb, widthPx, heightPx, yuvRange: 'full', output: bytes });
      const geometry = solveLetterbox(widthPx, heightPx, ...model);
      const planes = await scaledRgb({ bytes, widthPx, heightPx }, geometry, 'full');
      const strays = [200, 100, 50].map((level, i) =>
        planes[i]!.find((found) => Math.abs(found - level) > 1e-4),
      );
      expect(strays).toEqual([undefined, undefined, undefined]);
    },
  );
});

describe('a smooth picture', () => {
  const wave =
    (periodsX: number, periodsY: number, start: number): Level =>
    (x, y) =>
      128 + 90 * Math.sin(2 * Math.PI * (periodsX * x + periodsY * y + start));
  const levels = [wave(2, 1, 0.1), wave(1, -2, 0.4), wave(-1.5, 1, 0.7)] as const;

  test.each(cameraSizes)('of %ix%i is exact to rounding', async (...size) => {
    const geometry = solveLetterbox(...size, ...model);
    const { contentWidthPx, contentHeightPx } = geometry;
    const filter = resolveFilter('auto', geometry);
    const picture = drawn(size, levels);
    const { y, uv } = await scaled(picture, geometry);
    const [widthPx, heightPx] = size;
    const yPlane = { widthPx, heightPx, channels: 1, values: picture.bytes };
    const uvPlane = {
      widthPx: widthPx / 2,
      heightPx: heightPx / 2,
      channels: 2,
      values: picture.bytes.subarray(widthPx * heightPx),
    };
    for (const [actual, exact] of [
      [y, resizeReference(yPlane, contentWidthPx, contentHeightPx, filter)],
      [uv, resizeReference(uvPlane, contentWidthPx / 2, contentHeightPx / 2, filter)],
    ] as const) {
      const { max, mean } = difference(actual, rounded(exact));
      expect(max).toBeLessThanOrEqual(1);
      expect(mean).toBeLessThan(0.01);
    }
  });

  test.each(['full', 'limited'] as const)('is exact to rounding in RGB of %s range', async (range) => {
    const size: Sides = [800, 600];
    const geometry = solveLetterbox(...size, ...model);
    const picture = drawn(size, levels);
    const { y, uv } = await scaled(picture, geometry);
    const planes = await scaledRgb(picture, geometry, range);
    const { contentWidthPx } = geometry;
    const exact = planes.map((plane) => plane.slice());
    for (let i = 0; i < y.length; i++) {
      const pair = Math.floor(i / contentWidthPx / 2) * contentWidthPx + ((i % contentWidthPx) & ~1);
      const rgb = rgbReference(y[i]!, uv[pair]!, uv[pair + 1]!, range);
      rgb.forEach((level, channel) => {
        exact[channel]![i] = Math.min(Math.max(level, 0), 255);
      });
    }
    planes.forEach((plane, channel) => {
      const { max, mean } = difference(plane.map(Math.round), rounded(exact[channel]!));
      expect(max).toBeLessThanOrEqual(1);
      expect(mean).toBeLessThan(0.01);
    });
  });
});
