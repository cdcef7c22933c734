import { describe, expect, it } from 'vitest';
import { blendRun, fillRect, pictureOf, rgbOf, strokeRect } from '#dist/render/picture.js';
import { greyPicture } from './scene.js';

describe('blending', () => {
  it('equals the formula channel by channel, for every weight and value', () => {
    const rgba = new Uint8Array(256 * 4);
    const pixels = new Uint32Array(rgba.buffer);
    const colour = [255, 128, 1] as const;
    for (let weight = 0; weight <= 256; weight++) {
      for (let value = 0; value < 256; value++) rgba.set([value, 255 - value, value, value], value * 4);
      blendRun(pixels, 0, 256, colour, weight);
      const mix = (below: number, above: number) =>
        Math.floor((below * (256 - weight) + above * weight + 128) / 256);
      const expected = new Uint8Array(256 * 4);
      for (let value = 0; value < 256; value++) {
        expected.set([mix(value, 255), mix(255 - value, 128), mix(value, 1), value], value * 4);
      }
      expect(Buffer.compare(rgba, expected), `weight ${weight}`).toBe(0);
    }
  });
});

describe('a border', () => {
  const whiteAt = (rgba: Uint8Array, widthPx: number) =>
    Array.from({ length: rgba.length / 4 / widthPx }, (_, y) =>
      Array.from({ length: widthPx }, (__, x) => rgba[(y * widthPx + x) * 4]!),
    );

  it('mixes every pixel once, also at its corners', () => {
    const rgba = greyPicture(7, 6, 0);
    const rect = { xPx: 1, yPx: 1, widthPx: 5, heightPx: 4 };
    strokeRect(pictureOf(rgba, 7, 6), rect, [255, 255, 255], 1, 128);
    expect(whiteAt(rgba, 7)).toEqual([
      [0, 0, 0, 0, 0, 0, 0],
      [0, 128, 128, 128, 128, 128, 0],
      [0, 128, 0, 0, 0, 128, 0],
      [0, 128, 0, 0, 0, 128, 0],
      [0, 128, 128, 128, 128, 128, 0],
      [0, 0, 0, 0, 0, 0, 0],
    ]);
  });

  it('thicker than its rectangle fills that and nothing else', () => {
    const rgba = greyPicture(4, 3, 0);
    strokeRect(pictureOf(rgba, 4, 3), { xPx: 1, yPx: 0, widthPx: 2, heightPx: 3 }, [255, 255, 255], 2);
    expect(whiteAt(rgba, 4)).toEqual(Array(3).fill([0, 255, 255, 0]));
  });

  it('and a filled rectangle beyond the picture are cut off', () => {
    const rgba = greyPicture(4, 3, 0);
    const picture = pictureOf(rgba, 4, 3);
    fillRect(picture, { xPx: -3, yPx: -2, widthPx: 4, heightPx: 9 }, [255, 255, 255]);
    fillRect(picture, { xPx: 3, yPx: 2, widthPx: 9, heightPx: 9 }, [255, 255, 255]);
    fillRect(picture, { xPx: 9, yPx: 9, widthPx: 2, heightPx: 2 }, [255, 255, 255]);
    expect(whiteAt(rgba, 4)).toEqual([
      [255, 0, 0, 0],
      [255, 0, 0, 0],
      [255, 0, 0, 255],
    ]);
  });
});

describe('RGB bytes', () => {
  it.each([
    [1, 1],
    [2, 1],
    [3, 1],
    [4, 1],
    [13, 7],
    [16, 9],
  ])('of %i x %i pixels are the RGBA bytes without alpha', (widthPx, heightPx) => {
    const rgba = Uint8Array.from({ length: widthPx * heightPx * 4 }, (_, i) => (i * 37 + 11) & 255);
    const rgb = [...rgba].filter((_, i) => i % 4 !== 3);
    expect([...rgbOf(pictureOf(rgba, widthPx, heightPx))]).toEqual(rgb);
  });
});

describe('a picture', () => {
  it('of the wrong length is refused with both numbers', () => {
    expect(() => pictureOf(new Uint8Array(10), 640, 360)).toThrow(/10 bytes.*921600/);
  });
});
