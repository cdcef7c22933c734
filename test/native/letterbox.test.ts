import { describe, expect, test } from 'vitest';
import { type LetterboxGeometry, solveLetterbox } from '#dist/core/geometry.js';
import {
  closeFrame,
  letterboxNv12,
  letterboxRgbPlanar,
  type Nv12Request,
  type RgbToNv12Request,
  resolveFilter,
  rgbToNv12,
  wrapNv12,
} from '#dist/native/core.js';
import {
  difference,
  expectation,
  type Nv12Picture,
  noise,
  nv12Picture,
  type PictureKind,
  wave,
} from './pictures.js';

type Sides = readonly [number, number];
type YuvRange = 'full' | 'limited';

interface LetterboxCase {
  name: string;
  picture: PictureKind;
  source: Sides;
  model: Sides;
  filter: 'bilinear' | 'box';
  rowStep: number;
  content: Pick<LetterboxGeometry, 'padXPx' | 'padYPx' | 'contentWidthPx' | 'contentHeightPx'>;
}

interface Cases {
  letterbox: LetterboxCase[];
  colour: { name: string; picture: PictureKind; source: Sides; model: Sides; yuvRange: YuvRange }[];
  preview: { name: string; picture: PictureKind; source: Sides; preview: Sides; yuvRange: YuvRange }[];
  rgbToNv12: { name: string; size: Sides; yuvRange: YuvRange }[];
}

const cases = JSON.parse(Buffer.from(expectation('cases.json')).toString()) as Cases;
const untouched = 0x55;

interface ModelNv12 {
  readonly output: Uint8Array;
  readonly pitchBytes: number;
}

/** Letterboxes a picture into NV12 whose rows are 6 bytes longer than the model's width. */
async function letterboxed(
  picture: Nv12Picture,
  geometry: LetterboxGeometry,
  filter: Nv12Request['filter'],
): Promise<ModelNv12> {
  const pitchBytes = geometry.modelWidthPx + 6;
  const output = new Uint8Array((pitchBytes * geometry.modelHeightPx * 3) / 2).fill(untouched);
  const frame = wrapNv12(picture.bytes, picture.layout);
  await letterboxNv12({ frame, geometry, filter, yuvRange: 'full', preview: null, output, pitchBytes });
  closeFrame(frame);
  return { output, pitchBytes };
}

/** Every `rowStep`-th row of the content, Y then UV. */
function contentRows({ output, pitchBytes }: ModelNv12, geometry: LetterboxGeometry, rowStep: number) {
  const rows: number[] = [];
  const uvStart = pitchBytes * geometry.modelHeightPx;
  for (const [start, padPx, heightPx] of [
    [0, geometry.padYPx, geometry.contentHeightPx],
    [uvStart, geometry.padYPx / 2, geometry.contentHeightPx / 2],
  ] as const) {
    for (let y = 0; y < heightPx; y += rowStep) {
      const first = start + (padPx + y) * pitchBytes + geometry.padXPx;
      rows.push(...output.subarray(first, first + geometry.contentWidthPx));
    }
  }
  return rows;
}

function solve(source: Sides, model: Sides): LetterboxGeometry {
  return solveLetterbox(source[0], source[1], model[0], model[1]);
}

describe('letterboxNv12 against OpenCV and numpy', () => {
  // Weights are rounded to 1/256. Waves of whole steps have many exact halves, which then may round down too.
  const allowedMean = { wave: 0.1, noise: 0.2 };

  test.each(cases.letterbox)('$name', async ({ name, picture, source, model, filter, rowStep, content }) => {
    const geometry = solve(source, model);
    expect(geometry).toMatchObject(content);
    const result = await letterboxed(nv12Picture(picture, source[0], source[1]), geometry, filter);
    const { max, mean } = difference(contentRows(result, geometry, rowStep), expectation(`${name}.bin`));
    expect(max).toBeLessThanOrEqual(1);
    expect(mean).toBeLessThan(allowedMean[picture]);
  });

  test.each(
    cases.letterbox.filter(({ name }) => ['hd-third-point', 'hd-third-box', '720p-half'].includes(name)),
  )('$name agrees exactly', async ({ name, picture, source, model, filter, rowStep }) => {
    const geometry = solve(source, model);
    const result = await letterboxed(nv12Picture(picture, source[0], source[1]), geometry, filter);
    expect(difference(contentRows(result, geometry, rowStep), expectation(`${name}.bin`)).max).toBe(0);
  });
});

