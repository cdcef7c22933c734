import { describe, expect, it } from 'vitest';
import type { RectPx } from '#dist/core/spans.js';
import { OverlayPainter } from '#dist/render/draw.js';
import { fittingItems, overlaySizes, placeLabel } from '#dist/render/layout.js';
import { classColour, instanceColour, textColourOn } from '#dist/render/palette.js';
import { type Block, blocks, greyPicture } from './scene.js';

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
  const area = { xPx: 0, yPx: 20, widthPx: 640, heightPx: 340 };
  const size = { widthPx: 90, heightPx: 16 };

  it.each([
    ['top left corner', { x1: -5, y1: -5, x2: 20, y2: 20 }],
    ['right border', { x1: 630, y1: 100, x2: 640, y2: 200 }],
    ['bottom border', { x1: 100, y1: 355, x2: 200, y2: 360 }],
  ])('at the %s stay inside their area', (_, box) => {
    for (const taken of [[], [area]]) {
      const place = placeLabel(size, box, area, taken);
      expect(place.xPx).toBeGreaterThanOrEqual(0);
      expect(place.yPx).toBeGreaterThanOrEqual(20);
      expect(place.xPx + place.widthPx).toBeLessThanOrEqual(640);
      expect(place.yPx + place.heightPx).toBeLessThanOrEqual(360);
    }
  });

  it('move away from earlier labels', () => {
    const box = { x1: 100, y1: 100, x2: 300, y2: 300 };
    const places: RectPx[] = [];
    for (let i = 0; i < 8; i++) places.push(placeLabel(size, box, area, places));
    const overlapping = places.filter((a, i) =>
      places.some(
        (b, j) => j < i && Math.abs(a.xPx - b.xPx) < size.widthPx && Math.abs(a.yPx - b.yPx) < size.heightPx,
      ),
    );
    expect(overlapping).toEqual([]);
  });

  it('cover as little as they can where no place is free', () => {
    const box = { x1: 0, y1: 40, x2: 640, y2: 300 };
    const blocked = { xPx: 0, yPx: 0, widthPx: 640, heightPx: 360 };
    const free = { xPx: 0, yPx: 290, widthPx: 60, heightPx: 60 };
    const taken = [
      { ...blocked, heightPx: free.yPx },
      { ...blocked, yPx: free.yPx, xPx: free.widthPx },
    ];
    expect(placeLabel(size, box, area, taken)).toEqual({ xPx: 0, yPx: 300, ...size });
  });

  it('are at least 12 px high at 640x360, grow with the picture and not with its longer side', () => {
    expect(overlaySizes(640, 360).fontPx).toBeGreaterThanOrEqual(12);
    expect(overlaySizes(1920, 1080).fontPx).toBeGreaterThanOrEqual(24);
    expect(overlaySizes(360, 1920)).toEqual(overlaySizes(360, 640));
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
    tracks: null,
    sourceWidthPx: 1920,
    sourceHeightPx: 1080,
    classNames: ['ball'],
    distancesM: null,
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

  it('has the distance behind the score, where it is known', () => {
    const inked = (distancesM: Float32Array | null) => {
      const rgba = greyPicture(640, 360, 90);
      new OverlayPainter().paint(rgba, 640, 360, { ...content, distancesM });
      // The row of the tag above the box, right of 'ball 0.91'.
      const row = Array.from({ length: 60 }, (_, i) => rgba[(92 * 640 + 160 + i) * 4]!);
      return row.filter((value) => value !== 90).length;
    };
    expect(inked(Float32Array.of(2.5))).toBeGreaterThan(20);
    expect(inked(Float32Array.of(Number.NaN))).toBe(inked(null));
    expect(inked(null)).toBeLessThan(20);
  });

  it('keeps its status line free of boxes, masks and labels', () => {
    const paint = (...list: Block[]) => {
      const rgba = greyPicture(640, 360, 0);
      new OverlayPainter().paint(rgba, 640, 360, { ...content, instances: blocks(...list) });
      return rgba;
    };
    const alone = paint();
    const classId = 0;
    const crowded = paint(
      { classId, score: 0.9, x1: 3, y1: 6, x2: 1900, y2: 1080 },
      { classId, score: 0.8, x1: 0, y1: 0, x2: 900, y2: 30 },
    );
    const letters = Array.from({ length: 640 * 17 }, (_, i) => i).filter((i) => alone[i * 4]! > 200);
    expect(letters.length).toBeGreaterThan(20);
    for (const i of letters) {
      const place = `pixel ${i % 640},${Math.floor(i / 640)}`;
      expect(crowded[i * 4], place).toBeGreaterThanOrEqual(alone[i * 4]!);
    }
  });

  it('draws the label of the best score whole, whatever comes near it', () => {
    const best = { classId: 3, score: 0.9, x1: 700, y1: 500, x2: 720, y2: 520 };
    const paint = (...others: Block[]) => {
      const rgba = greyPicture(640, 360, 90);
      const classNames = ['a', 'b', 'c', 'd'];
      new OverlayPainter().paint(rgba, 640, 360, {
        ...content,
        classNames,
        instances: blocks(best, ...others),
      });
      // The tag above the box: 'd 0.90' in 12 px.
      return Array.from({ length: 15 }, (_, y) => {
        const at = ((151 + y) * 640 + 233) * 4;
        return Buffer.from(rgba.slice(at, at + 40 * 4)).toString('hex');
      });
    };
    const crowd = Array.from({ length: 40 }, (_, i) => ({ ...best, classId: 1, score: 0.5, x1: 690 + i }));
    expect(paint(...crowd)).toEqual(paint());
  });

  it.each([
    [64, 36],
    [2, 2],
    [48, 640],
  ])('of %i x %i pixels is drawn too, labels and all', (widthPx, heightPx) => {
    const rgba = greyPicture(widthPx, heightPx, 90);
    new OverlayPainter().paint(rgba, widthPx, heightPx, content);
    expect(rgba.some((value) => value !== 90 && value !== 255)).toBe(true);
  });

  it('refuses a preview of the wrong length with both numbers', () => {
    expect(() => new OverlayPainter().paint(new Uint8Array(10), 640, 360, content)).toThrow(
      /10 bytes.*921600/,
    );
  });
});
