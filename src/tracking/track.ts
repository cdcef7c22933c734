import type { Box } from '../core/geometry.js';
import type { Instances } from '../core/result.js';
import { boxOf, maskAreaPx } from '../core/spans.js';
import { BoxFilter } from './boxFilter.js';
import { Trail } from './trail.js';

/** `new`: seen once and not published yet; `lost`: seen before, and not in the last frame. */
type TrackState = 'new' | 'seen' | 'lost';

/** One object over time: where it is expected, and the last instance that it was seen as. */
export class Track {
  readonly classId: number;
  readonly trail = new Trail();
  readonly #filter: BoxFilter;
  /** 0 while it is new. */
  id = 0;
  state: TrackState = 'new';
  /** By the clock of the tracker. */
  seenS: number;
  /** The frame in which it was seen last, and as which instance: its mask is read from there. */
  instances: Instances;
  index: number;
  /** Mask pixels of that instance. */
  areaPx = 0;
  /** Where the filter had the centre then. */
  #seenXPx = 0;
  #seenYPx = 0;

  constructor(instances: Instances, index: number, nowS: number) {
    this.classId = instances.classIds[index]!;
    this.#filter = new BoxFilter(boxOf(instances, index));
    this.instances = instances;
    this.index = index;
    this.seenS = nowS;
    this.#remember(instances, index, nowS);
  }

  /** Moves on by a time in seconds, 0 or more. */
  predict(dtS: number): void {
    this.#filter.predict(dtS, this.state === 'lost');
  }

  /** Is seen as an instance of a frame. */
  see(instances: Instances, index: number, nowS: number): void {
    this.#filter.update(boxOf(instances, index));
    this.#remember(instances, index, nowS);
    this.state = 'seen';
  }

  /** Where it is expected, in source pixels. */
  get box(): Box {
    const { centreXPx, centreYPx, widthPx, heightPx } = this.#filter;
    return {
      x1: centreXPx - widthPx / 2,
      y1: centreYPx - heightPx / 2,
      x2: centreXPx + widthPx / 2,
      y2: centreYPx + heightPx / 2,
    };
  }

  /** How far its mask is expected to have moved since it was seen, in whole pixels to the right. */
  get movedXPx(): number {
    return Math.round(this.#filter.centreXPx - this.#seenXPx);
  }

  /** The same downwards. */
  get movedYPx(): number {
    return Math.round(this.#filter.centreYPx - this.#seenYPx);
  }

  #remember(instances: Instances, index: number, nowS: number): void {
    this.instances = instances;
    this.index = index;
    this.areaPx = maskAreaPx(instances, index);
    this.seenS = nowS;
    this.#seenXPx = this.#filter.centreXPx;
    this.#seenYPx = this.#filter.centreYPx;
  }
}
