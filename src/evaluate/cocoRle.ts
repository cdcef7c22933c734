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

/** Pixels inside of a mask. Throws ConfigError `rle` as `decodeCounts` does. */
export function rleAreaPx({ counts }: CocoRle): number {
  const runs = typeof counts === 'string' ? decodeCounts(counts) : counts;
  return runs.reduce((sum, run, index) => (index % 2 === 1 ? sum + run : sum), 0);
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
  // Seven groups hold 31 bits and a sign.
  const text = Buffer.allocUnsafe(counts.length * 7);
  let sizeBytes = 0;
  counts.forEach((count, index) => {
    let rest = index > 2 ? count - counts[index - 2]! : count;
    let isLast = false;
    while (!isLast) {
      const group = rest & 0x1f;
      rest >>= valueBits;
      // Only the sign is left, and the group's highest bit says it.
      isLast = rest === ((group & 0x10) === 0 ? 0 : -1);
      text[sizeBytes++] = firstCharacter + (isLast ? group : group | 0x20);
    }
  });
  return text.toString('latin1', 0, sizeBytes);
}

/** A row's spans among those of a mask: where the first begins and the last ends in its array. */
interface RowOfSpans {
  readonly from: number;
  readonly to: number;
}

/**
 * Tells where two rows differ: `tell(x1Px, x2Px)` for every stretch in which one of them is inside and the other is not.
 */
function differences(
  spans: Uint16Array,
  above: RowOfSpans,
  below: RowOfSpans,
  tell: (x1Px: number, x2Px: number) => void,
): void {
  const edge = ({ from, to }: RowOfSpans, index: number) => {
    const at = from + (index >> 1) * 3;
    return at < to ? spans[at + 1 + (index & 1)]! : Number.POSITIVE_INFINITY;
  };
  let [edgeAbove, edgeBelow] = [0, 0];
  let fromPx = 0;
  for (let isDifferent = false; ; isDifferent = !isDifferent) {
    const [xAbovePx, xBelowPx] = [edge(above, edgeAbove), edge(below, edgeBelow)];
    const xPx = Math.min(xAbovePx, xBelowPx);
    if (xPx === Number.POSITIVE_INFINITY) return;
    if (xAbovePx <= xBelowPx) edgeAbove++;
    else edgeBelow++;
    if (isDifferent && xPx > fromPx) tell(fromPx, xPx);
    fromPx = xPx;
  }
}

/** Tells every place at which a column goes into the mask or out of it: above row `yPx` of the columns x1 to x2, row by row. */
function changesOf(spans: Uint16Array, tell: (yPx: number, x1Px: number, x2Px: number) => void): void {
  const none: RowOfSpans = { from: 0, to: 0 };
  let above = none;
  let nextYPx = 0;
  for (let from = 0; from < spans.length; from = above.to) {
    const yPx = spans[from]!;
    if (yPx > nextYPx) {
      differences(spans, above, none, (x1Px, x2Px) => tell(nextYPx, x1Px, x2Px));
      above = none;
    }
    let to = from + 3;
    while (to < spans.length && spans[to] === yPx) to += 3;
    const row = { from, to };
    differences(spans, above, row, (x1Px, x2Px) => tell(yPx, x1Px, x2Px));
    above = row;
    nextYPx = yPx + 1;
  }
  differences(spans, above, none, (x1Px, x2Px) => tell(nextYPx, x1Px, x2Px));
}

/**
 * One mask in COCO's compressed form, as pycocotools and COCO result files have it; inverse of `rleToSpans`.
 *
 * The time it takes goes with the number of runs, not with the pixels of mask or picture.
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
  for (let at = 0; at < spans.length; at += 3) {
    const [yPx, x1Px, x2Px] = [spans[at]!, spans[at + 1]!, spans[at + 2]!];
    if (yPx >= heightPx || x2Px > widthPx) {
      throw new RangeError(
        `span y ${yPx}, x ${x1Px} to ${x2Px} outside of a picture of ${widthPx}x${heightPx}`,
      );
    }
  }
  // Changes come row by row and are wanted column by column: counted first, each then has its place.
  const ends = new Uint32Array(widthPx + 1);
  changesOf(spans, (_, x1Px, x2Px) => {
    for (let xPx = x1Px; xPx < x2Px; xPx++) ends[xPx + 1]!++;
  });
  for (let xPx = 0; xPx < widthPx; xPx++) ends[xPx + 1]! += ends[xPx]!;
  const positions = new Uint32Array(ends[widthPx]!);
  changesOf(spans, (yPx, x1Px, x2Px) => {
    for (let xPx = x1Px; xPx < x2Px; xPx++) positions[ends[xPx]!++] = xPx * heightPx + yPx;
  });
  return { size: [heightPx, widthPx], counts: encodeCounts(runsBetween(positions, widthPx * heightPx)) };
}

/** Run lengths from the sorted positions at which they change. Where two are the same, a run goes on into the next column. */
function runsBetween(positions: Uint32Array, totalPx: number): number[] {
  const counts: number[] = [];
  let startPx = 0;
  for (let at = 0; at < positions.length; at++) {
    const positionPx = positions[at]!;
    if (positions[at + 1] === positionPx) {
      at++;
      continue;
    }
    counts.push(positionPx - startPx);
    startPx = positionPx;
  }
  if (startPx < totalPx || counts.length === 0) counts.push(totalPx - startPx);
  return counts;
}
