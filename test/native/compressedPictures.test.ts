// JPEG and PNG through the letterbox, against what sharp decodes; and files that are cut off or broken.
import sharp, { type JpegOptions } from 'sharp';
import { describe, expect, test } from 'vitest';
import { FrameError } from '#dist/core/errors.js';
import { contentOf, expectedOfColour, type Range, rgbPicture, type Sides } from './modelContent.js';
import { difference, noise } from './pictures.js';
import type { Plane } from './resizeReference.js';

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
