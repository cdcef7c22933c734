import { SegError } from '../core/errors.js';
import { limits } from '../core/limits.js';
import type { Instances } from '../core/result.js';
import { maskEncodings } from '../messages/masks.js';
import type { InstanceMaskArrayMessage } from '../messages/read.js';
import { packMasks } from '../evaluate/labelledMasks.js';

type MaskMessage = InstanceMaskArrayMessage['masks'][number];

/** Class id of outputs whose class the ground truth does not know. */
const unknownClass = 0xffff;

/** Writes run after run of pixels into rows of spans. */
class RowSpans {
  readonly spans: number[] = [];
  readonly #mask: MaskMessage;

  constructor(mask: MaskMessage) {
    this.#mask = mask;
  }

  /** Pixels `start` to `end` of the rectangle, counted row by row. */
  add(start: number, end: number): void {
    const { width, x_offset: xPx, y_offset: yPx } = this.#mask;
    for (let at = start; at < end; ) {
      const row = Math.floor(at / width);
      const rowEnd = Math.min(end, (row + 1) * width);
      this.spans.push(yPx + row, xPx + at - row * width, xPx + rowEnd - row * width);
      at = rowEnd;
    }
  }
}

function readBytes(mask: MaskMessage, rows: RowSpans): void {
  const { data } = mask;
  let at = data.indexOf(255);
  while (at >= 0) {
    // Spans end at their row; joining rows here would only be split again.
    let end = at + 1;
    while (end < data.length && data[end] === 255) end++;
    rows.add(at, end);
    at = data.indexOf(255, end);
  }
}

function readRuns(mask: MaskMessage, rows: RowSpans): void {
  let at = 0;
  mask.run_lengths.forEach((run, index) => {
    if (index % 2 === 1) rows.add(at, at + run);
    at += run;
  });
}

/** How many pixels a mask tells of, before anything is made of them: a run of a few bytes may tell of 2^32. */
function lengthOf(mask: MaskMessage): number {
  if (mask.encoding === maskEncodings.mono8) return mask.data.length;
  if (mask.encoding === maskEncodings.rle) return mask.run_lengths.reduce((sum, run) => sum + run, 0);
  throw new SegError('mask', `mask encoding is ${mask.encoding}; expected 0 (mono8) or 1 (rle)`);
}

/**
 * Row spans of one mask in source pixels. Throws SegError `mask` when its lengths contradict its rectangle.
 *
 * @internal Exported for tests.
 */
export function spansOfMask(mask: MaskMessage): Uint16Array {
  const { width, height, x_offset: xPx, y_offset: yPx } = mask;
  const lengthPx = lengthOf(mask);
  const areaPx = width * height;
  if (lengthPx !== areaPx) {
    throw new SegError('mask', `mask has ${lengthPx} pixels; expected ${width}x${height}`, {
      lengthPx,
      areaPx,
    });
  }
  const most = limits.compressedSidePx;
  if (xPx + width > most || yPx + height > most) {
    const what = `mask is ${width}x${height} at ${xPx}, ${yPx}; expected a part of a picture of at most ${most} pixels a side`;
    throw new SegError('mask', what, { width, height, xPx, yPx });
  }
  const rows = new RowSpans(mask);
  if (mask.encoding === maskEncodings.mono8) readBytes(mask, rows);
  else readRuns(mask, rows);
  return Uint16Array.from(rows.spans);
}

/** The masks of a message with class ids that index `classNames`. Throws SegError `mask` for broken ones. */
export function instancesOfMessage(
  message: InstanceMaskArrayMessage,
  classNames: readonly string[],
): Instances {
  return packMasks(
    message.masks.map((mask) => {
      const classId = classNames.indexOf(mask.class_id);
      const { x_offset: x1, y_offset: y1 } = mask;
      return {
        classId: classId < 0 ? unknownClass : classId,
        score: mask.score,
        boxImage: { x1, y1, x2: x1 + mask.width, y2: y1 + mask.height },
        spans: spansOfMask(mask),
      };
    }),
  );
}
