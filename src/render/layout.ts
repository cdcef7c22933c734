import type { Box, SizePx } from '../core/geometry.js';
import type { RectPx } from '../core/spans.js';

/** Sizes that follow from the picture's: readable at 640x360, in proportion at 1080p. */
export interface OverlaySizes {
  readonly fontPx: number;
  readonly statusFontPx: number;
  readonly boxLinePx: number;
  readonly outlinePx: number;
  readonly paddingPx: number;
}

/** Sizes of text and lines for an overlay of this size, in pixels. */
export function overlaySizes(widthPx: number, heightPx: number): OverlaySizes {
  const shortSidePx = Math.min(widthPx, heightPx);
  const fontPx = Math.max(12, Math.round(shortSidePx / 42));
  return {
    fontPx,
    statusFontPx: Math.max(11, Math.round(shortSidePx / 46)),
    boxLinePx: Math.max(1, Math.round(shortSidePx / 360)),
    outlinePx: shortSidePx >= 720 ? 2 : 1,
    paddingPx: Math.max(3, Math.round(fontPx / 4)),
  };
}

function overlapPx(a: RectPx, b: RectPx): number {
  const across = Math.min(a.xPx + a.widthPx, b.xPx + b.widthPx) - Math.max(a.xPx, b.xPx);
  const down = Math.min(a.yPx + a.heightPx, b.yPx + b.heightPx) - Math.max(a.yPx, b.yPx);
  return across > 0 && down > 0 ? across * down : 0;
}

/**
 * Where a label goes: above its box's left corner, else at another corner, inside or outside, or beside the box;
 * the first place that covers no earlier label, else the one that covers least. Always inside `area`, where the
 * label is not larger than that.
 */
export function placeLabel(size: SizePx, box: Box, area: RectPx, taken: readonly RectPx[]): RectPx {
  const clamp = (value: number, least: number, roomPx: number) =>
    Math.max(least, Math.min(Math.round(value), least + roomPx));
  const right = box.x2 - size.widthPx;
  const above = box.y1 - size.heightPx;
  const insideBottom = box.y2 - size.heightPx;
  const corners: readonly (readonly [number, number])[] = [
    [box.x1, above],
    [box.x1, box.y1],
    [right, above],
    [box.x1, box.y2],
    [box.x1, insideBottom],
    [right, box.y1],
    [right, box.y2],
    [box.x2, box.y1],
    [box.x1 - size.widthPx, box.y1],
    [right, insideBottom],
  ];
  let best: RectPx | null = null;
  let leastPx = Infinity;
  for (const [x, y] of corners) {
    const place = {
      xPx: clamp(x, area.xPx, area.widthPx - size.widthPx),
      yPx: clamp(y, area.yPx, area.heightPx - size.heightPx),
      ...size,
    };
    let coveredPx = 0;
    for (const other of taken) coveredPx += overlapPx(place, other);
    if (coveredPx >= leastPx) continue;
    best = place;
    leastPx = coveredPx;
    if (coveredPx === 0) break;
  }
  return best!;
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
