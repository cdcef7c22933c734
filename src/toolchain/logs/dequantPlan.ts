import { ConfigError } from '../../core/errors.js';
import { readLogLines } from '../text/logLines.js';
import { shellCommand } from '../text/shell.js';
import { type GraphTensors, readGraphTensors } from './graphTensors.js';
import { type HeadRole, type LogHeads, type NamedHead, resolveLogHeads } from './logHeads.js';
import { readCompileSettings } from './mapperSettings.js';
import { type ModifierLog, type RemovableNode, readModifierLog } from './modifierLog.js';

/** Heads whose floats are worth their time on the CPU stay; the others come out as integers. */
export type RemovableRoles = ReadonlySet<HeadRole>;

/** One listed Dequantize node and what is to become of it. */
export interface DequantChoice {
  readonly node: RemovableNode;
  readonly role: HeadRole | null;
  readonly downsample: number | null;
  /** Of the output it writes, where the logs give it. */
  readonly dims: readonly number[] | null;
  readonly isRemoved: boolean;
}

export interface DequantPlan {
  readonly choices: readonly DequantChoice[];
  /** Heads that should come out as integers but have no listed node. */
  readonly unlisted: readonly NamedHead[];
  /** Listed nodes of other types; the plan leaves them alone. */
  readonly others: readonly RemovableNode[];
  readonly heads: LogHeads;
  /** What told the heads apart: the shapes in the log, or layer names where no log gives shapes. */
  readonly decidedBy: 'shapes' | 'layer names' | null;
  readonly modelFile: string;
  readonly modifiedFile: string;
  readonly listCommand: string;
  /** Null before the tool has listed its nodes. */
  readonly removeCommand: string | null;
  readonly perfCommand: string;
}

/** What was asked of the tool against what it reports. */
export interface RemovalCheck {
  readonly asked: readonly string[];
  readonly removed: readonly string[];
  /** Asked for but not reported as removed. */
  readonly missing: readonly string[];
  /** Removed though nobody asked. */
  readonly surplus: readonly string[];
  readonly savedAs: string | null;
  readonly complaints: readonly string[];
}

export interface DequantReport {
  readonly plan: DequantPlan;
  /** Null if the logs show no removal. */
  readonly check: RemovalCheck | null;
}

/** The last text that names something wins: later files are later steps. */
interface Facts {
  readonly graph: GraphTensors;
  readonly modifier: ModifierLog;
  readonly modelFile: string | null;
}

function readFacts(text: string): Facts {
  const lines = readLogLines(text);
  const modifier = readModifierLog(text);
  const { outputPrefix } = readCompileSettings(lines);
  const saved = modifier.savedAs?.replace(/_modified\.bin$/, '.bin') ?? null;
  const modelFile = modifier.modelFile ?? saved ?? (outputPrefix === null ? null : `${outputPrefix}.bin`);
  return { graph: readGraphTensors(lines), modifier, modelFile };
}

