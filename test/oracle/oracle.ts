import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { LetterboxGeometry } from '#dist/core/geometry.js';
import type { PostprocessOptions } from '#dist/core/result.js';
import type { TensorSpec, TensorView } from '#dist/core/tensor.js';
import type { StockRows } from '#dist/model/stockHeads.js';
import type { ResolvedHeads } from '#dist/model/heads.js';

const root = fileURLToPath(new URL('../..', import.meta.url));
const pythons = ['python3', join(root, '.ros/jazzy/bin/python3')];

/** A Python that has numpy, or null. */
export const numpyPython: string | null =
  pythons.find((python) => spawnSync(python, ['-c', 'import numpy']).status === 0) ?? null;

export interface OracleCase {
  readonly heads: ResolvedHeads;
  readonly tensors: readonly TensorView[];
  readonly geometry: LetterboxGeometry;
  readonly options: PostprocessOptions;
  readonly maxCandidates: number;
}

export interface OracleDetection {
  readonly box: readonly number[];
  readonly score: number;
  readonly classId: number;
  readonly spans: readonly (readonly [number, number, number])[];
}

export interface OracleResult {
  readonly candidateCount: number;
  readonly detections: readonly OracleDetection[];
}

/** Scale and zero point of one channel. */
function channelRule(
  { quantisation }: TensorSpec,
  channel: number,
): readonly [scale: number, zeroPoint: number] {
  const pick = (values: ArrayLike<number>) =>
    values.length === 0 ? 0 : values.length === 1 ? values[0] : values[channel];
  if (quantisation.kind === 'none') return [1, 0];
  if (quantisation.kind === 'shift') return [1 / 2 ** pick(quantisation.shifts), 0];
  return [pick(quantisation.quantScales), pick(quantisation.zeroPoints)];
}

/** All real values with channels innermost, packed, by the tensor's own strides; `axes` end with the channels. */
function flatten({ spec, data }: TensorView, axes: readonly number[]): Float64Array {
  const elems = (axis: number) => spec.strideBytes[axis] / data.BYTES_PER_ELEMENT;
  const channelAxis = axes[axes.length - 1];
  const channels = spec.dims[channelAxis];
  const [rowAxis, cellAxis] = axes.length === 3 ? axes : [0, axes[0]];
  const [rows, cells] = [spec.dims[rowAxis], spec.dims[cellAxis]];
  const values = new Float64Array(rows * cells * channels);
  for (let channel = 0; channel < channels; channel++) {
    const [scale, zeroPoint] = channelRule(spec, channel);
    for (let row = 0; row < rows; row++) {
      for (let cell = 0; cell < cells; cell++) {
        const stored = data[row * elems(rowAxis) + cell * elems(cellAxis) + channel * elems(channelAxis)];
        values[(row * cells + cell) * channels + channel] = (stored - zeroPoint) * scale;
      }
    }
  }
  return values;
}

/** The axis of the cells and that of the features. */
function rowAxes({ spec, featureAxis }: StockRows): readonly number[] {
  const cellAxis = spec.dims.findIndex((size, axis) => axis !== featureAxis && size !== 1);
  return [cellAxis, featureAxis];
}

/** Runs the numpy oracle on all cases in one process. */
export function runOracle(cases: readonly OracleCase[]): OracleResult[] {
  if (numpyPython === null) throw new Error('no python3 with numpy');
  const folder = mkdtempSync(join(tmpdir(), 'rdk-yolo-seg-oracle-'));
  let fileCount = 0;
  const save = (view: TensorView, axes: readonly number[]) => {
    const name = `${fileCount++}.f64`;
    writeFileSync(join(folder, name), flatten(view, axes));
    return name;
  };
  const grid = (tensors: readonly TensorView[], head: { outputIndex: number; channelAxis: number }) =>
    save(tensors[head.outputIndex], head.channelAxis === 3 ? [1, 2, 3] : [2, 3, 1]);
  try {
    const written = cases.map(({ heads, tensors, geometry, options, maxCandidates }) => ({
      kind: heads.kind,
      isOneToOne: heads.oneToOneBy !== null,
      classCount: heads.classCount,
      coefCount: heads.coefCount,
      geometry,
      options,
      maxCandidates,
      protoDownsample: heads.proto.downsample,
      protoHeight: heads.proto.heightCells,
      protoWidth: heads.proto.widthCells,
      proto: grid(tensors, heads.proto),
      ...(heads.kind !== 'raw'
        ? { rows: save(tensors[heads.rows.outputIndex], rowAxes(heads.rows)) }
        : {
            boxChannels: heads.levels[0].box.channels,
            levels: heads.levels.map((level) => ({
              downsample: level.downsample,
              heightCells: level.heightCells,
              widthCells: level.widthCells,
              cls: grid(tensors, level.cls),
              box: grid(tensors, level.box),
              coef: grid(tensors, level.coef),
            })),
          }),
    }));
    writeFileSync(join(folder, 'cases.json'), JSON.stringify(written));
    const script = join(root, 'test/oracle/decode.py');
    const text = execFileSync(numpyPython, [script, folder], { maxBuffer: 1 << 28 });
    return JSON.parse(text.toString()) as OracleResult[];
  } finally {
    rmSync(folder, { recursive: true });
  }
}
