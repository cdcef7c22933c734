// Every format but NV12 through the letterbox, against float64 arithmetic from the definitions alone: odd sizes, gaps behind
// the rows, both ranges.
import sharp, { type JpegOptions } from 'sharp';
import { describe, expect, test } from 'vitest';
import { FrameError } from '#dist/core/errors.js';
import type { PackedFormat, PictureView } from '#dist/core/frame.js';
import { type LetterboxGeometry, solveLetterbox } from '#dist/core/geometry.js';
import { closeFrame, letterboxNv12, resolveFilter, wrapPicture } from '#dist/native/core.js';
import { difference, noise, wave } from './pictures.js';
import { type Plane, resizeReference } from './resizeReference.js';

type Sides = readonly [number, number];
type Range = 'full' | 'limited';

const model: Sides = [128, 96];

/** Interleaved RGB, smooth with some noise. */
function rgbPicture([widthPx, heightPx]: Sides): Plane {
  const channels = [wave(3, 2, 30), wave(2, 1, 200), wave(1, 3, 90)];
  const grain = noise(5);
  const values = new Uint8Array(widthPx * heightPx * 3);
  for (let i = 0; i < values.length; i++) {
    const x = Math.floor(i / 3) % widthPx;
    const y = Math.floor(i / 3 / widthPx);
    values[i] = Math.min(255, Math.max(0, channels[i % 3]!(x, y) + grain(x, y + (i % 3) * 1000) / 16 - 8));
  }
  return { widthPx, heightPx, channels: 3, values };
}

/** BT.601 of one pixel, Y from black and chroma around 128, not rounded. */
function yuvOf(red: number, green: number, blue: number, range: Range): readonly [number, number, number] {
  const luma = 0.299 * red + 0.587 * green + 0.114 * blue;
  const [black, yGain, chromaGain] = range === 'full' ? [0, 1, 1] : [16, 219 / 255, 224 / 255];
  return [
    black + luma * yGain,
    128 + ((blue - luma) / 1.772) * chromaGain,
    128 + ((red - luma) / 1.402) * chromaGain,
  ];
}

/** The content of the model input that packed colour gives, Y plane and then UV, not rounded. */
function expectedOfColour(rgb: Plane, geometry: LetterboxGeometry, range: Range): Float64Array {
  const { contentWidthPx: width, contentHeightPx: height } = geometry;
  const scaled = resizeReference(rgb, width, height, resolveFilter('auto', geometry));
  const content = new Float64Array((width * height * 3) / 2);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const at = (y * width + x) * 3;
      const [luma, u, v] = yuvOf(scaled[at]!, scaled[at + 1]!, scaled[at + 2]!, range);
      content[y * width + x] = luma;
      const chroma = width * height + (y >> 1) * width + (x & ~1);
      content[chroma]! += u / 4;
      content[chroma + 1]! += v / 4;
    }
  }
  return content;
}

/** Rows of a packed format with `padding` bytes of 0xAA behind each. */
function packedRows(rgb: Plane, format: PackedFormat, padding: number) {
  const { widthPx, heightPx, values } = rgb;
  const order = format.startsWith('b') ? [2, 1, 0] : [0, 1, 2];
  const channels = format === 'mono8' ? 1 : format.includes('a') ? 4 : 3;
  const strideBytes = widthPx * channels + padding;
  const bytes = new Uint8Array(strideBytes * heightPx).fill(0xaa);
  for (let i = 0; i < widthPx * heightPx; i++) {
    const at = Math.floor(i / widthPx) * strideBytes + (i % widthPx) * channels;
    for (let channel = 0; channel < Math.min(channels, 3); channel++)
      bytes[at + channel] = values[i * 3 + order[channel]!]!;
  }
  return { bytes, view: { format, widthPx, heightPx, strideBytes } };
}

/** What the letterbox makes of a frame: the content only. */
async function contentOf(
  bytes: Uint8Array,
  view: PictureView,
  range: Range,
  [modelWidth, modelHeight] = model,
) {
  const { frame, widthPx, heightPx } = wrapPicture(bytes, view);
  const geometry = solveLetterbox(widthPx, heightPx, modelWidth, modelHeight);
  const output = new Uint8Array((modelWidth * modelHeight * 3) / 2);
  try {
    await letterboxNv12({
      frame,
      geometry,
      filter: 'auto',
      yuvRange: range,
      preview: null,
      output,
      pitchBytes: modelWidth,
    });
  } finally {
    closeFrame(frame);
  }
  const { contentWidthPx, contentHeightPx, padXPx, padYPx } = geometry;
  const rows = [];
  for (let y = 0; y < contentHeightPx * 1.5; y++) {
    const row = y < contentHeightPx ? padYPx + y : modelHeight + padYPx / 2 + y - contentHeightPx;
    rows.push(output.subarray(row * modelWidth + padXPx, row * modelWidth + padXPx + contentWidthPx));
  }
  return { geometry, content: Buffer.concat(rows) };
}

