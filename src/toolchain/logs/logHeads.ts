import type { SizePx } from '../../core/geometry.js';
import { counted, shown } from '../../core/words.js';
import { SegError } from '../../core/errors.js';
import type { TensorSpec } from '../../core/tensor.js';
import { type ResolvedHeads, resolveHeads } from '../../model/heads.js';
import { layerOf } from '../../model/layerNames.js';
import { type NamedOutput, namedHeads } from '../../model/namedHeads.js';
import { type GraphTensors, inputSizeOf, specsOf } from './graphTensors.js';

/** Which output is what, or why that cannot be said. */
export type LogHeads =
  | {
      readonly kind: 'resolved';
      readonly form: string;
      /** Empty for a stock export, whose heads are decoded inside the model. */
      readonly heads: readonly NamedOutput[];
    }
  | {
      readonly kind: 'refused';
      readonly reason: string;
      /** The shapes fit in more than one way: layer names would tell. */
      readonly isAmbiguous: boolean;
    };

/** Layer names by output name; they tell heads apart whose shapes do not. */
export type LayerNames = ReadonlyMap<string, string>;

/** Resolves heads among specs; layer names are tried where the outputs' own names leave two readings. */
function resolveNamed(specs: readonly TensorSpec[], input: SizePx, layers: LayerNames): LogHeads {
  const attempt = (outputs: readonly TensorSpec[]): ResolvedHeads | SegError => {
    try {
      return resolveHeads(outputs, input);
    } catch (error) {
      if (error instanceof SegError && error.code === 'heads') return error;
      throw error;
    }
  };
  const layerOrOwn = ({ name }: TensorSpec) => layers.get(name) ?? name;
  const layerSpecs = specs.map((spec) => ({ ...spec, name: layerOrOwn(spec) }));
  const first = attempt(specs);
  const heads = first instanceof SegError && layers.size > 0 ? attempt(layerSpecs) : first;
  if (heads instanceof SegError) {
    const { message, details } = first instanceof SegError ? first : heads;
    return { kind: 'refused', reason: message, isAmbiguous: details.isAmbiguous === true };
  }
  const outputOf = new Map(specs.map((spec) => [layerOrOwn(spec), spec.name]));
  const named = (heads.kind === 'raw' ? namedHeads(heads) : []).map((head) => ({
    ...head,
    output: outputOf.get(head.output) ?? head.output,
  }));
  return { kind: 'resolved', form: heads.form, heads: named };
}

/** Classes, boxes and coefficients of three levels, and the prototype. */
const headCount = 10;

/** Resolves the heads by the shapes a log gives. */
export function resolveLogHeads(graph: GraphTensors, layers: LayerNames = new Map()): LogHeads {
  const { inputs, outputs, isCutOff } = graph;
  const refused = (reason: string): LogHeads => ({ kind: 'refused', reason, isAmbiguous: false });
  if (outputs.length === 0) return refused('the log does not list the graph outputs');
  const input = inputSizeOf(inputs);
  if (input === null) return refused('the log gives no fixed picture input');
  const specs = specsOf(outputs);
  if (specs === null) return refused('the log gives outputs without a fixed size');
  const heads = resolveNamed(specs, input, layers);
  if (heads.kind === 'resolved' || !isCutOff || outputs.length >= headCount) return heads;
  const found = outputs.map(({ name, dims }) => `  ${shown(name)} [${dims.join(', ')}]`);
  const count = counted(outputs.length, 'graph output');
  return refused([`the log ends after ${count}; expected ${headCount}`, ...found].join('\n'));
}

/** The head that a layer name belongs to: the levels count from the finest. */
export function headOfLayer(heads: readonly NamedOutput[], nodeName: string): NamedOutput | null {
  const layer = layerOf(nodeName);
  if (layer === null) return null;
  const levels = heads.filter(({ role }) => role === layer.role);
  return levels.sort((a, b) => a.downsample - b.downsample)[layer.level] ?? null;
}
