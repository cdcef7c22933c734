import type { SizePx } from '../core/geometry.js';
import { type AssignmentHints, describeNms, oneToOneBy } from './assignment.js';
import { counted } from '../core/words.js';
import { onlyOf } from '../core/onlyOf.js';
import { axisSize, axisStrideBytes, elementBytes, type TensorSpec } from '../core/tensor.js';
import { describeOutput, refuseHeads } from './contract.js';
import { type GridHead, readGrids } from './headLayout.js';
import {
  commonPyramidsOn,
  countsCells,
  describeUsualProto,
  protoDownsampleOf,
  pyramidsOn,
} from './pyramid.js';
import { decodedRowOf } from './rowLayout.js';
import { quantisedAlong } from './tensorCheck.js';

/** Decoded boxes, probabilities and coefficients of all cells; feature f of cell a lies at a * cell + f * feature. */
export interface StockRows {
  readonly outputIndex: number;
  readonly spec: TensorSpec;
  /** Dimension of `spec` that holds the features. */
  readonly featureAxis: number;
  readonly cellElems: number;
  readonly featureElems: number;
}

/** The two outputs of an unmodified export. */
export interface StockHeads {
  readonly kind: 'stock';
  readonly inputWidthPx: number;
  readonly inputHeightPx: number;
  readonly classCount: number;
  readonly coefCount: number;
  /** Model pixels per cell of each level, the finest first. */
  readonly downsamples: readonly number[];
  readonly cellCount: number;
  /** What tells that one cell alone finds an object, so that NMS is not needed; null if nothing does. */
  readonly oneToOneBy: string | null;
  /** [1, 4 + C + K, A] centre x, centre y, width, height in model pixels, C probabilities, K coefficients. */
  readonly rows: StockRows;
  /** [1, K, H, W] mask prototypes. */
  readonly proto: GridHead;
  readonly form: string;
}

/** Three dimensions, or four of which two are 1, as a model that decodes on the BPU has them. */
function isRows(spec: TensorSpec, input: SizePx): boolean {
  if (spec.dims.length === 3) return true;
  return spec.dims.length === 4 && rowAxes(spec).length === 2 && countsCells(spec, input);
}

/** True if the outputs look like an unmodified export: rows of all cells are among them. */
export function looksLikeStock(outputs: readonly TensorSpec[], input: SizePx): boolean {
  return outputs.some((spec) => isRows(spec, input));
}

/** Resolves the two outputs of an unmodified export, in either order; throws ModelContractError `heads`. */
export function resolveStockHeads(
  outputs: readonly TensorSpec[],
  input: SizePx,
  { classCount, ...hints }: { readonly classCount: number | undefined } & AssignmentHints,
): StockHeads {
  const { widthPx, heightPx } = input;
  const rowSpecs = outputs.filter((spec) => isRows(spec, input));
  const protoSpecs = outputs.filter((spec) => spec.dims.length === 4 && !isRows(spec, input));
  const spec = onlyOf(rowSpecs);
  const protoSpec = onlyOf(protoSpecs);
  const expectedRows = `[1, 4 + classes + coefficients, ${cellCountsOn(input)}]`;
  const expectedProto = describeUsualProto(input);
  if (outputs.length !== 2 || spec === undefined || protoSpec === undefined) {
    const found = (specs: readonly TensorSpec[]) => specs.map(describeOutput).join('; ') || 'missing';
    const rows = [
      { expected: expectedRows, found: found(rowSpecs) },
      { expected: expectedProto, found: found(protoSpecs) },
    ];
    throw refuseHeads('a stock export has exactly two outputs', rows, outputs);
  }
  const readings = readRows(spec, protoSpec, input, classCount);
  const [reading] = readings;
  if (reading === undefined || spec.dims[0] !== 1) {
    const row = {
      expected: `${expectedRows} on a ${widthPx}x${heightPx} input`,
      found: describeOutput(spec),
    };
    throw refuseHeads(`no dimension of ${spec.name} has one row per cell`, [row], outputs);
  }
  if (readings.length > 1) {
    const both = readings.map(({ cells, features }) => `${cells} cells of ${features} features`);
    const row = { expected: [...new Set(both)].join(' or '), found: describeOutput(spec) };
    const remedy = 'give the class names, or export it for another input size';
    throw refuseHeads(
      `ambiguous: both dimensions of ${spec.name} could be the cells; ${remedy}`,
      [row],
      outputs,
    );
  }
  const { downsamples, cells: cellCount, cellAxis, featureAxis } = reading;
  const proto = readProto(protoSpec, outputs, input, featureAxis, downsamples[0]!, expectedProto);
  const featureCount = axisSize(spec, featureAxis);
  const found = featureCount - decodedRowOf(0, proto.channels).valueCount;
  if (found < 1 || (classCount !== undefined && classCount !== found)) {
    const wanted = `4 + ${classCount ?? 'classes'} + ${proto.channels} features`;
    const row = { expected: wanted, found: `${featureCount} (${spec.name})` };
    throw refuseHeads(`${spec.name} has the wrong number of features`, [row], outputs);
  }
  if (!quantisedAlong(spec, featureAxis) || !quantisedAlong(proto.spec, proto.channelAxis)) {
    const rows = [spec, proto.spec].map((one) => ({
      expected: 'scales along the channels',
      found: describeOutput(one),
    }));
    throw refuseHeads('scales do not run along the channels', rows, outputs);
  }
  const bytes = elementBytes[spec.type];
  const assigned = oneToOneBy([spec], hints);
  return {
    kind: 'stock',
    inputWidthPx: widthPx,
    inputHeightPx: heightPx,
    classCount: found,
    coefCount: proto.channels,
    downsamples,
    cellCount,
    oneToOneBy: assigned,
    rows: {
      outputIndex: outputs.indexOf(spec),
      spec,
      featureAxis,
      cellElems: axisStrideBytes(spec, cellAxis) / bytes,
      featureElems: axisStrideBytes(spec, featureAxis) / bytes,
    },
    proto,
    form: `stock export at ${downsamples.join('/')} on ${widthPx}x${heightPx}: ${counted(found, 'class', 'classes')}, ${counted(proto.channels, 'coefficient')}; rows ${spec.type}, proto ${proto.spec.type}${describeNms({ oneToOneBy: assigned })}`,
  };
}