const sizes: readonly Sides[] = [
  [641, 359],
  [128, 96],
  [384, 288],
  [257, 193],
  [63, 47],
  [3, 500],
];

describe.each(['full', 'limited'] as const)('range %s', (range) => {
  describe.each(['rgb8', 'bgr8', 'rgba8', 'bgra8'] as const)('%s', (format) => {
    test.each(sizes)('%d x %d', async (...side) => {
      const rgb = rgbPicture(side);
      const { bytes, view } = packedRows(rgb, format, 5);
      const { geometry, content } = await contentOf(bytes, view, range);
      // Two roundings to whole levels and weights of 1/256.
      expect(difference(content, expectedOfColour(rgb, geometry, range)).max).toBeLessThan(2);
    });
  });

  test.each(sizes)('mono8 of %d x %d', async (...side) => {
    const rgb = rgbPicture(side);
    const red = rgb.values as Uint8Array;
    const grey = red.map((_, i) => red[i - (i % 3)]!);
    const { bytes, view } = packedRows({ ...rgb, values: grey }, 'mono8', 3);
    const { geometry, content } = await contentOf(bytes, view, range);
    expect(difference(content, expectedOfColour({ ...rgb, values: grey }, geometry, range)).max).toBeLessThan(
      2,
    );
  });
});

describe.each(['yuyv', 'uyvy'] as const)('%s', (format) => {
  test.each(sizes)('%d x %d', async (widthPx, heightPx) => {
    const pairs = Math.ceil(widthPx / 2);
    const strideBytes = pairs * 4 + 6;
    const bytes = new Uint8Array(strideBytes * heightPx).fill(0xaa);
    const luma = new Uint8Array(widthPx * heightPx);
    const chroma = new Uint8Array(pairs * heightPx * 2);
    const [lumaAt, uAt, vAt] = [wave(3, 2, 30), wave(2, 1, 200), wave(1, 3, 90)];
    const lumaFirst = format === 'yuyv' ? 0 : 1;
    for (let y = 0; y < heightPx; y++) {
      for (let x = 0; x < widthPx; x++) {
        luma[y * widthPx + x] = lumaAt(x, y);
        bytes[y * strideBytes + x * 2 + lumaFirst] = lumaAt(x, y);
      }
      for (let pair = 0; pair < pairs; pair++) {
        for (const [i, at] of [uAt, vAt].entries()) {
          chroma[(y * pairs + pair) * 2 + i] = at(pair, y);
          bytes[y * strideBytes + pair * 4 + i * 2 + 1 - lumaFirst] = at(pair, y);
        }
      }
    }
    const { geometry, content } = await contentOf(bytes, { format, widthPx, heightPx, strideBytes }, 'full');
    const { contentWidthPx: width, contentHeightPx: height } = geometry;
    const filterFor = (from: Sides, to: Sides) => {
      const isBox = resolveFilter('auto', geometry) === 'box';
      const shrinks = from[0] > 2 * to[0] || from[1] > 2 * to[1];
      return isBox && shrinks && from[0] >= to[0] && from[1] >= to[1] ? 'box' : 'bilinear';
    };
    const expected = [
      resizeReference(
        { widthPx, heightPx, channels: 1, values: luma },
        width,
        height,
        filterFor([widthPx, heightPx], [width, height]),
      ),
      resizeReference(
        { widthPx: pairs, heightPx, channels: 2, values: chroma },
        width / 2,
        height / 2,
        filterFor([pairs, heightPx], [width / 2, height / 2]),
      ),
    ];
    expect(difference(content, [...expected[0]!, ...expected[1]!]).max).toBeLessThan(1.5);
  });
});

