import { counted } from '../core/words.js';
import type { TensorSpec } from '../core/tensor.js';
import type { GridHead } from './headLayout.js';
import { usualBoxChannels } from './headRoles.js';
import { type InputSize, pyramidsOn, usualSteps } from './pyramid.js';

/** A model of a kind the node does not run: a sentence that says what it is, and what to do instead. */
export interface Family {
  readonly says: string;
  readonly remedy: string;
}

/** Values of a row of finished results before its coefficients: x1, y1, x2, y2, score, class. */
const resultValues = 6;

const usualCoefCount = 32;

const fromStock = 'take the stock ONNX export of the same weights and cut it with `model heads`';

/** A model whose boxes are four distances, without distributions. */
export function plainBoxFamily(classCount: number, names: readonly string[]): Family {
  // The prompt-free YOLOE-26 has thousands of classes, and heads called mc_8 for mask coefficients.
  const isOpenVocabulary = classCount > 1000 || names.some((name) => /(^|[^a-z0-9])mc_\d+$/i.test(name));
  return {
    says: `this is a ${isOpenVocabulary ? 'YOLOE-26' : 'YOLO26-seg'} model (${counted(classCount, 'class', 'classes')}, boxes of 4 channels)`,
    remedy: 'the node decodes boxes of distributions (YOLOv8, 9, 11, 12) only; take one of those for the BPU',
  };
}

/** True if a dimension is the number of cells of a pyramid over the input. */
function countsCells({ dims }: TensorSpec, input: InputSize): boolean {
  return pyramidsOn(input).some(({ cellCount }) => dims.includes(cellCount));
}

/** Finished results instead of one row per cell. */
function isResults(spec: TensorSpec, protos: readonly TensorSpec[], input: InputSize): boolean {
  const { dims } = spec;
  if (dims.length !== 3 || countsCells(spec, input)) return false;
  return protos.some((proto) => [proto.dims[1], proto.dims[3]].some((k) => dims[2] === resultValues + k!));
}

/** Boxes, scores and coefficients of all cells in one tensor of four dimensions. */
function isDecodedOnBpu(spec: TensorSpec, input: InputSize): boolean {
  const { dims } = spec;
  const sizes = dims.filter((size) => size !== 1);
  return dims.length === 4 && sizes.length === 2 && countsCells(spec, input);
}

/** What two or three dimensions, or a row tensor of four, tell; null if nothing known fits. */
export function familyOfRows(outputs: readonly TensorSpec[], input: InputSize): Family | null {
  const rows = outputs.filter(({ dims }) => dims.length === 3);
  const grids = outputs.filter(({ dims }) => dims.length === 4);
  if (rows.some((spec) => isResults(spec, grids, input))) {
    return {
      says: 'this is an export with finished results (NMS inside: nms=True, or the end-to-end head of YOLO26)',
      remedy:
        'export with nms=False, a YOLO26 model with end2end=False: rows of all cells run on ONNX Runtime',
    };
  }
  if (grids.some((spec) => isDecodedOnBpu(spec, input))) {
    return {
      says: 'this is a model that decodes its boxes on the BPU (one tensor with a row per cell)',
      remedy: `the node takes raw heads: ${fromStock}`,
    };
  }
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
  const perLevel = usualSteps.map((step) => grids.filter((grid) => grid.downsample === step));
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
  const coefCount = grids.find((grid) => !usualSteps.includes(grid.downsample))?.channels;
  const hasJoined = perLevel.every((level) => level.some((grid) => grid.channels > usualBoxChannels));
  if (rest === 1 && each(2) && channels(coefCount) && hasJoined) {
    return {
      says: 'this is an AXERA-style export: 7 outputs, boxes and classes in one tensor for each level',
      remedy: `they are for another chip: ${fromStock}`,
    };
  }
  return null;
}
