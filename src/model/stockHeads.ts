import { type AssignmentHints, describeNms, oneToOneBy } from './assignment.js';
import { counted } from '../core/words.js';
import { elementBytes, type TensorSpec } from '../core/tensor.js';
import { describeOutput, refuseHeads } from './contract.js';
import { type GridHead, readGrids } from './headLayout.js';
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
  readonly cellCount: number;
  /** What tells that one cell alone finds an object, so that NMS is not needed; null if nothing does. */
  readonly oneToOneBy: string | null;
  /** [1, 4 + C + K, A] centre x, centre y, width, height in model pixels, C probabilities, K coefficients. */
  readonly rows: StockRows;
  /** [1, K, H, W] mask prototypes. */
  readonly proto: GridHead;
  readonly form: string;
}

/** Cells of the three levels that every stock export has. */
export function cellCountOf({
  widthPx,
  heightPx,
}: {
  readonly widthPx: number;
  readonly heightPx: number;
}): number {
  return [8, 16, 32].reduce((sum, step) => sum + (widthPx / step) * (heightPx / step), 0);
}

/** Three dimensions, or four of which two are 1, as a model that decodes on the BPU has them. */
function isRows({ dims }: TensorSpec, cellCount: number): boolean {
  const sizes = dims.filter((size) => size !== 1);
  return dims.length === 3 || (dims.length === 4 && sizes.length === 2 && sizes.includes(cellCount));
}

/** True if the outputs look like an unmodified export: rows of all cells are among them. */
export function looksLikeStock(outputs: readonly TensorSpec[], cellCount: number): boolean {
  return outputs.some((spec) => isRows(spec, cellCount));
}

/** Resolves the two outputs of an unmodified export, in either order; throws ModelContractError `heads`. */
export function resolveStockHeads(
  outputs: readonly TensorSpec[],
  input: { readonly widthPx: number; readonly heightPx: number },
  { classCount, ...hints }: { readonly classCount: number | undefined } & AssignmentHints,
): StockHeads {
  const { widthPx, heightPx } = input;
  const cellCount = cellCountOf(input);
  const rowSpecs = outputs.filter((spec) => isRows(spec, cellCount));
  const protoSpecs = outputs.filter((spec) => spec.dims.length === 4 && !isRows(spec, cellCount));
  const expectedRows = `[1, 4 + classes + coefficients, ${cellCount}]`;
  const expectedProto = `mask prototype [1, K, ${heightPx / 4}, ${widthPx / 4}]`;
  if (outputs.length !== 2 || rowSpecs.length !== 1 || protoSpecs.length !== 1) {
    const found = (specs: readonly TensorSpec[]) => specs.map(describeOutput).join('; ') || 'missing';
    const rows = [
      { expected: expectedRows, found: found(rowSpecs) },
      { expected: expectedProto, found: found(protoSpecs) },
    ];
    throw refuseHeads('a stock export has exactly two outputs', rows, outputs);
  }
  const spec = rowSpecs[0];
  const axes = rowAxes(spec);
  const [cellAxis, otherAxis] = axes.filter((axis) => spec.dims[axis] === cellCount);
  if (cellAxis === undefined || spec.dims[0] !== 1) {
    const row = {
      expected: `${expectedRows} on a ${widthPx}x${heightPx} input`,
      found: describeOutput(spec),
    };
    throw refuseHeads(`no dimension of ${spec.name} has one row per cell`, [row], outputs);
  }
  if (otherAxis !== undefined) {
    const row = {
      expected: `${cellCount} cells and another number of features`,
      found: describeOutput(spec),
    };
    const remedy = 'export it for another input size';
    throw refuseHeads(
      `ambiguous: both dimensions of ${spec.name} could be the cells; ${remedy}`,
      [row],
      outputs,
    );
  }
  const featureAxis = axes.find((axis) => axis !== cellAxis)!;
  const proto = readProto(protoSpecs[0], outputs, input, featureAxis, expectedProto);
  const found = spec.dims[featureAxis] - 4 - proto.channels;
  if (found < 1 || (classCount !== undefined && classCount !== found)) {
    const wanted = `4 + ${classCount ?? 'classes'} + ${proto.channels} features`;
    const row = { expected: wanted, found: `${spec.dims[featureAxis]} (${spec.name})` };
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
    cellCount,
    oneToOneBy: assigned,
    rows: {
      outputIndex: outputs.indexOf(spec),
      spec,
      featureAxis,
      cellElems: spec.strideBytes[cellAxis] / bytes,
      featureElems: spec.strideBytes[featureAxis] / bytes,
    },
    proto,
    form: `stock export on ${widthPx}x${heightPx}: ${counted(found, 'class', 'classes')}, ${counted(proto.channels, 'coefficient')}; rows ${spec.type}, proto ${proto.spec.type}${describeNms({ oneToOneBy: assigned })}`,
  };
}

/** The two axes of rows that are not there for their number alone. */
function rowAxes({ dims }: TensorSpec): readonly number[] {
  return dims.length === 3 ? [1, 2] : [1, 2, 3].filter((axis) => dims[axis] !== 1);
}

/** Throws ModelContractError `heads` if it is no prototype; `featureAxis` is that of the rows. */
export function readProto(
  spec: TensorSpec,
  outputs: readonly TensorSpec[],
  input: { readonly widthPx: number; readonly heightPx: number },
  featureAxis: number,
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
  if (grid === undefined || grid.downsample >= 8) {
    throw refuseHeads(
      'the second output is no mask prototype',
      [{ expected, found: describeOutput(spec) }],
      outputs,
    );
  }
  return { ...grid, spec, outputIndex: outputs.indexOf(spec) };
}
