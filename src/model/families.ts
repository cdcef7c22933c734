import type { SizePx } from '../core/geometry.js';
import type { TensorSpec } from '../core/tensor.js';
import type { GridHead } from './headLayout.js';
import { usualBoxChannels } from './headRoles.js';
import { countsCells, usualDownsamples } from './pyramid.js';

/** A model of a kind the node does not run: a sentence that says what it is, and what to do instead. */
export interface Family {
  readonly says: string;
  readonly remedy: string;
}

const usualCoefCount = 32;

const fromStock = 'take the stock ONNX export of the same weights and cut it with `model heads`';

/** What two or three dimensions tell; null if nothing known fits. */
export function familyOfRows(outputs: readonly TensorSpec[], input: SizePx): Family | null {
  const rows = outputs.filter(({ dims }) => dims.length === 3);
  const grids = outputs.filter(({ dims }) => dims.length === 4);
  if (rows.length > 0 && grids.length === 0 && rows.some((spec) => countsCells(spec, input))) {
    return {
      says: 'this is a detection, pose or oriented box model: there is no mask prototype',
      remedy: 'take a -seg model',
    };
  }
  if (outputs.length === 1 && outputs[0]!.dims.length === 2) {
    return { says: 'this is a classification model', remedy: 'take a -seg model' };
  }
  return null;
}

/** What grids that are no three heads per level with a prototype are; null if nothing known fits. */
export function familyOfGrids(grids: readonly GridHead[]): Family | null {
  const perLevel = usualDownsamples.map((step) => grids.filter((grid) => grid.downsample === step));
  const rest = grids.length - perLevel.flat().length;
  const each = (count: number) => perLevel.every((level) => level.length === count);
  const channels = (count: number | undefined) =>
    perLevel.every((level) => level.some((grid) => grid.channels === count));
  if (rest === 0 && each(2)) {
    return {
      says: 'six heads are a detection model, not a segmentation model',
      remedy: 'take a -seg model',
    };
  }
  // With the usual coefficients it is a segmentation model, and what it lacks is told by that.
  if (rest === 0 && each(3) && !channels(usualCoefCount)) {
    return {
      says: 'nine heads without a mask prototype are a pose or oriented box model, or a segmentation model whose prototype was left out',
      remedy: 'take a -seg model with all its outputs',
    };
  }
  if (rest === 1 && each(4) && channels(1)) {
    return {
      says: 'this is an RKNN-style export: 13 outputs, with a sum of the scores for each level',
      remedy: `they are for another chip: ${fromStock}`,
    };
  }
  const coefCount = grids.find((grid) => !usualDownsamples.includes(grid.downsample))?.channels;
  const hasJoined = perLevel.every((level) => level.some((grid) => grid.channels > usualBoxChannels));
  if (rest === 1 && each(2) && channels(coefCount) && hasJoined) {
    return {
      says: 'this is an AXERA-style export: 7 outputs, boxes and classes in one tensor for each level',
      remedy: `they are for another chip: ${fromStock}`,
    };
  }
  return null;
}
