import type { FrameDepths } from '../core/depths.js';
import type { Instances } from '../core/result.js';
import type { DepthOptions, DepthScene } from './measure.js';

/** Instances that the worker is to find in a depth picture; the picture's memory is shared, the rest copied. */
export interface MeasureRequest {
  readonly instances: Pick<
    Instances,
    'count' | 'scores' | 'classIds' | 'spans' | 'spanStarts' | 'boxesImage'
  >;
  readonly scene: DepthScene;
  readonly options: DepthOptions;
  /** [count] 0xffRRGGBB of the points of each instance. */
  readonly colours: Uint32Array;
}

/** The places, and how long it took to find them. */
export interface MeasureOutcome {
  readonly depths: FrameDepths;
  readonly workMs: number;
}
