import { onlyOf } from '../core/onlyOf.js';
import { axisSize, axisStrideBytes, elementBytes, isRank4, type TensorSpec } from '../core/tensor.js';

/** What a head of one level predicts for its cells: class scores, boxes, mask coefficients. */
export type HeadRole = 'cls' | 'box' | 'coef';

/** One output read as a grid of cells with channels; element (y, x, c) lies at y * row + x * cell + c * channel. */
export interface GridHead {
  /** Position in the model's outputs. */
  readonly outputIndex: number;
  readonly spec: TensorSpec;
  readonly heightCells: number;
  readonly widthCells: number;
  readonly channels: number;
  /** Dimension of `spec` that holds the channels. */
  readonly channelAxis: number;
  /** Strides in elements, not bytes. */
  readonly rowElems: number;
  readonly cellElems: number;
  readonly channelElems: number;
  /** Model pixels per cell, in both directions. */
  readonly downsample: number;
}

type Layout = 'NHWC' | 'NCHW';

const axesOf: Readonly<Record<Layout, { row: number; cell: number; channel: number }>> = {
  NHWC: { row: 1, cell: 2, channel: 3 },
  NCHW: { row: 2, cell: 3, channel: 1 },
};

/** Model pixels per cell if the tensor is a grid over the whole input in this layout, else null. */
function downsampleIn(spec: TensorSpec, layout: Layout, widthPx: number, heightPx: number): number | null {
  const { row, cell } = axesOf[layout];
  const downsample = heightPx / axisSize(spec, row);
  if (!Number.isInteger(downsample) || downsample < 1) return null;
  return axisSize(spec, cell) * downsample === widthPx ? downsample : null;
}

function layoutsOf(spec: TensorSpec, widthPx: number, heightPx: number): Layout[] {
  if (!isRank4(spec.dims) || spec.dims[0] !== 1) return [];
  const fitting = (['NHWC', 'NCHW'] as const).filter(
    (layout) => downsampleIn(spec, layout, widthPx, heightPx) !== null,
  );
  if (fitting.length < 2) return fitting;
  // [1, 80, 80, 80] fits both ways; per-channel scales name the channel axis.
  const quantisation = spec.quantisation;
  const values =
    quantisation.kind === 'scale'
      ? quantisation.quantScales
      : quantisation.kind === 'shift'
        ? quantisation.shifts
        : [];
  if (quantisation.kind === 'none' || values.length < 2) return fitting;
  return fitting.filter((layout) => axesOf[layout].channel === quantisation.axis);
}

/** Outputs read as grids; `unread` are those that are no grid over the input, or one in two ways. */
export interface GridReading {
  readonly grids: readonly GridHead[];
  readonly unread: readonly TensorSpec[];
}

/**
 * Reads every output as a grid by its shape. The vendor's layout label plays no part: it is wrong on real
 * models, while the shape says which axes are rows and columns and the strides say where elements lie.
 * A shape that reads both ways is read like the outputs that are certain, if those agree.
 */
export function readGrids(outputs: readonly TensorSpec[], widthPx: number, heightPx: number): GridReading {
  const shapes = outputs.map((spec) => ({ spec, layouts: layoutsOf(spec, widthPx, heightPx) }));
  const agreed = onlyOf([...new Set(shapes.flatMap(({ layouts }) => onlyOf(layouts) ?? []))]);
  const grids: GridHead[] = [];
  const unread: TensorSpec[] = [];
  for (const [outputIndex, { spec, layouts }] of shapes.entries()) {
    const layout = onlyOf(layouts) ?? layouts.find((one) => one === agreed);
    if (layout === undefined) unread.push(spec);
    else grids.push(gridIn(spec, outputIndex, layout, heightPx));
  }
  return { grids, unread };
}

function gridIn(spec: TensorSpec, outputIndex: number, layout: Layout, heightPx: number): GridHead {
  const { row, cell, channel } = axesOf[layout];
  const bytes = elementBytes[spec.type];
  return {
    outputIndex,
    spec,
    heightCells: axisSize(spec, row),
    widthCells: axisSize(spec, cell),
    channels: axisSize(spec, channel),
    channelAxis: channel,
    rowElems: axisStrideBytes(spec, row) / bytes,
    cellElems: axisStrideBytes(spec, cell) / bytes,
    channelElems: axisStrideBytes(spec, channel) / bytes,
    downsample: heightPx / axisSize(spec, row),
  };
}
