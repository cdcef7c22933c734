// Uncompressed formats but NV12 through the letterbox, against float64 arithmetic: odd sizes, gaps behind the rows, both ranges.
import { describe, expect, test } from 'vitest';
import type { PackedFormat, PictureView } from '#dist/core/frame.js';
import { resolveFilter, wrapPicture } from '#dist/native/core.js';
import { contentOf, expectedOfColour, rgbPicture, type Sides } from './modelContent.js';
import { difference, wave } from './pictures.js';
import { type Plane, resizeReference } from './resizeReference.js';

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
