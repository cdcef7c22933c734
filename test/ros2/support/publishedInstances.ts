import type { Instances } from '#dist/core/result.js';
import type { Detection2DArray, InstanceMask, InstanceMaskArray } from './messages.js';

/** The spans y, x1, x2 of a mask that comes as run lengths, which may go on from row to row. */
function* spansOf({ x_offset, y_offset, width, run_lengths }: InstanceMask): Generator<number> {
  let at = 0;
  for (const [run, length] of run_lengths.entries()) {
    const end = at + length;
    while (run % 2 === 1 && at < end) {
      const row = Math.floor(at / width);
      const rowEnd = Math.min(end, (row + 1) * width);
      yield y_offset + row;
      yield x_offset + (at - row * width);
      yield x_offset + (rowEnd - row * width);
      at = rowEnd;
    }
    at = end;
  }
}

/**
 * What one frame's messages say, in the node's own terms; class ids must be published as numbers, masks as run
 * lengths.
 */
export function publishedInstances(
  { detections }: Detection2DArray,
  { masks }: InstanceMaskArray,
): Instances {
  const spans: number[] = [];
  const spanStarts = [0];
  for (const mask of masks) {
    spans.push(...spansOf(mask));
    spanStarts.push(spans.length / 3);
  }
  const hypotheses = detections.map(({ results }) => results[0]!.hypothesis);
  return {
    count: detections.length,
    boxesImage: Float32Array.from(
      detections.flatMap(({ bbox: { center, size_x, size_y } }) => {
        const { x, y } = center.position;
        return [x - size_x / 2, y - size_y / 2, x + size_x / 2, y + size_y / 2];
      }),
    ),
    scores: Float32Array.from(hypotheses, ({ score }) => score),
    classIds: Uint16Array.from(hypotheses, ({ class_id }) => Number(class_id)),
    spans: Uint16Array.from(spans),
    spanStarts: Uint32Array.from(spanStarts),
    contours: null,
  };
}
