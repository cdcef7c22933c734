import type { Box } from '../core/geometry.js';
import type { Instances } from '../core/result.js';

/** One mask with its class, before it is packed with the others of its picture. */
export interface LabelledMask {
  readonly classId: number;
  /** 1 for ground truth. */
  readonly score: number;
  readonly boxImage: Box;
  /** Row spans (yPx, x1Px, x2Px) in picture pixels, sorted by y then x. */
  readonly spans: Uint16Array;
}

/** Packs masks into the form that the core's mask functions read; keeps their order. */
export function packMasks(masks: readonly LabelledMask[]): Instances {
  const spanStarts = new Uint32Array(masks.length + 1);
  masks.forEach((mask, index) => {
    spanStarts[index + 1] = spanStarts[index]! + mask.spans.length / 3;
  });
  const spans = new Uint16Array(spanStarts[masks.length]! * 3);
  masks.forEach((mask, index) => {
    spans.set(mask.spans, spanStarts[index]! * 3);
  });
  return {
    count: masks.length,
    boxesImage: Float32Array.from(masks.flatMap(({ boxImage: { x1, y1, x2, y2 } }) => [x1, y1, x2, y2])),
    scores: Float32Array.from(masks, (mask) => mask.score),
    classIds: Uint16Array.from(masks, (mask) => mask.classId),
    spans,
    spanStarts,
    contours: null,
  };
}