describe('letterboxNv12', () => {
  test.each(['bilinear', 'box'] as const)(
    'copies a rectified picture of a stereo camera, as wide as the model, byte for byte (%s)',
    async (filter) => {
      const geometry = solve([640, 352], [640, 640]);
      expect(geometry).toMatchObject({ padXPx: 0, padYPx: 144, contentWidthPx: 640, contentHeightPx: 352 });
      const picture = nv12Picture('noise', 640, 352);
      const { output, pitchBytes } = await letterboxed(picture, geometry, filter);
      for (let row = 0; row < 352 + 176; row++) {
        const outputRow = row < 352 ? 144 + row : 640 + 72 + (row - 352);
        const copied = output.subarray(outputRow * pitchBytes, outputRow * pitchBytes + 640);
        expect(Buffer.compare(copied, picture.bytes.subarray(row * 640, (row + 1) * 640))).toBe(0);
      }
    },
  );

  test.each([
    { y: 64, uv: 64, gap: 0 },
    { y: 1, uv: 3, gap: 0 },
    { y: 0, uv: 2, gap: 4096 },
    { y: 31, uv: 0, gap: 1 },
  ])('reads rows padded by $y and $uv bytes, planes $gap bytes apart', async (padding) => {
    for (const filter of ['bilinear', 'box'] as const) {
      const geometry = solve([640, 360], [96, 96]);
      const plain = await letterboxed(nv12Picture('noise', 640, 360), geometry, filter);
      const padded = await letterboxed(nv12Picture('noise', 640, 360, padding), geometry, filter);
      expect(Buffer.compare(padded.output, plain.output)).toBe(0);
    }
  });

  test.each([
    [
      [640, 360],
      [96, 96],
    ],
    [
      [360, 640],
      [96, 96],
    ],
    [
      [1280, 720],
      [320, 192],
    ],
    [
      [2, 2],
      [64, 32],
    ],
    [
      [100, 100],
      [50, 50],
    ],
  ] as [Sides, Sides][])('pads %j in %j with exact grey and writes nothing else', async (source, model) => {
    const geometry = solve(source, model);
    const picture = nv12Picture('wave', source[0], source[1]);
    const { output, pitchBytes } = await letterboxed(picture, geometry, 'auto');
    const { padXPx, padYPx, contentWidthPx, contentHeightPx, modelHeightPx } = geometry;
    for (let row = 0; row < modelHeightPx * 1.5; row++) {
      const isChroma = row >= modelHeightPx;
      const y = isChroma ? (row - modelHeightPx) * 2 : row;
      const inside = y >= padYPx && y < padYPx + contentHeightPx;
      const bytes = output.subarray(row * pitchBytes, (row + 1) * pitchBytes);
      const grey = isChroma ? 128 : 114;
      const left = inside ? bytes.subarray(0, padXPx) : bytes.subarray(0, model[0]);
      const right = inside ? bytes.subarray(padXPx + contentWidthPx, model[0]) : new Uint8Array();
      expect([...left, ...right].every((value) => value === grey)).toBe(true);
      expect([...bytes.subarray(model[0])].every((value) => value === untouched)).toBe(true);
    }
  });

  test('stretches the picture over the whole model input', async () => {
    const geometry = solveLetterbox(200, 100, 64, 96, 'stretch');
    const picture = nv12Picture('wave', 200, 100);
    picture.bytes.fill(77);
    const result = await letterboxed(picture, geometry, 'auto');
    expect(new Set(contentRows(result, geometry, 1))).toEqual(new Set([77]));
    expect(contentRows(result, geometry, 1)).toHaveLength(64 * 96 * 1.5);
  });
});

describe('letterboxRgbPlanar', () => {
  async function planes(picture: Nv12Picture, geometry: LetterboxGeometry, yuvRange: YuvRange) {
    const output = new ArrayBuffer(3 * geometry.modelWidthPx * geometry.modelHeightPx * 4);
    const frame = wrapNv12(picture.bytes, picture.layout);
    const report = await letterboxRgbPlanar({
      frame,
      geometry,
      filter: 'auto',
      yuvRange,
      output,
      preview: null,
    });
    closeFrame(frame);
    return { values: new Float32Array(output), report };
  }

  test.each(cases.colour)(
    '$name agrees with BT.601 in float64',
    async ({ name, source, model, yuvRange }) => {
      const geometry = solve(source, model);
      const { values } = await planes(nv12Picture('noise', source[0], source[1]), geometry, yuvRange);
      const content = [0, 1, 2].flatMap((channel) => {
        const first = channel * model[0] * model[1] + geometry.padYPx * model[0];
        return [...values.subarray(first, first + geometry.contentHeightPx * model[0])];
      });
      const levels = content.map((value) => Math.round(value * 255));
      const { max, mean } = difference(levels, expectation(`${name}.bin`));
      expect(max).toBeLessThanOrEqual(1);
      expect(mean).toBeLessThan(0.01);
    },
  );

  test.each([
    [
      [640, 360],
      [96, 96],
    ],
    [
      [360, 640],
      [96, 96],
    ],
  ] as [Sides, Sides][])('pads %j in %j with 114/255 in every plane', async (source, model) => {
    const geometry = solve(source, model);
    const picture = nv12Picture('wave', source[0], source[1]);
    picture.bytes.fill(200, 0, picture.layout.uvOffsetBytes);
    picture.bytes.fill(128, picture.layout.uvOffsetBytes);
    const { values } = await planes(picture, geometry, 'full');
    const grey = Math.fround(114 / 255);
    const { padXPx, padYPx, contentWidthPx, contentHeightPx } = geometry;
    values.forEach((value, index) => {
      const x = index % model[0];
      const y = Math.floor(index / model[0]) % model[1];
      const inside =
        x >= padXPx && x < padXPx + contentWidthPx && y >= padYPx && y < padYPx + contentHeightPx;
      if (inside ? Math.abs(value - 200 / 255) > 1e-6 : value !== grey) {
        expect.fail(`${value} at ${x}, ${y}; inside: ${inside}`);
      }
    });
  });

  test('limited range reaches 0 and 1', async () => {
    const picture = nv12Picture('wave', 32, 32);
    picture.bytes.fill(128, picture.layout.uvOffsetBytes);
    for (const [level, expected] of [
      [16, 0],
      [235, 1],
    ] as const) {
      picture.bytes.fill(level, 0, picture.layout.uvOffsetBytes);
      const { values } = await planes(picture, solve([32, 32], [32, 32]), 'limited');
      expect(new Set(values)).toEqual(new Set([expected]));
    }
  });

  test('reports how long it waited, read and worked', async () => {
    const { report } = await planes(nv12Picture('wave', 640, 360), solve([640, 360], [320, 320]), 'full');
    expect(report.queuedMs).toBeGreaterThanOrEqual(0);
    expect(report.readMs).toBeGreaterThan(0);
    expect(report.durationMs).toBeGreaterThan(report.readMs);
    expect(report.durationMs).toBeLessThan(1000);
  });
});

