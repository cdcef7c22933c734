import type { FrameHeader } from '#dist/core/frame.js';
import type { Instances } from '#dist/core/result.js';
import { makeRandom } from '../../support/random.js';

/** Instances, and what they say pixel by pixel. */
export interface PixelMasks {
  readonly header: FrameHeader;
  readonly instances: Instances;
  readonly tracks: null;
  /** [count] of [heightPx * widthPx], 1 inside; best score first. */
  readonly masks: readonly Uint8Array[];
}

export interface PixelMasksOptions {
  readonly widthPx?: number;
  readonly heightPx?: number;
  readonly classCount?: number;
}

/** Row spans of a mask, found by looking at every pixel. */
export function spansOf(mask: Uint8Array, widthPx: number): number[] {
  const spans: number[] = [];
  for (let at = 0; at < mask.length; at++) {
    if (mask[at] === 0) continue;
    const y = Math.floor(at / widthPx);
    const x1 = at % widthPx;
    while (at + 1 < (y + 1) * widthPx && mask[at + 1] === 1) at++;
    spans.push(y, x1, (at % widthPx) + 1);
  }
  return spans;
}

/** Masks as instances, with the smallest boxes around them and falling scores. */
export function instancesOf(
  masks: readonly Uint8Array[],
  widthPx: number,
  classIds: readonly number[],
): Instances {
  const boxes: number[] = [];
  const spans: number[] = [];
  const spanStarts = [0];
  for (const mask of masks) {
    const own = spansOf(mask, widthPx);
    const ys = own.filter((_, i) => i % 3 === 0);
    const x1s = own.filter((_, i) => i % 3 === 1);
    const x2s = own.filter((_, i) => i % 3 === 2);
    boxes.push(
      ...(own.length === 0 ? [0, 0, 0, 0] : [Math.min(...x1s), ys[0]!, Math.max(...x2s), ys.at(-1)! + 1]),
    );
    spans.push(...own);
    spanStarts.push(spans.length / 3);
  }
  return {
    count: masks.length,
    boxesImage: Float32Array.from(boxes),
    scores: Float32Array.from(masks, (_, i) => 0.95 - i / (2 * masks.length)),
    classIds: Uint16Array.from(classIds),
    spans: Uint16Array.from(spans),
    spanStarts: Uint32Array.from(spanStarts),
    contours: null,
  };
}

/**
 * Random masks that overlap, with holes and gaps, some of them cut by each edge of the picture.
 *
 * One in eight is empty.
 */
export function randomPixelMasks(
  count: number,
  seed: number,
  { widthPx = 48, heightPx = 34, classCount = 5 }: PixelMasksOptions = {},
): PixelMasks {
  const random = makeRandom(seed);
  const masks: Uint8Array[] = [];
  for (let i = 0; i < count; i++) {
    const mask = new Uint8Array(widthPx * heightPx);
    const centreX = random() * widthPx;
    const centreY = random() * heightPx;
    const radiusX = random() * widthPx * 0.5;
    const radiusY = random() * heightPx * 0.5;
    const isEmpty = random() < 1 / 8;
    for (let y = 0; y < heightPx; y++) {
      for (let x = 0; x < widthPx; x++) {
        const inside = Math.hypot((x - centreX) / radiusX, (y - centreY) / radiusY) < 1;
        if (!isEmpty && inside && random() < 0.85) mask[y * widthPx + x] = 1;
      }
    }
    masks.push(mask);
  }
  const classIds = masks.map(() => Math.floor(random() * classCount));
  const header = { stampNs: 1_700_000_000_123_456_789n, frameId: 'camera', sequence: 0, widthPx, heightPx };
  return { header, masks, instances: instancesOf(masks, widthPx, classIds), tracks: null };
}

/** The label of every pixel: that of the first mask that has it, plus one; 0 where none has. */
export function pixelLabels({ header, instances, masks }: PixelMasks, kind: 'class' | 'instance'): number[] {
  return Array.from({ length: header.widthPx * header.heightPx }, (_, at) => {
    const winner = masks.findIndex((mask) => mask[at] === 1);
    if (winner < 0) return 0;
    return kind === 'class' ? instances.classIds[winner]! + 1 : winner + 1;
  });
}

/** A label map of another size: each pixel takes what lies under its centre, the later pixel on an edge. */
export function nearest(
  labels: readonly number[],
  source: readonly [number, number],
  map: readonly [number, number],
): number[] {
  const [sourceWidthPx, sourceHeightPx] = source;
  const [widthPx, heightPx] = map;
  const scaled: number[] = [];
  for (let y = 0; y < heightPx; y++) {
    for (let x = 0; x < widthPx; x++) {
      // Whole numbers: (2n + 1) / 2 map pixels are (2n + 1) * source / (2 * map) source pixels.
      const sourceX = Math.floor(((2 * x + 1) * sourceWidthPx) / (2 * widthPx));
      const sourceY = Math.floor(((2 * y + 1) * sourceHeightPx) / (2 * heightPx));
      scaled.push(labels[sourceY * sourceWidthPx + sourceX]!);
    }
  }
  return scaled;
}