describe('compressed pictures', () => {
  const encode = (rgb: Plane) =>
    sharp(Buffer.from(rgb.values as Uint8Array), {
      raw: { width: rgb.widthPx, height: rgb.heightPx, channels: 3 },
    });
  const decode = async (bytes: Buffer, rgb: Plane): Promise<Plane> => {
    const values = await sharp(bytes).toColourspace('srgb').removeAlpha().raw().toBuffer();
    return { ...rgb, values: new Uint8Array(values) };
  };

  test.each([
    ['full', [641, 359], {}],
    ['limited', [641, 359], {}],
    ['full', [641, 359], { chromaSubsampling: '4:4:4' }],
    ['full', [1285, 961], {}],
    ['full', [512, 384], {}],
    ['full', [640, 480], { chromaSubsampling: '4:4:4' }],
    ['full', [130, 97], { progressive: true }],
    ['full', [63, 47], {}],
    ['full', [16, 1000], { chromaSubsampling: '4:4:4' }],
  ] as [Range, Sides, JpegOptions][])('JPEG, range %s, %j, %j', async (range, side, options) => {
    const rgb = rgbPicture(side);
    const bytes = await encode(rgb)
      .jpeg({ quality: 95, ...options })
      .toBuffer();
    const view = { format: 'jpeg', sizeBytes: bytes.length } as const;
    const { geometry, content } = await contentOf(new Uint8Array(bytes), view, range);
    const expected = expectedOfColour(await decode(bytes, rgb), geometry, range);
    // A decoder that scales weighs the pixels a little otherwise than one that does not.
    expect(difference(content, expected).mean).toBeLessThan(1.6);
  });

  test('a grey JPEG has no chroma', async () => {
    const rgb = rgbPicture([200, 150]);
    const bytes = await encode(rgb).greyscale().jpeg({ quality: 95 }).toBuffer();
    const view = { format: 'jpeg', sizeBytes: bytes.length } as const;
    const { geometry, content } = await contentOf(new Uint8Array(bytes), view, 'full');
    const chroma = content.subarray(geometry.contentWidthPx * geometry.contentHeightPx);
    expect(new Set(chroma)).toEqual(new Set([128]));
    const expected = expectedOfColour(await decode(bytes, rgb), geometry, 'full');
    expect(difference(content, expected).mean).toBeLessThan(1);
  });

  test.each([
    ['RGB', {}, 0],
    ['RGBA', {}, 1],
    ['a palette', { palette: true, colours: 256 }, 0],
  ])('PNG of %s', async (_, options, alpha) => {
    const rgb = rgbPicture([201, 151]);
    const picture = alpha === 0 ? encode(rgb) : encode(rgb).ensureAlpha(0.5);
    const bytes = await picture.png(options).toBuffer();
    const view = { format: 'png', sizeBytes: bytes.length } as const;
    const { geometry, content } = await contentOf(new Uint8Array(bytes), view, 'full');
    const expected = expectedOfColour(alpha === 0 ? await decode(bytes, rgb) : rgb, geometry, 'full');
    expect(difference(content, expected).max).toBeLessThan(2);
  });

  test('of every length are decoded or refused, and nothing else happens', async () => {
    const rgb = rgbPicture([67, 45]);
    for (const format of ['jpeg', 'png'] as const) {
      const whole = await encode(rgb)[format]().toBuffer();
      for (let length = 0; length < whole.length; length += length < 700 ? 1 : 37) {
        // Memory of its own: what reads behind the end is found by the sanitizer.
        const bytes = new Uint8Array(whole.subarray(0, length));
        const attempt = async () => contentOf(bytes, { format, sizeBytes: length }, 'full');
        const error = await attempt().then(
          () => null,
          (reason: unknown) => reason,
        );
        // A picture whose end mark alone is missing is whole.
        if (error === null) expect(length).toBeGreaterThan(whole.length - 20);
        else {
          expect(error).toBeInstanceOf(FrameError);
          expect((error as FrameError).code).toBe('picture');
        }
      }
    }
  });

  test('with bytes changed anywhere are decoded or refused', async () => {
    const random = noise(77);
    for (const format of ['jpeg', 'png'] as const) {
      const whole = await encode(rgbPicture([67, 45]))
        [format]()
        .toBuffer();
      for (let round = 0; round < 400; round++) {
        const bytes = new Uint8Array(whole);
        for (let i = 0; i < 3; i++) {
          const at = (random(round, i) * 256 + random(i + 9, round)) % (round % 2 === 0 ? 300 : whole.length);
          bytes[at] = random(round + 7, i + 3);
        }
        const outcome = contentOf(bytes, { format, sizeBytes: bytes.length }, 'full').catch((error) => error);
        const result = await outcome;
        if (result instanceof Error)
          expect(['picture', 'argument', 'geometry']).toContain((result as FrameError).code);
      }
    }
  });
});

describe('wrapPicture refuses', () => {
  const bytes = new Uint8Array(30);
  const view = { format: 'rgb8', widthPx: 5, heightPx: 2, strideBytes: 15 } as const;

  test.each([
    [{ ...view, heightPx: 3 }, 'at most 30 bytes for view but received 45 bytes'],
    [{ ...view, strideBytes: 14 }, 'an integer from 15 to 131072 for strideBytes but received 14'],
    [{ ...view, widthPx: 0 }, 'an integer from 1 to 32768 for widthPx but received 0'],
    [
      { ...view, format: 'yuyv', strideBytes: 11 },
      'an integer from 12 to 131072 for strideBytes but received 11',
    ],
    [{ format: 'jpeg', sizeBytes: 31 }, '0 to 30 for sizeBytes but received 31'],
  ] as [PictureView, string][])('%j', (wrong, message) => {
    expect(() => wrapPicture(bytes, wrong)).toThrow(`Expected ${message}`);
  });

  test('rows that end behind the bytes, though strides would wrap in 32 bits', () => {
    const huge = { format: 'mono8', widthPx: 1, heightPx: 32_768, strideBytes: 131_072 } as const;
    expect(() => wrapPicture(bytes, huge)).toThrow('received 4294967296 bytes');
  });
});
