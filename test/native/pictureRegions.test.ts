// A region of a picture gives what that part gives as a picture of its own.
import sharp from 'sharp';
import { describe, expect, test } from 'vitest';
import type { NativeFrame, Region } from '#dist/core/frame.js';
import { type LetterboxGeometry, solveLetterbox } from '#dist/core/geometry.js';
import { closeFrame, letterboxNv12, packedLayout, wrapNv12, wrapPicture } from '#dist/native/core.js';
import { model, rgbPicture, type Sides } from './modelContent.js';
import { difference, nv12Picture, wave } from './pictures.js';

describe('a region', () => {
  const region = { xPx: 46, yPx: 32, widthPx: 257, heightPx: 160 };
  const source: Sides = [303, 240];

  /** Content of a region, or of the whole picture, of a frame that is closed afterwards. */
  async function letterbox(frame: NativeFrame, geometry: LetterboxGeometry): Promise<Uint8Array> {
    const output = new Uint8Array((model[0] * model[1] * 3) / 2);
    const preview = { widthPx: 100, heightPx: 80, output: new ArrayBuffer(100 * 80 * 4) };
    const form = { filter: 'auto', yuvRange: 'full', preview, output, pitchBytes: model[0] } as const;
    try {
      await letterboxNv12({ frame, geometry, ...form });
    } finally {
      closeFrame(frame);
    }
    return output;
  }

  const geometryOf = (region: Region) => solveLetterbox(...source, ...model, 'letterbox', region);
  const geometryOfPart = solveLetterbox(region.widthPx, region.heightPx, ...model);

  /** The rows of a part, as a picture of its own. */
  function partOf(bytes: Uint8Array, strideBytes: number, pixelBytes: number): Uint8Array {
    const rowBytes = Math.ceil((region.widthPx * pixelBytes) / 4) * 4;
    const part = new Uint8Array(rowBytes * region.heightPx);
    for (let y = 0; y < region.heightPx; y++) {
      const start = (region.yPx + y) * strideBytes + region.xPx * pixelBytes;
      part.set(bytes.subarray(start, start + rowBytes), y * rowBytes);
    }
    return part;
  }

  test.each([
    ['rgb8', 3],
    ['bgra8', 4],
    ['mono8', 1],
    ['yuyv', 2],
    ['uyvy', 2],
  ] as const)('of %s is that part alone', async (format, pixelBytes) => {
    const strideBytes = Math.ceil(source[0] / 2) * 2 * pixelBytes + 4;
    const bytes = Uint8Array.from({ length: strideBytes * source[1] }, (_, i) =>
      wave(3, 7, 20)(i % strideBytes, i >> 9),
    );
    const whole = wrapPicture(bytes, { format, widthPx: source[0], heightPx: source[1], strideBytes });
    const part = wrapPicture(partOf(bytes, strideBytes, pixelBytes), {
      format,
      widthPx: region.widthPx,
      heightPx: region.heightPx,
      strideBytes: Math.ceil((region.widthPx * pixelBytes) / 4) * 4,
    });
    const found = await letterbox(whole.frame, geometryOf(region));
    expect(found).toEqual(await letterbox(part.frame, geometryOfPart));
  });

  test('of NV12 is that part alone', async () => {
    const [widthPx, heightPx] = [304, 240];
    const even = { ...region, widthPx: 256 };
    const { bytes, layout } = nv12Picture('wave', widthPx, heightPx);
    const part = new Uint8Array((even.widthPx * even.heightPx * 3) / 2);
    for (let y = 0; y < even.heightPx * 1.5; y++) {
      const row = y < even.heightPx ? even.yPx + y : heightPx + even.yPx / 2 + y - even.heightPx;
      const start = row * widthPx + even.xPx;
      part.set(bytes.subarray(start, start + even.widthPx), y * even.widthPx);
    }
    const geometry = solveLetterbox(widthPx, heightPx, ...model, 'letterbox', even);
    const found = await letterbox(wrapNv12(bytes, layout), geometry);
    const expected = wrapNv12(part, packedLayout(even.widthPx, even.heightPx));
    expect(found).toEqual(await letterbox(expected, solveLetterbox(even.widthPx, even.heightPx, ...model)));
  });

  test.each([
    ['4:4:4', { xPx: 46, yPx: 32, widthPx: 257, heightPx: 160 }],
    ['4:2:0', { xPx: 48, yPx: 32, widthPx: 254, heightPx: 160 }],
  ])('of a JPEG of %s is that part alone', async (chromaSubsampling, part) => {
    const rgb = rgbPicture(source);
    const raw = { width: source[0], height: source[1], channels: 3 } as const;
    const encoded = sharp(Buffer.from(rgb.values as Uint8Array), { raw }).jpeg({
      quality: 97,
      chromaSubsampling,
    });
    const jpeg = await encoded.toBuffer();
    const extract = { left: part.xPx, top: part.yPx, width: part.widthPx, height: part.heightPx };
    const cut = await sharp(jpeg).extract(extract).raw().toBuffer();
    const whole = wrapPicture(new Uint8Array(jpeg), { format: 'jpeg', sizeBytes: jpeg.length });
    const expected = wrapPicture(new Uint8Array(cut), {
      format: 'rgb8',
      widthPx: part.widthPx,
      heightPx: part.heightPx,
      strideBytes: part.widthPx * 3,
    });
    const found = await letterbox(whole.frame, geometryOf(part));
    const wanted = await letterbox(expected.frame, solveLetterbox(part.widthPx, part.heightPx, ...model));
    expect(difference(found, wanted).mean).toBeLessThan(1);
  });

  test.each([
    [{ ...region, xPx: 45 }, 'Expected an even integer for xPx but received 45'],
    [{ ...region, widthPx: 258 }, 'Expected an integer from 1 to 257 for widthPx but received 258'],
    [{ ...region, yPx: 240 }, 'Expected an integer from 0 to 239 for yPx but received 240'],
  ])('%j is refused', async (wrong, message) => {
    const bytes = new Uint8Array(source[0] * source[1]);
    const view = {
      format: 'mono8',
      widthPx: source[0],
      heightPx: source[1],
      strideBytes: source[0],
    } as const;
    const geometry = { ...geometryOf(region), region: wrong };
    await expect(letterbox(wrapPicture(bytes, view).frame, geometry)).rejects.toThrow(message);
  });
});
