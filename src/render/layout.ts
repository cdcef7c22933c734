import type { RectPx } from '../core/spans.js';

/** Sizes that follow from the picture's: readable at 640x360, in proportion at 1080p. */
export interface OverlaySizes {
  readonly fontPx: number;
  readonly statusFontPx: number;
  readonly boxLinePx: number;
  readonly outlinePx: number;
  readonly paddingPx: number;
}

export function overlaySizes(heightPx: number): OverlaySizes {
  const fontPx = Math.max(12, Math.round(heightPx / 42));
  return {
    fontPx,
    statusFontPx: Math.max(11, Math.round(heightPx / 46)),
    boxLinePx: Math.max(1, Math.round(heightPx / 360)),
    outlinePx: heightPx >= 720 ? 2 : 1,
    paddingPx: Math.max(3, Math.round(fontPx / 4)),
  };
}

function overlaps(a: RectPx, b: RectPx): boolean {
  return (
    a.xPx < b.xPx + b.widthPx &&
    b.xPx < a.xPx + a.widthPx &&
    a.yPx < b.yPx + b.heightPx &&
    b.yPx < a.yPx + a.heightPx
  );
}

/**
 * Where a label goes: above the box's left corner, else inside it, below it or at the right, the first place that
 * covers no earlier label; always inside the picture.
 */
export function placeLabel(
  size: { readonly widthPx: number; readonly heightPx: number },
  box: { readonly x1: number; readonly y1: number; readonly x2: number; readonly y2: number },
  picture: { readonly widthPx: number; readonly heightPx: number },
  taken: readonly RectPx[],
): RectPx {
  const clamp = (value: number, most: number) => Math.round(Math.max(0, Math.min(value, most)));
  const at = (x: number, y: number): RectPx => ({
    xPx: clamp(x, picture.widthPx - size.widthPx),
    yPx: clamp(y, picture.heightPx - size.heightPx),
    ...size,
  });
  const places = [
    at(box.x1, box.y1 - size.heightPx),
    at(box.x1, box.y1),
    at(box.x2 - size.widthPx, box.y1 - size.heightPx),
    at(box.x1, box.y2),
    at(box.x1, box.y2 - size.heightPx),
  ];
  return places.find((place) => !taken.some((other) => overlaps(place, other))) ?? places[0]!;
}

/** The items of a status line that fit side by side, at least the first. */
export function fittingItems(
  items: readonly string[],
  separator: string,
  fits: (text: string) => boolean,
): string {
  for (let count = items.length; count > 1; count--) {
    const text = items.slice(0, count).join(separator);
    if (fits(text)) return text;
  }
  return items[0] ?? '';
}
