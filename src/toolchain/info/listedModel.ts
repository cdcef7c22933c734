import { isRank4, type TensorSpec } from '../../core/tensor.js';
import { type HeadHints, resolveHeads, withClassScores } from '../../model/heads.js';
import type { ClassScores } from '../../model/rawHeads.js';
import { type GraphInfo, graphElementTypes } from './graphInfo.js';
import { type InfoModel, type InfoTensor, plainTensor } from './modelInfoText.js';
import { type ModelSummary, readInfoHeads, summariseInfo } from './modelSummary.js';

/** [1, H, W, 3], as the tool lists NV12 inputs, the way the board's library tells them. */
function asPicture(dims: readonly number[]): readonly number[] {
  const [batch, heightPx, widthPx, channels] = dims;
  return isRank4(dims) && channels === 3 ? [batch!, 3, heightPx!, widthPx!] : dims;
}

/**
 * A compiled model as hb_model_info lists it.
 *
 * @param scales Of outputs that are integers, by name; the listing has none.
 */
export function infoOfGraph(
  name: string,
  graph: GraphInfo,
  scales: ReadonlyMap<string, readonly number[]>,
): InfoModel {
  const inputType = `HB_DNN_IMG_TYPE_${(graph.inputForm ?? 'unknown').toUpperCase()}`;
  return {
    name,
    inputs: graph.inputs.map(({ name: input, dims }) => plainTensor(input, asPicture(dims), inputType)),
    outputs: graph.outputs.map((output): InfoTensor => {
      const found = scales.get(output.name) ?? [];
      const known = graphElementTypes[output.type]?.toUpperCase();
      const plain = plainTensor(output.name, output.dims, `HB_DNN_TENSOR_TYPE_${known ?? output.type}`);
      if (found.length === 0) return plain;
      const quantizeAxis = found.length > 1 ? output.dims.length - 1 : null;
      return { ...plain, quantiType: 'SCALE', scales: found, quantizeAxis };
    }),
  };
}

/** Integers of which only the scales are not known: the heads are recognised without them. */
function asScaled(spec: TensorSpec): TensorSpec {
  if (spec.type === 'f32') return spec;
  const quantScales = Float32Array.of(1);
  const zeroPoints = Int32Array.of();
  return { ...spec, quantisation: { kind: 'scale', quantScales, zeroPoints, axis: spec.dims.length - 1 } };
}

/** What the manifest beside a compiled model says. */
interface Stated extends HeadHints {
  readonly classNames: readonly string[] | null;
  readonly classScores: ClassScores | undefined;
}

/**
 * What the node would make of a compiled model by the listing of hb_model_info and the manifest beside the model. Strides,
 * scales and values are the board's library's to tell.
 *
 * @param remarks What the manifest says in words.
 */
export function summariseListed(
  name: string,
  graph: GraphInfo,
  manifest: Stated,
  remarks: readonly string[],
): ModelSummary {
  const info = infoOfGraph(name, graph, new Map());
  const { classNames, classScores = 'logits' } = manifest;
  const reading = readInfoHeads(info, (specs, input) => {
    const heads = resolveHeads(specs.map(asScaled), input, manifest);
    return { heads: withClassScores(heads, classScores), classNames };
  });
  const source =
    'listed by hb_model_info, which tells neither strides nor scales nor values; the node sees them on the board';
  return summariseInfo(info, reading, [...remarks, source]);
}
