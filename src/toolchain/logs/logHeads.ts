import { SegError } from '../../core/errors.js';
import type { TensorSpec } from '../../core/tensor.js';
import { type ResolvedHeads, resolveHeads } from '../../model/heads.js';
import { type GraphTensors, inputSizeOf, specsOf } from './graphTensors.js';

export type HeadRole = 'cls' | 'box' | 'coef' | 'proto';

/** One output of the model by meaning; `downsample` is model pixels per cell. */
export interface NamedHead {
  readonly role: HeadRole;
  readonly downsample: number;
  readonly output: string;
  readonly dims: readonly number[];
}

/** Which output is what, or why that cannot be said. */
export type LogHeads =
  | { readonly kind: 'resolved'; readonly form: string; readonly heads: readonly NamedHead[] }
  | { readonly kind: 'refused'; readonly reason: string };

function namedHeads(heads: ResolvedHeads): NamedHead[] {
  if (heads.kind === 'stock') return [];
  const levels = heads.levels.flatMap(({ downsample, cls, box, coef }) =>
    [
      { role: 'cls' as const, grid: cls },
      { role: 'box' as const, grid: box },
      { role: 'coef' as const, grid: coef },
    ].map(({ role, grid }) => ({ role, downsample, output: grid.spec.name, dims: grid.spec.dims })),
  );
  const { spec, downsample } = heads.proto;
  return [...levels, { role: 'proto', downsample, output: spec.name, dims: spec.dims }];
}

/** Layer names by output name; they tell heads apart whose shapes do not. */
export type LayerNames = ReadonlyMap<string, string>;

/** Resolves heads among specs; layer names are tried where the outputs' own names leave two readings. */
export function resolveNamed(
  specs: readonly TensorSpec[],
  input: { readonly widthPx: number; readonly heightPx: number },
  layers: LayerNames,
): LogHeads {
  const attempt = (outputs: readonly TensorSpec[]): ResolvedHeads | string => {
    try {
      return resolveHeads(outputs, input);
    } catch (error) {
      if (error instanceof SegError && error.code === 'heads') return error.message;
      throw error;
    }
  };
  const layerSpecs = specs.map((spec) => ({ ...spec, name: layers.get(spec.name) ?? spec.name }));
  const first = attempt(specs);
  const heads = typeof first === 'string' && layers.size > 0 ? attempt(layerSpecs) : first;
  if (typeof heads === 'string')
    return { kind: 'refused', reason: typeof first === 'string' ? first : heads };
  const outputOf = new Map(layerSpecs.map((spec, index) => [spec.name, specs[index].name]));
  const named = namedHeads(heads).map((head) => ({
    ...head,
    output: outputOf.get(head.output) ?? head.output,
  }));
  return { kind: 'resolved', form: heads.form, heads: named };
}

/** Resolves the heads by the shapes a log gives. */
export function resolveLogHeads(graph: GraphTensors, layers: LayerNames = new Map()): LogHeads {
  if (graph.outputs.length === 0)
    return { kind: 'refused', reason: 'the log does not list the graph outputs' };
  const input = inputSizeOf(graph.inputs);
  if (input === null) return { kind: 'refused', reason: 'the log gives no fixed picture input' };
  const specs = specsOf(graph.outputs);
  if (specs === null) return { kind: 'refused', reason: 'the log gives outputs without a fixed size' };
  return resolveNamed(specs, input, layers);
}
