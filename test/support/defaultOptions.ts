import type { PostprocessOptions } from '#dist/core/result.js';

/** The node's defaults. */
export const defaultOptions: PostprocessOptions = {
  scoreThreshold: 0.25,
  everyClass: false,
  iouThreshold: 0.7,
  nms: 'auto',
  maxDetections: 100,
  classes: null,
  classAgnosticNms: false,
  contourTolerancePx: null,
};
