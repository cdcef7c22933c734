import { type LetterboxGeometry, solveLetterbox } from '#dist/core/geometry.js';
import type { Instances, PostprocessOptions } from '#dist/core/result.js';
import {
  type ElementType,
  packedSpec,
  type Quantisation,
  tensorArrays,
  type TensorSpec,
  type TensorView,
} from '#dist/core/tensor.js';
import { defaultOptions as nodeDefaults } from '../../support/defaultOptions.js';

/** Specs that `gridTensor` made with channels first. */
const channelsFirst = new WeakSet<TensorSpec>();

export interface TensorForm {
  readonly type?: ElementType;
  readonly quantisation?: Quantisation;
  /** Unused elements after each cell and after each row. */
  readonly padCellElems?: number;
  readonly padRowElems?: number;
  /** Shape (and packed strides) with channels first. */
  readonly channelsFirst?: boolean;
}

/** A tensor of zeros over a grid; what padding lies in it holds `poison`. */
function gridTensor(
  name: string,
  heightCells: number,
  widthCells: number,
  channels: number,
  form: TensorForm = {},
  poison = 0,
): TensorView {
  const type = form.type ?? 'f32';
  const bytes = tensorArrays[type].BYTES_PER_ELEMENT;
  const quantisation = form.quantisation ?? { kind: 'none' };
  if (form.channelsFirst === true) {
    const dims = [1, channels, heightCells, widthCells];
    const spec = packedSpec(name, dims, type, quantisation);
    channelsFirst.add(spec);
    return { spec, data: new tensorArrays[type](channels * heightCells * widthCells) };
  }
  const cell = channels + (form.padCellElems ?? 0);
  const row = widthCells * cell + (form.padRowElems ?? 0);
  const strideBytes = [heightCells * row, row, cell, 1].map((elems) => elems * bytes);
  const spec: TensorSpec = {
    name,
    type,
    dims: [1, heightCells, widthCells, channels],
    strideBytes,
    quantisation,
  };
  const data = new tensorArrays[type](heightCells * row).fill(poison);
  const view = { spec, data };
  for (let y = 0; y < heightCells; y++) {
    for (let x = 0; x < widthCells; x++) {
      for (let channel = 0; channel < channels; channel++) setReal(view, y, x, channel, 0);
    }
  }
  return view;
}

function elementAt({ spec, data }: TensorView, y: number, x: number, channel: number): number {
  const index = channelsFirst.has(spec) ? [0, channel, y, x] : [0, y, x, channel];
  return index.reduce((sum, at, axis) => sum + at * spec.strideBytes[axis], 0) / data.BYTES_PER_ELEMENT;
}

/** Stores a real value, quantised as the tensor says. */
export function setReal(view: TensorView, y: number, x: number, channel: number, value: number): void {
  const { spec, data } = view;
  const quantisation = spec.quantisation;
  let stored = value;
  if (quantisation.kind === 'shift') {
    stored = value * 2 ** quantisation.shifts[quantisation.shifts.length === 1 ? 0 : channel];
  } else if (quantisation.kind === 'scale') {
    const { quantScales, zeroPoints } = quantisation;
    stored = value / quantScales[quantScales.length === 1 ? 0 : channel];
    if (zeroPoints.length > 0) stored += zeroPoints[zeroPoints.length === 1 ? 0 : channel];
  }
  if (!(data instanceof Float32Array)) {
    const peak = 2 ** (data.BYTES_PER_ELEMENT * 8 - 1) - 1;
    stored = Math.round(Math.min(Math.max(stored, -peak), peak));
  }
  data[elementAt(view, y, x, channel)] = stored;
}

export interface ModelForm {
  readonly widthPx?: number;
  readonly heightPx?: number;
  readonly classCount?: number;
  readonly regMax?: number;
  readonly coefCount?: number;
  readonly cls?: TensorForm;
  readonly box?: TensorForm;
  readonly coef?: TensorForm;
  readonly proto?: TensorForm;
  readonly poison?: number;
}

export interface BuiltLevel {
  readonly downsample: number;
  readonly heightCells: number;
  readonly widthCells: number;
  readonly cls: TensorView;
  readonly box: TensorView;
  readonly coef: TensorView;
}

