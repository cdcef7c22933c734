import { describe, expect, it } from 'vitest';
import { OverlayPainter } from '#dist/render/draw.js';
import { fittingItems, overlaySizes, placeLabel } from '#dist/render/layout.js';
import { MaskPainter } from '#dist/render/masks.js';
import { classColour, instanceColour, textColourOn } from '#dist/render/palette.js';
import { blocks, greyPicture } from './scene.js';

const red = [200, 0, 40] as const;

describe('masks', () => {
  it('tint what is inside by 112/256 of their colour and leave the rest alone', () => {
    const rgba = greyPicture(40, 20, 100);
    const instances = blocks({ classId: 0, score: 0.9, x1: 10, y1: 4, x2: 30, y2: 16 });
    new MaskPainter().paint({ widthPx: 40, heightPx: 20, rgba }, instances, 40, 20, [red], 0);
    for (let y = 0; y < 20; y++) {
      for (let x = 0; x < 40; x++) {
        const inside = x >= 10 && x < 30 && y >= 4 && y < 16;
        const pixel = [...rgba.subarray((y * 40 + x) * 4, (y * 40 + x) * 4 + 4)];
        const blended = red.map((colour) => Math.floor((100 * 144 + colour * 112 + 128) / 256));
        expect(pixel, `${x},${y}`).toEqual(inside ? [...blended, 255] : [100, 100, 100, 255]);
      }
    }
  });

  it('are drawn at the picture’s size by the source pixel under each centre', () => {
    const rgba = greyPicture(13, 7, 0);
    const instances = blocks({ classId: 0, score: 0.9, x1: 7, y1: 5, x2: 31, y2: 17 });
    new MaskPainter().paint({ widthPx: 13, heightPx: 7, rgba }, instances, 40, 20, [[255, 255, 255]], 0);
    for (let y = 0; y < 7; y++) {
      for (let x = 0; x < 13; x++) {
        const sourceX = ((x + 0.5) * 40) / 13;
        const sourceY = Math.floor(((y + 0.5) * 20) / 7);
        const inside = sourceX > 7 && sourceX < 31 && sourceY >= 5 && sourceY < 17;
        expect(rgba[(y * 13 + x) * 4]! > 0, `${x},${y}`).toBe(inside);
      }
    }
  });

  it('carry an outline as wide as asked, inside the mask, also at the border of the picture', () => {
    const rgba = greyPicture(20, 20, 0);
    const instances = blocks({ classId: 0, score: 0.9, x1: 0, y1: 0, x2: 12, y2: 20 });
    new MaskPainter().paint({ widthPx: 20, heightPx: 20, rgba }, instances, 20, 20, [[255, 255, 255]], 2);
    const row = Array.from({ length: 20 }, (_, x) => rgba[(10 * 20 + x) * 4]!);
    const outline = row[0]!;
    expect(row[1]).toBe(outline);
    expect(row[2]!).toBeLessThan(outline);
    expect(row[9]).toBe(row[2]);
    expect([row[10], row[11]]).toEqual([outline, outline]);
    expect(row.slice(12)).toEqual(Array(8).fill(0));
  });

  it('of the best score lie on top', () => {
    const rgba = greyPicture(8, 8, 0);
    const both = { x1: 0, y1: 0, x2: 8, y2: 8 };
    const instances = blocks({ classId: 0, score: 0.9, ...both }, { classId: 1, score: 0.5, ...both });
    const colours = [[255, 0, 0] as const, [0, 255, 0] as const];
    new MaskPainter().paint({ widthPx: 8, heightPx: 8, rgba }, instances, 8, 8, colours, 0);
    expect(rgba[0]!).toBeGreaterThan(rgba[1]!);
  });
});

