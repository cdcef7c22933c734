import type { Instances } from '#dist/core/result.js';
import type { Detection2DArray, InstanceMask, InstanceMaskArray } from './messages.js';
import { edges, pixelsOf } from './shapes.js';

/** The spans y, x1, x2 of a mask in pixels of the picture. */
function spansOf(mask: InstanceMask): number[] {
  const { x_offset, y_offset, width, height } = mask;
  const pixels = pixelsOf(mask);
  const spans: number[] = [];
  for (let y = 0; y < height; y++) {
    const row = pixels.subarray(y * width, (y + 1) * width);
    for (let x1 = row.indexOf(1); x1 >= 0; ) {
      const end = row.indexOf(0, x1);
      const x2 = end < 0 ? width : end;
      spans.push(y_offset + y, x_offset + x1, x_offset + x2);
      x1 = row.indexOf(1, x2);
    }
  }
  return spans;
}

/** What one frame's messages say, in the node's own terms; class ids must be published as numbers. */
export function publishedInstances(
  { detections }: Detection2DArray,
  { masks }: InstanceMaskArray,
): Instances {
  const spansOfMasks = masks.map(spansOf);
  const spanStarts = [0];
  for (const spans of spansOfMasks) spanStarts.push(spanStarts.at(-1)! + spans.length / 3);
  const hypotheses = detections.map(({ results }) => results[0]!.hypothesis);
  const boxes = detections.map(edges).flatMap(({ x1, y1, x2, y2 }) => [x1, y1, x2, y2]);
  return {
    count: detections.length,
    boxesImage: Float32Array.from(boxes),
    scores: Float32Array.from(hypotheses, ({ score }) => score),
    classIds: Uint16Array.from(hypotheses, ({ class_id }) => Number(class_id)),
    spans: Uint16Array.from(spansOfMasks.flat()),
    spanStarts: Uint32Array.from(spanStarts),
    contours: null,
  };
}
