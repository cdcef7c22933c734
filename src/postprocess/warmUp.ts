import { solveLetterbox } from '../core/geometry.js';
import type { PostprocessOptions } from '../core/result.js';
import {
  elementBytes,
  tensorArrays,
  type TensorData,
  type TensorSpec,
  type TensorView,
} from '../core/tensor.js';
import type { ResolvedHeads } from '../model/heads.js';
import { decodedRowOf } from '../model/rowLayout.js';
import { spannedBytes } from '../model/tensorCheck.js';
import { channelScales } from './dequantise.js';
import type { Postprocessor } from './postprocess.js';

const options: PostprocessOptions = {
  scoreThreshold: 0.25,
  everyClass: false,
  iouThreshold: 0.7,
  nms: 'on',
  maxDetections: 20,
  classes: null,
  classAgnosticNms: false,
  contourTolerancePx: null,
};

/**
 * Runs made-up tensors of the model's own shapes and types through the post-processing, so that the code is
 * compiled before the first frame. Without it the first frame takes 36 to 50 ms, with it 3 to 6 (docs/performance.md).
 *
 * @returns Milliseconds of the fastest run: what a crowded frame of this model takes this thread.
 */
export function warmUp(postprocessor: Postprocessor, runs = 10): number {
  const { inputWidthPx, inputHeightPx } = postprocessor.heads;
  const geometry = solveLetterbox(1920, 1080, inputWidthPx, inputHeightPx);
  const tensors = makeTensors(postprocessor.heads);
  let fastestMs = Number.POSITIVE_INFINITY;
  for (let run = 0; run < runs; run++) {
    const { decodeMs, masksMs } = postprocessor.run(tensors, geometry, options);
    fastestMs = Math.min(fastestMs, decodeMs + masksMs);
  }
  return fastestMs;
}

/**
 * Tensors with some dozens of candidates and masks of many pieces; the same on every call.
 *
 * @internal Exported for tests.
 */
export function makeTensors(heads: ResolvedHeads): TensorView[] {
  const tensors: TensorView[] = [];
  let state = 1;
  // Numerical Recipes' generator; the quality does not matter, being the same on every run does.
  const noise = () => {
    state = (Math.imul(state, 1664525) + 1013904223) | 0;
    return state / 0x80000000;
  };
  const put = (spec: TensorSpec, outputIndex: number, channels: number, value: () => number) => {
    const data = new tensorArrays[spec.type](spannedBytes(spec) / elementBytes[spec.type]);
    const scale = channelScales(spec, channels).scales[0];
    for (let at = 0; at < data.length; at++) data[at] = quantised(value() / scale, data);
    tensors[outputIndex] = { spec, data };
  };
  put(heads.proto.spec, heads.proto.outputIndex, heads.coefCount, noise);
  if (heads.kind === 'stock') {
    const { spec, outputIndex, cellElems, featureElems, featureAxis } = heads.rows;
    const { firstClass } = decodedRowOf(heads.classCount, heads.coefCount);
    put(spec, outputIndex, spec.dims[featureAxis], () => noise() * 0.2);
    const data = tensors[outputIndex].data;
    for (let cell = 0; cell < heads.cellCount; cell += 97) {
      const at = cell * cellElems;
      data[at] = heads.inputWidthPx / 2;
      data[at + featureElems] = heads.inputHeightPx / 2;
      data[at + 2 * featureElems] = heads.inputWidthPx / 4;
      data[at + 3 * featureElems] = heads.inputHeightPx / 4;
      data[at + firstClass * featureElems] = 0.9;
    }
    return tensors;
  }
  if (heads.kind === 'results') {
    const { spec, outputIndex, cellElems, featureElems } = heads.rows;
    put(spec, outputIndex, spec.dims[2], noise);
    const data = tensors[outputIndex].data;
    const { inputWidthPx: width, inputHeightPx: height } = heads;
    for (let row = 0; row < heads.cellCount; row++) {
      const values = [width / 4, height / 4, width / 2, height / 2, row % 15 === 0 ? 0.9 : 0, 0];
      values.forEach((value, at) => {
        data[row * cellElems + at * featureElems] = value;
      });
    }
    return tensors;
  }
  // Distances around 0 would give boxes without an area, which are dropped before their masks.
  const boxMean = heads.boxForm === 'distances' ? 3 : 0;
  for (const { cls, box, coef } of heads.levels) {
    let element = 0;
    put(cls.spec, cls.outputIndex, cls.channels, () => (element++ % (97 * cls.channels) === 0 ? 2 : -8));
    put(box.spec, box.outputIndex, box.channels, () => boxMean + noise());
    put(coef.spec, coef.outputIndex, coef.channels, noise);
  }
  return tensors;
}

function quantised(value: number, data: TensorData): number {
  if (data instanceof Float32Array) return value;
  const peak = 2 ** (data.BYTES_PER_ELEMENT * 8 - 1) - 1;
  return Math.round(Math.min(Math.max(value, -peak), peak));
}
