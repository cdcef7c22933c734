import type { SizePx } from '../core/geometry.js';
import { counted } from '../core/words.js';
import { axisSize, axisStrideBytes, elementBytes, type TensorSpec } from '../core/tensor.js';
import { type AssignmentHints, describeNms } from './assignment.js';
import { describeOutput, refuseHeads } from './contract.js';
import type { GridHead } from './headLayout.js';
import { countsCells, describeUsualProto, usualDownsamples } from './pyramid.js';
import { resultRow } from './rowLayout.js';
import { readProto, type StockRows } from './stockHeads.js';
import { quantisedAlong } from './tensorCheck.js';

/** Finished results beside a prototype, as an end-to-end export gives them. */
export interface ResultHeads {
  readonly kind: 'results';
  readonly inputWidthPx: number;
  readonly inputHeightPx: number;
  readonly classCount: number;
  readonly coefCount: number;
  /** Rows, each of which may hold an object. */
  readonly cellCount: number;
  /** What tells that nothing is left for NMS; null if somebody said that something is. */
  readonly oneToOneBy: string | null;
  /** [1, N, 6 + K] x1, y1, x2, y2 in model pixels, probability, class id, K coefficients. */
  readonly rows: StockRows;
  /** [1, K, H, W] mask prototypes. */
  readonly proto: GridHead;
  readonly form: string;
}

/** True for a tensor of finished results beside a prototype: rows of 6 + K values that are not one per cell. */
export function looksLikeResults(outputs: readonly TensorSpec[], input: SizePx): boolean {
  const protos = outputs.filter(({ dims }) => dims.length === 4);
  const isRows = (spec: TensorSpec) =>
    spec.dims.length === 3 &&
    !countsCells(spec, input) &&
    protos.some((proto) =>
      [1, 3].some((axis) => spec.dims[2] === resultRow.firstCoef + axisSize(proto, axis)),
    );
  return outputs.some(isRows);
}

/** Resolves finished results and their prototype, in either order; throws ModelContractError `heads`. */
export function resolveResultHeads(
  outputs: readonly TensorSpec[],
  input: SizePx,
  { classCount, oneToOne }: { readonly classCount: number | undefined } & AssignmentHints,
): ResultHeads {
  const { widthPx, heightPx } = input;
  const expectedProto = describeUsualProto(input);
  const spec = outputs.find(({ dims }) => dims.length === 3);
  const protoSpec = outputs.find(({ dims }) => dims.length === 4);
  if (outputs.length !== 2 || spec === undefined || protoSpec === undefined) {
    const found = outputs.map(describeOutput).join('; ');
    const row = { expected: `rows [1, N, 6 + K] and a ${expectedProto}`, found };
    throw refuseHeads('an export with finished results has exactly two outputs', [row], outputs);
  }
  const proto = readProto(protoSpec, outputs, input, 1, usualDownsamples[0], expectedProto);
  const [batch, rowCount, valueCount] = spec.dims as [number, number, number];
  if (batch !== 1 || valueCount !== resultRow.firstCoef + proto.channels) {
    const row = { expected: `[1, N, 6 + ${proto.channels}]`, found: describeOutput(spec) };
    throw refuseHeads(`${spec.name} holds no rows of finished results`, [row], outputs);
  }
  if (classCount === undefined) {
    const row = {
      expected: 'class names, or their count',
      found: 'neither, and rows that tell classes by number',
    };
    const remedy = 'give class_names or class_count in the manifest, or model.class_names';
    throw refuseHeads(`finished results do not tell how many classes there are: ${remedy}`, [row], outputs);
  }
  if (!quantisedAlong(spec, 2) || !quantisedAlong(proto.spec, proto.channelAxis)) {
    const rows = [spec, proto.spec].map((one) => ({
      expected: 'scales along the channels',
      found: describeOutput(one),
    }));
    throw refuseHeads('scales do not run along the channels', rows, outputs);
  }
  const bytes = elementBytes[spec.type];
  const oneToOneBy = oneToOne === false ? null : 'finished results';
  const sizes = `${counted(rowCount, 'row')}, ${counted(classCount, 'class', 'classes')} (given), ${counted(proto.channels, 'coefficient')}`;
  const types = `rows ${spec.type}, proto ${proto.spec.type}`;
  return {
    kind: 'results',
    inputWidthPx: widthPx,
    inputHeightPx: heightPx,
    classCount,
    coefCount: proto.channels,
    cellCount: rowCount,
    oneToOneBy,
    rows: {
      outputIndex: outputs.indexOf(spec),
      spec,
      featureAxis: 2,
      cellElems: axisStrideBytes(spec, 1) / bytes,
      featureElems: axisStrideBytes(spec, 2) / bytes,
    },
    proto,
    form: `finished results on ${widthPx}x${heightPx}: ${sizes}; ${types}${describeNms({ oneToOneBy })}`,
  };
}
