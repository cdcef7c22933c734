import {
  elementBytes,
  tensorArrays,
  type TensorData,
  type TensorSpec,
  type TensorView,
} from '#dist/core/tensor.js';
import { makeRandom } from '../../support/random.js';
import {
  type HeadFixture,
  type SplitExpectation,
  type StockExpectation,
  spannedElems,
} from './headFixture.js';

/** Real value of a cell (row, column) and channel. */
type Field = (y: number, x: number, channel: number) => number;

function stored(value: number, { quantisation }: TensorSpec, channel: number, data: TensorData): number {
  if (quantisation.kind !== 'scale' || data instanceof Float32Array) return value;
  const { quantScales, zeroPoints } = quantisation;
  const scale = quantScales.length === 1 ? quantScales[0] : quantScales[channel];
  const peak = 2 ** (data.BYTES_PER_ELEMENT * 8 - 1) - 1;
  return Math.round(Math.min(Math.max(value / scale + (zeroPoints[0] ?? 0), -peak), peak));
}

/** A tensor that holds `field`; the padding holds values that would win if they were read. */
function gridView(spec: TensorSpec, channelAxis: number, field: Field): TensorView {
  const data = new tensorArrays[spec.type](spannedElems(spec)).fill(100);
  const [rowAxis, cellAxis] = channelAxis === 3 ? [1, 2] : [2, 3];
  const elems = (axis: number) => spec.strideBytes[axis] / elementBytes[spec.type];
  const [row, cell, step] = [elems(rowAxis), elems(cellAxis), elems(channelAxis)];
  for (let y = 0; y < spec.dims[rowAxis]; y++) {
    for (let x = 0; x < spec.dims[cellAxis]; x++) {
      for (let channel = 0; channel < spec.dims[channelAxis]; channel++) {
        data[y * row + x * cell + channel * step] = stored(field(y, x, channel), spec, channel, data);
      }
    }
  }
  return { spec, data };
}

function channelAxisOf(spec: TensorSpec, { widthPx, heightPx }: HeadFixture['input']): number {
  return spec.dims[1] * widthPx === spec.dims[2] * heightPx ? 3 : 1;
}

/** Noise below every threshold, and about one object in fifty cells. */
function scoreField(random: () => number, classCount: number): Field {
  let classId = -1;
  let logit = 0;
  return (_y, _x, channel) => {
    if (channel === 0) {
      classId = random() < 0.02 ? Math.floor(random() * classCount) : -1;
      logit = random() * 4 - 1;
    }
    return channel === classId ? logit : random() - 9;
  };
}

function protoField(random: () => number, channels: number): Field {
  const waves = Array.from({ length: channels }, () => [random() * 0.4, random() * 0.4, random() * 6]);
  return (y, x, channel) => {
    const [a, b, c] = waves[channel];
    return Math.sin(a * x + b * y + c) + 0.2 * (random() - 0.5);
  };
}

function splitTensors(fixture: HeadFixture, expected: SplitExpectation): TensorView[] {
  const random = makeRandom(fixture.name.length);
  const fieldOf = (name: string): Field => {
    if (name === expected.proto) return protoField(random, expected.coefCount);
    if (expected.levels.some(({ cls }) => cls === name)) return scoreField(random, expected.classCount);
    if (expected.levels.some(({ box }) => box === name)) {
      return expected.regMax === 1 ? () => 6 * random() - 1 : () => 6 * (random() - 0.5);
    }
    return () => 2 * (random() - 0.5);
  };
  return fixture.specs.map((spec) => gridView(spec, channelAxisOf(spec, fixture.input), fieldOf(spec.name)));
}

function stockTensors(fixture: HeadFixture, { classCount, coefCount, rows }: StockExpectation): TensorView[] {
  const random = makeRandom(fixture.name.length);
  const { widthPx, heightPx } = fixture.input;
  return fixture.specs.map((spec) => {
    if (spec.name !== rows) return gridView(spec, 1, protoField(random, coefCount));
    const [, features, cells] = spec.dims;
    const data = new Float32Array(features * cells);
    for (let cell = 0; cell < cells; cell++) {
      const values = [random() * widthPx, random() * heightPx, random() * 90, random() * 90];
      const classId = random() < 0.02 ? Math.floor(random() * classCount) : -1;
      for (let feature = 0; feature < features; feature++) {
        const score = feature - 4 === classId ? random() : random() * 0.1;
        const coef = 2 * (random() - 0.5);
        data[feature * cells + cell] = values[feature] ?? (feature < 4 + classCount ? score : coef);
      }
    }
    return { spec, data };
  });
}

/** Repeatable outputs for a fixture, filled by the meaning that it gives its outputs. */
export function madeUpTensors(fixture: HeadFixture): TensorView[] {
  const { expected } = fixture;
  if (expected === undefined) throw new Error(`${fixture.name} is to be refused`);
  return expected.kind === 'raw' ? splitTensors(fixture, expected) : stockTensors(fixture, expected);
}
