import { readdirSync, readFileSync } from 'node:fs';
import { type ElementType, elementBytes, type Quantisation, type TensorSpec } from '#dist/core/tensor.js';

/** Quantisation values that rise evenly over `count` channels. */
interface FixtureQuantisation {
  readonly kind: 'scale';
  readonly axis: number;
  readonly count: number;
  readonly from: number;
  readonly to: number;
  readonly zeroPoint?: number;
}

interface FixtureOutput {
  readonly name: string;
  readonly type: ElementType;
  readonly dims: readonly number[];
  readonly strideBytes: readonly number[];
  /** What the toolchain prints; it may lie, and nothing reads it but the check that some do. */
  readonly layoutLabel: 'NHWC' | 'NCHW';
  readonly quantisation?: FixtureQuantisation;
}

/** Output names by meaning. */
export interface SplitExpectation {
  readonly kind: 'raw';
  readonly classCount: number;
  readonly coefCount: number;
  readonly regMax: number;
  readonly levels: readonly { readonly cls: string; readonly box: string; readonly coef: string }[];
  readonly proto: string;
}

export interface StockExpectation {
  readonly kind: 'stock';
  readonly classCount: number;
  readonly coefCount: number;
  readonly rows: string;
  readonly proto: string;
}

interface FixtureFile {
  readonly about: string;
  readonly input: { readonly widthPx: number; readonly heightPx: number };
  readonly outputs: readonly FixtureOutput[];
  readonly expected?: SplitExpectation | StockExpectation;
  /** Texts that the refusal must contain. */
  readonly refusal?: readonly string[];
}

/** The outputs of one model as its toolchain describes them, and how they are to be read. */
export interface HeadFixture extends Omit<FixtureFile, 'outputs'> {
  readonly name: string;
  readonly specs: readonly TensorSpec[];
  /** True if an output's label names another layout than its strides and shape have. */
  readonly hasFalseLabel: boolean;
}

const folder = new URL('../../fixtures/heads/', import.meta.url);

function quantisationOf(entry: FixtureQuantisation | undefined): Quantisation {
  if (entry === undefined) return { kind: 'none' };
  const { kind, axis, count, from, to, zeroPoint } = entry;
  const step = count === 1 ? 0 : (to - from) / (count - 1);
  return {
    kind,
    axis,
    quantScales: Float32Array.from({ length: count }, (_, channel) => from + channel * step),
    zeroPoints: Int32Array.from(zeroPoint === undefined ? [] : [zeroPoint]),
  };
}

/** Four dimensions whose rows and columns come first, as the input's proportions show. */
function isChannelsLast({ dims }: FixtureOutput, { widthPx, heightPx }: FixtureFile['input']): boolean {
  return dims.length === 4 && dims[1] * widthPx === dims[2] * heightPx;
}

function load(file: string): HeadFixture {
  const { outputs, ...rest } = JSON.parse(readFileSync(new URL(file, folder), 'utf8')) as FixtureFile;
  const specs = outputs.map(({ name, type, dims, strideBytes, quantisation }) => ({
    name,
    type,
    dims,
    strideBytes,
    quantisation: quantisationOf(quantisation),
  }));
  const hasFalseLabel = outputs.some(
    (output) => output.layoutLabel === 'NCHW' && isChannelsLast(output, rest.input),
  );
  return { ...rest, name: file.replace('.json', ''), specs, hasFalseLabel };
}

/** Every model of test/fixtures/heads. */
export const headFixtures: readonly HeadFixture[] = readdirSync(folder)
  .filter((file) => file.endsWith('.json'))
  .sort()
  .map(load);

/** Elements from the first to the end of the last one, padding between them included. */
export function spannedElems({ dims, strideBytes, type }: TensorSpec): number {
  const bytes = elementBytes[type];
  return dims.reduce((sum, size, axis) => sum + ((size - 1) * strideBytes[axis]) / bytes, 1);
}
