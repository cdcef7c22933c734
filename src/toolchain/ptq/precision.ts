import { ConfigError } from '../../core/errors.js';
import { nearestNames, suggestion } from '../../core/words.js';
import type { March } from './mapperChoices.js';

/** What is to be computed in other integers than the tool would take, as hb_mapper's settings have it. */
export interface Precision {
  /** Nodes in int16, which also keeps on the BPU what the tool would give to the CPU. */
  readonly int16Nodes: readonly string[];
  /** Items of `optimization`. */
  readonly optimization: readonly string[];
}

/** Nodes by name, with the type that settings go by. */
export type PrecisionNodes = ReadonlyMap<string, { readonly type: string; readonly partOf: string | null }>;

/** The items of hb_mapper 1.24.3 that name no operator and concern networks like these. */
const words = [
  'asymmetric',
  'bias_correction',
  'move_all_reshape_back',
  'move_all_transpose_back',
  'move_transpose_through_reshape',
  'quantize_softmax',
  'transpose_conv_input_hw',
  'transpose_softmax',
  'use_fastlut',
];
const forms = [
  'set_all_nodes_TYPE',
  'set_model_output_TYPE',
  'set_OPERATOR_input_TYPE',
  'set_OPERATOR_output_TYPE',
];
const expected = `expected ${[...words, ...forms].join(', ')}, with TYPE int8 or int16`;

interface TypeItem {
  /** `all_nodes`, `model_output`, `Softmax_input`. */
  readonly what: string;
  /** Null for the forms that name none. */
  readonly operator: string | null;
  readonly type: string;
}

function readTypeItem(item: string): TypeItem | null {
  const match = /^set_(all_nodes|model_output|(\w+?)_(?:input|output))_(int8|int16)$/.exec(item);
  return match === null ? null : { what: match[1]!, operator: match[2] ?? null, type: match[3]! };
}

/** The items of a list as people write it: the model zoo with commas, hb_mapper with semicolons. */
export function optimizationItems(text: string): string[] {
  return text
    .split(/[;,]/)
    .map((item) => item.trim())
    .filter((item) => item !== '');
}

/** Whether these settings put such a node on the BPU, though the tool alone would give it to the CPU. */
export function isPutOnBpu(
  { int16Nodes, optimization }: Precision,
  node: { readonly name: string; readonly type: string },
): boolean {
  if (int16Nodes.includes(node.name)) return true;
  return optimization.some((item) => {
    if (item === 'quantize_softmax') return node.type === 'Softmax';
    const read = readTypeItem(item);
    return read !== null && (read.what === 'all_nodes' || read.operator === node.type);
  });
}

/**
 * Holds the settings against the graph and the processor: hb_mapper passes over nodes and operators that it does not find,
 * and says nothing.
 *
 * Throws ConfigError `arguments`.
 */
export function checkPrecision(precision: Precision, march: March, nodes: PrecisionNodes): void {
  checkNames(precision.int16Nodes, nodes);
  checkItems(precision.optimization, new Set([...nodes.values()].map(({ type }) => type)));
  const wide = [
    ...(precision.int16Nodes.length > 0 ? [`--int16 ${precision.int16Nodes[0]}`] : []),
    ...precision.optimization.filter((item) => readTypeItem(item)?.type === 'int16'),
  ];
  if (march !== 'bernoulli2' || wide.length === 0) return;
  throw refuse(`${wide.join(', ')}: the processor of march bernoulli2 has int8 alone`);
}

function refuse(message: string | readonly string[]): ConfigError {
  return new ConfigError('arguments', message, {});
}

function checkNames(wanted: readonly string[], nodes: PrecisionNodes): void {
  const lines = wanted.flatMap((name) => {
    const node = nodes.get(name);
    if (node === undefined) {
      const near = nearestNames(name, nodes.keys()).slice(0, 3).join(', ');
      return near === '' ? [`  ${name}`] : [`  ${name}; the nearest are ${near}`];
    }
    return node.partOf === null ? [] : [`  ${name}, which hb_mapper takes into ${node.partOf}; name that`];
  });
  if (lines.length === 0) return;
  throw refuse(['--int16 (--on-bpu) names nodes that the model does not have:', ...lines]);
}

function checkItems(items: readonly string[], types: ReadonlySet<string>): void {
  const seen = new Map<string, string>();
  for (const item of items) {
    const read = readTypeItem(item);
    if (read === null && !words.includes(item)) {
      throw refuse(`--optimization ${item} is none of hb_mapper's${suggestion(item, words)}; ${expected}`);
    }
    const what = read?.what ?? item;
    const other = seen.get(what);
    if (other !== undefined) throw refuse(`--optimization has both ${other} and ${item}`);
    seen.set(what, item);
    const { operator } = read ?? { operator: null };
    if (operator === null || types.has(operator)) continue;
    const meant = suggestion(operator, types);
    const known = [...types].sort().join(', ');
    throw refuse(`--optimization ${item}: the model has no ${operator}${meant}; its operators are ${known}`);
  }
}
