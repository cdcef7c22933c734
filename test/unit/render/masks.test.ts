import { describe, expect, it } from 'vitest';
import { MaskPainter, outlineWeight, tintWeight } from '#dist/render/masks.js';
import { pictureOf } from '#dist/render/picture.js';
import { randomPixelMasks } from '../core/pixelMasks.js';
import { blocks, greyPicture, raggedMask } from './scene.js';

const white = [255, 255, 255] as const;

/** What a channel of value 0 becomes under white of a weight. */
const painted = (weight: number) => (255 * weight + 128) >> 8;

/** The mask at the picture's size, from the source pixel under each centre. */
function scaled(mask: Uint8Array, source: [number, number], picture: [number, number]): Uint8Array {
  const [sourceWidthPx, sourceHeightPx] = source;
  const [widthPx, heightPx] = picture;
  return Uint8Array.from({ length: widthPx * heightPx }, (_, at) => {
    // A centre on the edge between two pixels belongs to the right one, and to the one below.
    const x = Math.floor((((at % widthPx) + 0.5) * sourceWidthPx) / widthPx);
    const y = Math.floor(((Math.floor(at / widthPx) + 0.5) * sourceHeightPx) / heightPx);
    return mask[y * sourceWidthPx + x]!;
  });
}

/** The mask without the pixels that miss one of four neighbours, once for each step. */
function eroded(mask: Uint8Array, widthPx: number, heightPx: number, steps: number): Uint8Array {
  let inner = mask;
  for (let step = 0; step < steps; step++) {
    const outer = inner;
    const at = (x: number, y: number) =>
      x >= 0 && y >= 0 && x < widthPx && y < heightPx ? outer[y * widthPx + x]! : 0;
    inner = outer.map((value, i) => {
      const x = i % widthPx;
      const y = Math.floor(i / widthPx);
      return value & at(x - 1, y) & at(x + 1, y) & at(x, y - 1) & at(x, y + 1);
    });
  }
  return inner;
}

describe('masks', () => {
  it('tint what is inside by 112/256 of their colour and leave the rest alone', () => {
    const rgba = greyPicture(40, 20, 100);
    const instances = blocks({ classId: 0, score: 0.9, x1: 10, y1: 4, x2: 30, y2: 16 });
    const red = [200, 0, 40] as const;
    new MaskPainter().paint(pictureOf(rgba, 40, 20), instances, { widthPx: 40, heightPx: 20 }, [red], 0);
    for (let y = 0; y < 20; y++) {
      for (let x = 0; x < 40; x++) {
        const inside = x >= 10 && x < 30 && y >= 4 && y < 16;
        const pixel = [...rgba.subarray((y * 40 + x) * 4, (y * 40 + x) * 4 + 4)];
        const blended = red.map((colour) => Math.floor((100 * 144 + colour * 112 + 128) / 256));
        expect(pixel, `${x},${y}`).toEqual(inside ? [...blended, 255] : [100, 100, 100, 255]);
      }
    }
  });

  describe.each([
    ['of the same size', [64, 48]],
    ['half as large', [32, 24]],
    ['smaller by odd shares', [37, 19]],
    ['larger', [150, 101]],
    ['stretched', [20, 90]],
  ] as [string, [number, number]][])('on a picture %s', (_, size) => {
    it.each([0, 1, 2, 3])('equal a version pixel by pixel with an outline of %i px', (outlinePx) => {
      const painter = new MaskPainter();
      for (let seed = 1; seed <= 12; seed++) {
        const { instances, mask } = raggedMask(64, 48, seed);
        const [widthPx, heightPx] = size;
        const rgba = greyPicture(widthPx, heightPx, 0);
        const source = { widthPx: 64, heightPx: 48 };
        painter.paint(pictureOf(rgba, widthPx, heightPx), instances, source, [white], outlinePx);
        const outer = scaled(mask, [64, 48], size);
        const inner = eroded(outer, widthPx, heightPx, outlinePx);
        const expected = outer.map((value, i) =>
          value === 0 ? 0 : painted(inner[i] === 1 ? tintWeight : outlineWeight),
        );
        const green = expected.map((__, i) => rgba[i * 4 + 1]!);
        expect(Buffer.compare(green, expected), `seed ${seed}`).toBe(0);
      }
    });
  });

  it.each([
    ['of the same size', [48, 34]],
    ['smaller', [31, 20]],
    ['larger', [100, 75]],
  ] as [string, [number, number]][])(
    'that overlap equal a version pixel by pixel on a picture %s',
    (_, size) => {
      const [widthPx, heightPx] = size;
      const painter = new MaskPainter();
      for (let seed = 1; seed <= 8; seed++) {
        const { header, instances, masks } = randomPixelMasks(9, seed);
        const colours = masks.map((__, i) => [31 * i, 255 - 20 * i, (97 * i) % 256] as const);
        const rgba = greyPicture(widthPx, heightPx, 100);
        painter.paint(pictureOf(rgba, widthPx, heightPx), instances, header, colours, 1);
        const expected = greyPicture(widthPx, heightPx, 100);
        // Each mask is blended over all that are worse.
        for (let index = masks.length - 1; index >= 0; index--) {
          const outer = scaled(masks[index]!, [48, 34], size);
          const inner = eroded(outer, widthPx, heightPx, 1);
          outer.forEach((value, pixel) => {
            if (value === 0) return;
            const weight = inner[pixel] === 1 ? tintWeight : outlineWeight;
            colours[index]!.forEach((colour, channel) => {
              const at = pixel * 4 + channel;
              expected[at] = Math.floor((expected[at]! * (256 - weight) + colour * weight + 128) / 256);
            });
          });
        }
        expect(Buffer.compare(rgba, expected), `seed ${seed}`).toBe(0);
      }
    },
  );

  it('of the best score lie on top', () => {
    const rgba = greyPicture(8, 8, 0);
    const both = { x1: 0, y1: 0, x2: 8, y2: 8 };
    const instances = blocks({ classId: 0, score: 0.9, ...both }, { classId: 1, score: 0.5, ...both });
    const colours = [[255, 0, 0] as const, [0, 255, 0] as const];
    new MaskPainter().paint(pictureOf(rgba, 8, 8), instances, { widthPx: 8, heightPx: 8 }, colours, 0);
    expect(rgba[0]!).toBeGreaterThan(rgba[1]!);
  });

  it('without pixels paint nothing', () => {
    const rgba = greyPicture(8, 8, 7);
    const instances = blocks({ classId: 0, score: 0.9, x1: 3, y1: 3, x2: 3, y2: 3 });
    new MaskPainter().paint(pictureOf(rgba, 8, 8), instances, { widthPx: 8, heightPx: 8 }, [white], 2);
    expect([...rgba]).toEqual([...greyPicture(8, 8, 7)]);
  });
});
