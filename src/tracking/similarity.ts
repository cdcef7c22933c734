import type { Box } from '../core/geometry.js';
import type { Instances } from '../core/result.js';
import { maskAreaPx, sharedAreaPx } from '../core/spans.js';
import type { Track } from './track.js';

/**
 * So many spans of masks are compared in a frame, some 1.5 ms of a PC; behind that boxes alone. Thirty objects whose boxes all meet need
 * fewer. Without it 100 such objects of 400 rows took 16 ms of the event loop, and 300 took 144 (load 3).
 */
const mostSpans = 400_000;

/**
 * How alike what a track is expected to look like and an instance are, from 0 to 1: the better of the IoU of boxes and that of
 * masks, and 0 where their boxes do not meet. A half hidden object has a box that says little of where it is, and a mask that lies
 * where the one before was. The mean and the product of both were worse than boxes alone (docs/tracking.md).
 */
export class Similarity {
  readonly #instances: Instances;
  readonly #usesMasks: boolean;
  /** Mask pixels of each instance; negative where not counted yet. */
  readonly #areasPx: Int32Array;

  #spansLeft = mostSpans;

  /** @param usesMasks Whether masks are compared beside boxes. */
  constructor(instances: Instances, usesMasks: boolean) {
    this.#instances = instances;
    this.#usesMasks = usesMasks;
    this.#areasPx = new Int32Array(usesMasks ? instances.count : 0).fill(-1);
  }

  /** @param box Where the track is expected. */
  of(track: Track, box: Box, index: number): number {
    const ofBoxes = this.#boxIou(box, index);
    if (ofBoxes === 0 || !this.#usesMasks || this.#spansLeft <= 0) return ofBoxes;
    return Math.max(ofBoxes, this.#maskIou(track, index));
  }

  #boxIou({ x1, y1, x2, y2 }: Box, index: number): number {
    const boxes = this.#instances.boxesImage;
    const at = index * 4;
    const across = Math.min(x2, boxes[at + 2]!) - Math.max(x1, boxes[at]!);
    const down = Math.min(y2, boxes[at + 3]!) - Math.max(y1, boxes[at + 1]!);
    if (across <= 0 || down <= 0) return 0;
    const shared = across * down;
    const area = (boxes[at + 2]! - boxes[at]!) * (boxes[at + 3]! - boxes[at + 1]!);
    return shared / ((x2 - x1) * (y2 - y1) + area - shared);
  }

  /** Of the mask that the track was last seen with, where it is expected now. */
  #maskIou(track: Track, index: number): number {
    const instances = this.#instances;
    const areasPx = this.#areasPx;
    this.#spansLeft -= spanCount(track.instances, track.index) + spanCount(instances, index);
    if (areasPx[index]! < 0) areasPx[index] = maskAreaPx(instances, index);
    const sharedPx = sharedAreaPx(
      track.instances,
      track.index,
      instances,
      index,
      track.movedXPx,
      track.movedYPx,
    );
    return sharedPx === 0 ? 0 : sharedPx / (track.areaPx + areasPx[index]! - sharedPx);
  }
}

function spanCount({ spanStarts }: Instances, index: number): number {
  return spanStarts[index + 1]! - spanStarts[index]!;
}
