import { ConfigError } from '../core/errors.js';

/** A mask of a COCO file: column-major run lengths that start with background. */
export interface CocoRle {
  /** [height, width] */
  readonly size: readonly [number, number];
  /** Run lengths, or COCO's compressed spelling of them. */
  readonly counts: string | readonly number[];
}

const firstCharacter = 48;
const valueBits = 5;

/**
 * Run lengths out of COCO's text form: little-endian groups of five bits with a continuation bit and a sign bit;
 * from the fourth run on, each is the difference to the run before the previous one.
 *
 * Throws ConfigError `rle` for text that ends within a value or holds other characters.
 *
 * @internal Exported for tests.
 */
export function decodeCounts(text: string): number[] {
  const counts: number[] = [];
  let at = 0;
  while (at < text.length) {
    let value = 0;
    let shift = 0;
    let group: number;
    do {
      group = text.charCodeAt(at) - firstCharacter;
      if (!(group >= 0 && group < 64)) {
        throw new ConfigError('rle', `run lengths are broken at character ${at} of ${text.length}`, { at });
      }
      value |= (group & 0x1f) << shift;
      shift += valueBits;
      at++;
    } while ((group & 0x20) !== 0);
    if ((group & 0x10) !== 0) value |= -1 << shift;
    counts.push(counts.length > 2 ? value + counts[counts.length - 2]! : value);
  }
  return counts;
}

/**
 * The mask as row spans (yPx, x1Px, x2Px), sorted by y then x, like those of `Instances`.
 *
 * Throws ConfigError `rle` when the runs do not add up to the picture.
 */
export function rleToSpans({ size, counts }: CocoRle): Uint16Array {
  const [heightPx, widthPx] = size;
  const runs = typeof counts === 'string' ? decodeCounts(counts) : counts;
  const totalPx = runs.reduce((sum, run) => sum + run, 0);
  if (totalPx !== heightPx * widthPx || runs.some((run) => run < 0)) {
    throw new ConfigError('rle', `runs add up to ${totalPx} pixels; expected ${widthPx}x${heightPx}`, {
      totalPx,
      widthPx,
      heightPx,
    });
  }
  const inside = new Uint8Array(totalPx);
  let position = 0;
  runs.forEach((run, index) => {
    if (index % 2 === 1) inside.fill(1, position, position + run);
    position += run;
  });
  return columnsToSpans(inside, heightPx);
}

/** Row spans of a mask that lies column by column, 1 inside. */
export function columnsToSpans(inside: Uint8Array, heightPx: number): Uint16Array {
  const first = inside.indexOf(1);
  if (first < 0) return new Uint16Array(0);
  // Most masks are small in their picture: columns without a pixel are not looked at row by row.
  const fromPx = Math.floor(first / heightPx);
  const toPx = Math.floor(inside.lastIndexOf(1) / heightPx) + 1;
  const spans: number[] = [];
  for (let yPx = 0; yPx < heightPx; yPx++) {
    let x1Px = -1;
    for (let xPx = fromPx; xPx <= toPx; xPx++) {
      const isInside = xPx < toPx && inside[xPx * heightPx + yPx] === 1;
      if (isInside && x1Px < 0) x1Px = xPx;
      if (!isInside && x1Px >= 0) {
        spans.push(yPx, x1Px, xPx);
        x1Px = -1;
      }
    }
  }
  return Uint16Array.from(spans);
}

/**
 * COCO's text form of run lengths: as `decodeCounts` reads it.
 *
 * @param counts Run lengths, each a whole number below 2^31.
 */
function encodeCounts(counts: readonly number[]): string {
  let text = '';
  counts.forEach((count, index) => {
    let rest = index > 2 ? count - counts[index - 2]! : count;
    let isLast = false;
    while (!isLast) {
      const group = rest & 0x1f;
      rest >>= valueBits;
      // Only the sign is left, and the group's highest bit says it.
      isLast = rest === ((group & 0x10) === 0 ? 0 : -1);
      text += String.fromCharCode(firstCharacter + (isLast ? group : group | 0x20));
    }
  });
  return text;
}

/**
 * One mask in COCO's compressed form, as pycocotools and COCO result files have it; inverse of `rleToSpans`.
 *
 * Throws RangeError if a span lies outside of the picture.
 *
 * @param spans yPx, x1Px, x2Px of one mask, sorted by y then x, like those of `Instances`.
 */
export function spansToRle(
  spans: Uint16Array,
  widthPx: number,
  heightPx: number,
): CocoRle & { counts: string } {
  // Most masks are small in their picture: what lies around them is not looked at.
  let [left, top, right, bottom] = [widthPx, heightPx, 0, 0];
  for (let at = 0; at < spans.length; at += 3) {
    const [yPx, x1Px, x2Px] = [spans[at]!, spans[at + 1]!, spans[at + 2]!];
    if (yPx >= heightPx || x2Px > widthPx) {
      throw new RangeError(
        `span y ${yPx}, x ${x1Px} to ${x2Px} outside of a picture of ${widthPx}x${heightPx}`,
      );
    }
    left = Math.min(left, x1Px);
    right = Math.max(right, x2Px);
    top = Math.min(top, yPx);
    bottom = Math.max(bottom, yPx + 1);
  }
  const boxHeight = bottom - top;
  const inside = new Uint8Array(Math.max(0, right - left) * Math.max(0, boxHeight));
  for (let at = 0; at < spans.length; at += 3) {
    const row = spans[at]! - top;
    const [from, to] = [spans[at + 1]! - left, spans[at + 2]! - left];
    for (let column = from; column < to; column++) inside[column * boxHeight + row] = 1;
  }
  const counts: number[] = [];
  let start = 0;
  let value = 0;
  const change = (position: number) => {
    counts.push(position - start);
    start = position;
    value = 1 - value;
  };
  for (let at = 0, xPx = left; xPx < right; xPx++) {
    for (let yPx = top; yPx < bottom; yPx++, at++) {
      if (inside[at] !== value) change(xPx * heightPx + yPx);
    }
    // Below the box, and above it in the next column, is nothing of the mask.
    if (value === 1 && boxHeight < heightPx) change(xPx * heightPx + bottom);
  }
  const totalPx = widthPx * heightPx;
  if (value === 1 && right < widthPx) change(right * heightPx);
  if (start < totalPx || counts.length === 0) counts.push(totalPx - start);
  return { size: [heightPx, widthPx], counts: encodeCounts(counts) };
}