const layerRoles: readonly [RegExp, HeadRole][] = [
  [/\/(?:one2one_)?cv2\.\d+\//, 'box'],
  [/\/(?:one2one_)?cv3\.\d+\//, 'cls'],
  [/\/(?:one2one_)?cv4\.\d+\//, 'coef'],
  [/\/proto\//, 'proto'],
];

/** Role by layer name; cv4 is something else in pose and oriented models, so this is the second choice. */
function roleOfName(name: string): HeadRole | null {
  return layerRoles.find(([pattern]) => pattern.test(name))?.[1] ?? null;
}

function chooseNodes(
  listed: readonly RemovableNode[],
  graph: GraphTensors,
  heads: LogHeads,
  roles: RemovableRoles,
): DequantChoice[] {
  return listed.map((node): DequantChoice => {
    const tensor = graph.outputs.find((output) => node.outputs.includes(output.name));
    const fixed = tensor?.dims.filter((dim) => dim !== null) ?? null;
    const head =
      heads.kind === 'resolved' ? heads.heads.find((one) => node.outputs.includes(one.output)) : undefined;
    const role = heads.kind === 'resolved' ? (head?.role ?? null) : roleOfName(node.name);
    return {
      node,
      role,
      downsample: head?.downsample ?? null,
      dims: fixed,
      isRemoved: role !== null && roles.has(role),
    };
  });
}

function checkRemoval({ asked, removed, savedAs, complaints }: ModifierLog): RemovalCheck | null {
  if (removed.length === 0 && savedAs === null && complaints.length === 0) return null;
  return {
    asked,
    removed,
    missing: asked.filter((name) => !removed.includes(name)),
    surplus: removed.filter((name) => !asked.includes(name)),
    savedAs,
    complaints,
  };
}

/** True if the tool did all that was asked and saved the result. */
export function isDone(check: RemovalCheck): boolean {
  return check.missing.length === 0 && check.savedAs !== null && check.removed.length > 0;
}

function last<T>(values: readonly (T | null)[]): T | null {
  return values.findLast((value) => value !== null) ?? null;
}

function commandsOf(model: string, removals: readonly string[], savedAs: string | null) {
  const modifier = ['hb_model_modifier', model];
  const modifiedFile = `${model.replace(/\.bin$/, '')}_modified.bin`;
  const perf = ['hrt_model_exec', 'perf', '--thread_num', '2', '--model_file', savedAs ?? modifiedFile];
  return {
    modelFile: model,
    modifiedFile,
    listCommand: shellCommand(modifier),
    removeCommand:
      removals.length === 0 ? null : shellCommand(modifier, ...removals.map((name) => ['-r', name])),
    perfCommand: shellCommand(perf),
  };
}

/** Throws ConfigError `dequant_heads` if nothing says which nodes are boxes and coefficients. */
function checkChoices(
  choices: readonly DequantChoice[],
  graph: GraphTensors,
  heads: LogHeads,
  names: string,
): void {
  if (choices.length === 0 || heads.kind === 'resolved') return;
  const isNamed = choices.some((choice) => choice.role !== null);
  if (graph.outputs.length === 0 && isNamed) return;
  const reason = graph.outputs.length > 0 ? heads.reason : 'no node is named like a head';
  throw new ConfigError(
    'dequant_heads',
    `it is not clear which of ${choices.length} Dequantize nodes in ${names} are to go: ${reason}`,
    { nodes: choices.map((choice) => choice.node.name) },
  );
}

/**
 * Plans which Dequantize nodes to remove, and checks a removal that the logs show.
 *
 * `files` hold logs of `hb_mapper makertbin` (shapes) and of `hb_model_modifier` (nodes, removal), in one
 * file or several. `modelFile` is the .bin if the logs do not name it.
 *
 * Throws ConfigError `no_dequantize` if the logs show neither nodes nor a removal nor graph outputs,
 * `dequant_model` if the .bin is not known, and `dequant_heads` if the nodes cannot be told apart.
 */
export function planDequant(
  files: readonly { readonly path: string; readonly text: string }[],
  roles: RemovableRoles,
  modelFile: string | null,
): DequantReport {
  const facts = files.map((file) => readFacts(file.text));
  const graph = facts.findLast((one) => one.graph.outputs.length > 0)?.graph ?? { inputs: [], outputs: [] };
  const listed = facts.findLast((one) => one.modifier.listed.length > 0)?.modifier.listed ?? [];
  const check = last(facts.map((one) => checkRemoval(one.modifier)));
  const names = files.map((file) => file.path).join(', ');
  if (listed.length === 0 && check === null && graph.outputs.length === 0) {
    const expected = 'a log of hb_mapper makertbin ("Graph output:") or hb_model_modifier ("Dequantize")';
    const message = `${names} shows no Dequantize nodes and no graph outputs; expected ${expected}`;
    throw new ConfigError('no_dequantize', message, { paths: files.map((file) => file.path) });
  }
  const model = modelFile ?? last(facts.map((one) => one.modelFile));
  if (model === null) {
    throw new ConfigError('dequant_model', `${names} does not name the .bin file; give it with --bin`, {});
  }
  const nodes = listed.filter((node) => /^(?:Hz)?Dequantize$/i.test(node.type));
  const layers = new Map(nodes.flatMap((node) => node.outputs.map((output) => [output, node.name] as const)));
  const heads = resolveLogHeads(graph, layers);
  const choices = chooseNodes(nodes, graph, heads, roles);
  checkChoices(choices, graph, heads, names);
  const wanted = heads.kind === 'resolved' ? heads.heads.filter(({ role }) => roles.has(role)) : [];
  const removals = choices.filter((choice) => choice.isRemoved).map((choice) => choice.node.name);
  return {
    check,
    plan: {
      choices,
      unlisted: nodes.length === 0 ? [] : wanted.filter(({ output }) => !layers.has(output)),
      others: listed.filter((node) => !nodes.includes(node)),
      heads,
      decidedBy: nodes.length === 0 ? null : heads.kind === 'resolved' ? 'shapes' : 'layer names',
      ...commandsOf(model, removals, check?.savedAs ?? null),
    },
  };
}