interface RowsReading {
  readonly downsamples: readonly number[];
  readonly cells: number;
  readonly features: number;
  readonly cellAxis: number;
  readonly featureAxis: number;
}

/** The ways to read the rows: which levels there are, and which dimension counts their cells. */
function readRows(
  spec: TensorSpec,
  protoSpec: TensorSpec,
  input: SizePx,
  classCount: number | undefined,
): readonly RowsReading[] {
  const common = commonPyramidsOn(input).map(({ cellCount }) => cellCount);
  // Seldom ones count only where the prototype says the same, so that a number of features is not taken for their cells.
  const possible = pyramidsOn(input).filter(
    ({ downsamples, cellCount }) =>
      common.includes(cellCount) || hasGrid(protoSpec, input, protoDownsampleOf(downsamples)),
  );
  const axes = rowAxes(spec);
  const readings = possible.flatMap(({ downsamples, cellCount: cells }) =>
    axes.flatMap((featureAxis, position): RowsReading[] => {
      const cellAxis = axes[1 - position];
      if (cellAxis === undefined || spec.dims[cellAxis] !== cells) return [];
      return [{ downsamples, cells, features: axisSize(spec, featureAxis), cellAxis, featureAxis }];
    }),
  );
  if (readings.length < 2 || classCount === undefined) return readings;
  const fitting = readings.filter(({ features }) =>
    [1, 3].some((axis) => features === decodedRowOf(classCount, axisSize(protoSpec, axis)).valueCount),
  );
  return fitting.length > 0 ? fitting : readings;
}

/** The two axes of rows that are not there for their number alone. */
function rowAxes({ dims }: TensorSpec): readonly number[] {
  return dims.length === 3 ? [1, 2] : [1, 2, 3].filter((axis) => dims[axis] !== 1);
}

/** True for [1, H, W, C] or [1, C, H, W] with cells of this size. */
function hasGrid({ dims }: TensorSpec, { widthPx, heightPx }: SizePx, downsample: number): boolean {
  const grid = `${heightPx / downsample},${widthPx / downsample}`;
  return dims.slice(1, 3).join() === grid || dims.slice(2).join() === grid;
}

/** The cells that models of this input size have, with what makes them more. */
function cellCountsOn(input: SizePx): string {
  const [usual, ...more] = commonPyramidsOn(input);
  const others = more.map(({ downsamples, cellCount }) => `${cellCount} at ${downsamples.join('/')}`);
  return [String(usual?.cellCount), ...others].join(', or ');
}

/** Throws ModelContractError `heads` if it is no prototype; `featureAxis` is that of the rows. */
export function readProto(
  spec: TensorSpec,
  outputs: readonly TensorSpec[],
  input: SizePx,
  featureAxis: number,
  finestDownsample: number,
  expected: string,
): GridHead {
  // A prototype as wide as it has channels reads both ways; it then has its channels where the rows have theirs.
  const quantisation = {
    kind: 'scale',
    quantScales: new Float32Array(2),
    zeroPoints: new Int32Array(0),
  } as const;
  const leaning: TensorSpec = { ...spec, quantisation: { ...quantisation, axis: featureAxis === 1 ? 1 : 3 } };
  const grid =
    readGrids([spec], input.widthPx, input.heightPx).grids[0] ??
    readGrids([leaning], input.widthPx, input.heightPx).grids[0];
  if (grid === undefined || grid.downsample >= Math.max(finestDownsample, 8)) {
    throw refuseHeads(
      'the second output is no mask prototype',
      [{ expected, found: describeOutput(spec) }],
      outputs,
    );
  }
  return { ...grid, spec, outputIndex: outputs.indexOf(spec) };
}