describe('colours', () => {
  it('of the first 80 classes differ from each other', () => {
    const colours = Array.from({ length: 80 }, (_, classId) => classColour(classId).join());
    expect(new Set(colours).size).toBe(80);
  });

  it('of instances of one class differ', () => {
    expect(new Set([0, 1, 2, 3, 4].map((ordinal) => instanceColour(3, ordinal).join())).size).toBe(5);
  });

  it('carry text with a contrast of at least 4.5 to 1, as WCAG asks', () => {
    const linear = (value: number) => (value <= 10 ? value / 3294.6 : ((value / 255 + 0.055) / 1.055) ** 2.4);
    const luminance = ([r, g, b]: readonly number[]) =>
      0.2126 * linear(r!) + 0.7152 * linear(g!) + 0.0722 * linear(b!);
    for (let classId = 0; classId < 80; classId++) {
      const colour = classColour(classId);
      const light = luminance(colour) + 0.05;
      const contrast = textColourOn(colour) === 'black' ? light / 0.05 : 1.05 / light;
      expect(contrast, `class ${classId} ${colour}`).toBeGreaterThan(4.5);
    }
  });
});

describe('labels', () => {
  const picture = { widthPx: 640, heightPx: 360 };
  const size = { widthPx: 90, heightPx: 16 };

  it.each([
    ['top left corner', { x1: -5, y1: -5, x2: 20, y2: 20 }],
    ['right border', { x1: 630, y1: 100, x2: 640, y2: 200 }],
    ['bottom border', { x1: 100, y1: 355, x2: 200, y2: 360 }],
  ])('at the %s stay inside the picture', (_, box) => {
    const place = placeLabel(size, box, picture, []);
    expect(place.xPx).toBeGreaterThanOrEqual(0);
    expect(place.yPx).toBeGreaterThanOrEqual(0);
    expect(place.xPx + place.widthPx).toBeLessThanOrEqual(640);
    expect(place.yPx + place.heightPx).toBeLessThanOrEqual(360);
  });

  it('move away from an earlier label', () => {
    const box = { x1: 100, y1: 100, x2: 300, y2: 300 };
    const first = placeLabel(size, box, picture, []);
    const second = placeLabel(size, box, picture, [first]);
    expect(second).not.toEqual(first);
  });

  it('are at least 12 px high at 640x360 and grow with the picture', () => {
    expect(overlaySizes(360).fontPx).toBeGreaterThanOrEqual(12);
    expect(overlaySizes(1080).fontPx).toBeGreaterThanOrEqual(24);
  });
});

describe('the status line', () => {
  it('gives up its last items where they do not fit', () => {
    const fits = (text: string) => text.length <= 12;
    expect(fittingItems(['aaaa', 'bbbb', 'cccc'], ' | ', fits)).toBe('aaaa | bbbb');
    expect(fittingItems(['a long first item'], ' | ', fits)).toBe('a long first item');
    expect(fittingItems([], ' | ', fits)).toBe('');
  });
});

describe('a whole overlay', () => {
  const content = {
    instances: blocks({ classId: 0, score: 0.91, x1: 300, y1: 300, x2: 700, y2: 800 }),
    sourceWidthPx: 1920,
    sourceHeightPx: 1080,
    classNames: ['ball'],
    statusLine: ['in 30 out 15 Hz'],
  };

  it('has text in its label and status bar', () => {
    const rgba = greyPicture(640, 360, 90);
    new OverlayPainter().paint(rgba, 640, 360, content);
    const luma = (x: number, y: number) => rgba[(y * 640 + x) * 4 + 1]!;
    const bar = Array.from({ length: 100 * 14 }, (_, i) => luma(4 + (i % 100), 2 + Math.floor(i / 100)));
    expect(Math.max(...bar)).toBeGreaterThan(200);
    // Above the box: tag of the class colour with dark letters on it.
    const tag = Array.from({ length: 50 * 12 }, (_, i) => luma(103 + (i % 50), 86 + Math.floor(i / 50)));
    expect(Math.min(...tag)).toBeLessThan(60);
    expect(Math.max(...tag)).toBeGreaterThan(120);
  });

  it('refuses a preview of the wrong length with both numbers', () => {
    expect(() => new OverlayPainter().paint(new Uint8Array(10), 640, 360, content)).toThrow(
      /10 bytes.*921600/,
    );
  });
});