/** Ten tensors of a made-up model, by meaning and in the seed's order. */
export interface BuiltModel {
  readonly input: { readonly widthPx: number; readonly heightPx: number };
  readonly regMax: number;
  readonly levels: readonly BuiltLevel[];
  readonly proto: TensorView;
  readonly tensors: readonly TensorView[];
}

/** An empty model: every logit is -20, everything else 0. */
export function buildModel(form: ModelForm = {}): BuiltModel {
  const { widthPx = 128, heightPx = 128, classCount = 3, regMax = 16, coefCount = 4, poison = 0 } = form;
  const levels = [8, 16, 32].map((downsample): BuiltLevel => {
    const heightCells = heightPx / downsample;
    const widthCells = widthPx / downsample;
    const make = (name: string, channels: number, one?: TensorForm) =>
      gridTensor(name, heightCells, widthCells, channels, one, poison);
    const cls = make(`${300 + downsample}`, classCount, form.cls);
    for (let y = 0; y < heightCells; y++) {
      for (let x = 0; x < widthCells; x++) {
        for (let classId = 0; classId < classCount; classId++) setReal(cls, y, x, classId, -20);
      }
    }
    const box = make(`${200 + downsample}`, 4 * regMax, form.box);
    const coef = make(`${100 + downsample}`, coefCount, form.coef);
    return { downsample, heightCells, widthCells, cls, box, coef };
  });
  const proto = gridTensor('347', heightPx / 4, widthPx / 4, coefCount, form.proto, poison);
  const tensors = [
    ...levels.map((level) => level.coef),
    ...levels.map((level) => level.box),
    ...levels.map((level) => level.cls),
    proto,
  ];
  return { input: { widthPx, heightPx }, regMax, levels, proto, tensors };
}

/** Puts an object into a cell: logit, distances of its box's sides in cells, coefficients. */
export function putObject(
  model: BuiltModel,
  levelIndex: number,
  y: number,
  x: number,
  object: {
    readonly classId?: number;
    readonly logit: number;
    /** left, top, right, bottom: whole cells, as single DFL bins; any distance where `regMax` is 1 */
    readonly cells?: readonly number[];
    readonly coefs?: readonly number[];
  },
): void {
  const level = model.levels[levelIndex];
  setReal(level.cls, y, x, object.classId ?? 0, object.logit);
  const regMax = model.regMax;
  (object.cells ?? [2, 2, 2, 2]).forEach((bin, side) => {
    if (regMax === 1) setReal(level.box, y, x, side, bin);
    else {
      for (let one = 0; one < regMax; one++)
        setReal(level.box, y, x, side * regMax + one, one === bin ? 60 : -60);
    }
  });
  (object.coefs ?? [1]).forEach((value, index) => {
    setReal(level.coef, y, x, index, value);
  });
}

/** Fills channel 0 of the prototype with 1: with coefficient 1 a mask fills its box. */
export function fillProto(model: BuiltModel, value: (y: number, x: number) => number = () => 1): void {
  const heightCells = model.input.heightPx / 4;
  const widthCells = model.input.widthPx / 4;
  for (let y = 0; y < heightCells; y++) {
    for (let x = 0; x < widthCells; x++) setReal(model.proto, y, x, 0, value(y, x));
  }
}

/** The node's defaults, with room for more detections. */
export const defaultOptions: PostprocessOptions = { ...nodeDefaults, maxDetections: 300 };

/** Source pixels are model pixels. */
export function plainGeometry(model: BuiltModel): LetterboxGeometry {
  const { widthPx, heightPx } = model.input;
  return solveLetterbox(widthPx, heightPx, widthPx, heightPx);
}

/** Spans of an instance as triples. */
export function spansOf(instances: Instances, index: number): number[][] {
  const triples: number[][] = [];
  for (let at = instances.spanStarts[index]; at < instances.spanStarts[index + 1]; at++) {
    triples.push([...instances.spans.subarray(at * 3, at * 3 + 3)]);
  }
  return triples;
}

/** What can be compared of a result. */
export function plain(instances: Instances): object {
  return {
    boxes: [...instances.boxesImage],
    scores: [...instances.scores],
    classIds: [...instances.classIds],
    spans: [...instances.spans],
    spanStarts: [...instances.spanStarts],
  };
}