describe('preview', () => {
  // libyuv converts the preview in 6-bit fixed point: at most 3 levels off, where blue is saturated.
  test.each(cases.preview)(
    '$name agrees with numpy',
    async ({ name, picture, source, preview, yuvRange }) => {
      const { bytes, layout } = nv12Picture(picture, source[0], source[1]);
      const [widthPx, heightPx] = preview;
      const rgba = new ArrayBuffer(widthPx * heightPx * 4);
      const frame = wrapNv12(bytes, layout);
      await letterboxRgbPlanar({
        frame,
        geometry: solve(source, [64, 64]),
        filter: 'bilinear',
        yuvRange,
        output: new ArrayBuffer(3 * 64 * 64 * 4),
        preview: { widthPx, heightPx, output: rgba },
      });
      closeFrame(frame);
      const pixels = new Uint8Array(rgba);
      const expected = expectation(`${name}.bin`);
      const rgb = pixels.filter((_, index) => index % 4 !== 3);
      expect(difference(rgb, expected).max).toBeLessThanOrEqual(3);
      expect(difference(rgb, expected).mean).toBeLessThan(0.5);
      expect(pixels.filter((_, index) => index % 4 === 3).every((alpha) => alpha === 255)).toBe(true);
    },
  );
});

describe('rgbToNv12', () => {
  function rgbPicture(widthPx: number, heightPx: number): Uint8Array {
    const channels = [noise(4), wave(3, 5, 0), wave(7, 2, 40)];
    return Uint8Array.from({ length: widthPx * heightPx * 3 }, (_, index) => {
      const pixel = Math.floor(index / 3);
      return channels[index % 3]!(pixel % widthPx, Math.floor(pixel / widthPx));
    });
  }

  test.each(cases.rgbToNv12)('$name agrees with BT.601 in float64', async ({ name, size, yuvRange }) => {
    const [widthPx, heightPx] = size;
    const output = new Uint8Array(widthPx * heightPx * 1.5);
    await rgbToNv12({ rgb: rgbPicture(widthPx, heightPx), widthPx, heightPx, yuvRange, output });
    const { max, mean } = difference(output, expectation(`${name}.bin`));
    expect(max).toBeLessThanOrEqual(1);
    expect(mean).toBeLessThan(0.01);
  });

  test.each([
    [2, 2],
    [6, 10],
    [640, 362],
  ])('converts grey %ix%i to itself', async (widthPx, heightPx) => {
    const request: RgbToNv12Request = {
      rgb: new Uint8Array(widthPx * heightPx * 3).fill(90),
      widthPx,
      heightPx,
      yuvRange: 'full',
      output: new Uint8Array(widthPx * heightPx * 1.5),
    };
    await rgbToNv12(request);
    expect(new Set(request.output.subarray(0, widthPx * heightPx))).toEqual(new Set([90]));
    expect(new Set(request.output.subarray(widthPx * heightPx))).toEqual(new Set([128]));
  });
});

describe('resolveFilter', () => {
  test('auto takes box for reductions above 2 in either axis', () => {
    expect(resolveFilter('auto', solve([1920, 1080], [640, 640]))).toBe('box');
    expect(resolveFilter('auto', solve([1280, 720], [640, 640]))).toBe('bilinear');
    expect(resolveFilter('auto', solve([320, 240], [640, 640]))).toBe('bilinear');
    expect(resolveFilter('auto', solveLetterbox(1300, 100, 640, 640, 'stretch'))).toBe('box');
  });

  test('a filter that was chosen stays', () => {
    expect(resolveFilter('bilinear', solve([1920, 1080], [640, 640]))).toBe('bilinear');
    expect(resolveFilter('box', solve([320, 240], [640, 640]))).toBe('box');
  });
});
