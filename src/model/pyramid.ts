import type { SizePx } from '../core/geometry.js';
import type { TensorSpec } from '../core/tensor.js';

/** Model pixels per cell on the levels that every model has, the finest first. */
export const usualDownsamples: readonly [number, number, number] = [8, 16, 32];
/** The further level of P2 models. */
export const p2Downsample = 4;
/** The further level of P6 models. */
export const p6Downsample = 64;

/** The levels of the models that people export, by the model pixels per cell; the usual ones first. */
const commonPyramids: readonly (readonly number[])[] = [
  usualDownsamples,
  [p2Downsample, ...usualDownsamples],
  [...usualDownsamples, p6Downsample],
  [p2Downsample, ...usualDownsamples, p6Downsample],
];
const [fewestLevels, mostLevels] = [2, 5];

/** True for levels that each have half the cells a side of the one before, two to five of them. */
export function isPyramid(downsamples: readonly number[]): boolean {
  const isHalved = downsamples.every((downsample, at) => at === 0 || downsample === 2 * downsamples[at - 1]!);
  return isHalved && downsamples.length >= fewestLevels && downsamples.length <= mostLevels;
}

/** Every combination of levels that a model may have, the common ones first. */
const pyramids = [
  ...commonPyramids,
  ...[
    [4, 8],
    [4, 8, 16],
    [8, 16],
    [8, 16, 32, 64, 128],
    [16, 32],
    [16, 32, 64],
    [16, 32, 64, 128],
  ],
];

/** Cells of all levels; null if the input is no whole number of cells on one of them. */
function cellCountOf(downsamples: readonly number[], { widthPx, heightPx }: SizePx): number | null {
  if (downsamples.some((downsample) => widthPx % downsample !== 0 || heightPx % downsample !== 0))
    return null;
  return downsamples.reduce((sum, downsample) => sum + (widthPx / downsample) * (heightPx / downsample), 0);
}

/** Model pixels per cell of the mask prototype: it has twice the resolution of the finest level. */
export function protoDownsampleOf(downsamples: readonly number[]): number {
  return Math.min(...downsamples) / 2;
}

/** The prototype of a model with the usual levels, channels first as exports have it. */
export function describeUsualProto({ widthPx, heightPx }: SizePx): string {
  const downsample = protoDownsampleOf(usualDownsamples);
  return `mask prototype [1, K, ${heightPx / downsample}, ${widthPx / downsample}]`;
}

/** The levels of a model on an input of this size, and the cells of all of them. */
export interface Pyramid {
  readonly downsamples: readonly number[];
  readonly cellCount: number;
}

/** The pyramids that an input may have. No two have the same number of cells. */
export function pyramidsOn(input: SizePx, of: readonly (readonly number[])[] = pyramids): Pyramid[] {
  return of.flatMap((downsamples) => {
    const cellCount = cellCountOf(downsamples, input);
    return cellCount === null ? [] : [{ downsamples, cellCount }];
  });
}

/** Those of the models that people export. */
export function commonPyramidsOn(input: SizePx): Pyramid[] {
  return pyramidsOn(input, commonPyramids);
}

/**
 * True if a dimension is the number of cells of a common pyramid over the input. Of the seldom ones some have 300 cells,
 * as many as an end-to-end export has results.
 */
export function countsCells({ dims }: TensorSpec, input: SizePx): boolean {
  return commonPyramidsOn(input).some(({ cellCount }) => dims.includes(cellCount));
}
