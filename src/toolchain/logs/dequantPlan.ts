import { ConfigError } from '../../core/errors.js';
import { readLogLines, wholeLines } from '../text/logLines.js';
import { shellCommand } from '../text/shell.js';
import { type GraphTensors, noGraphTensors, readGraphTensors } from './graphTensors.js';
import { type HeadRole, type LogHeads, type NamedHead, resolveLogHeads } from './logHeads.js';
import { type RunEnd, readRunEnd } from './mapperLog.js';
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
  /** Why the model file may not exist; null if the logs show it. */
  readonly doubt: string | null;
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
  readonly runEnd: RunEnd;
  readonly modifier: ModifierLog;
  readonly modelFile: string | null;
}

function readFacts(text: string): Facts {
  const lines = readLogLines(text);
  const modifier = readModifierLog(text);
  const { outputPrefix } = readCompileSettings(wholeLines(lines));
  const saved = modifier.savedAs?.replace(/_modified\.bin$/, '.bin') ?? null;
  const modelFile = modifier.modelFile ?? saved ?? (outputPrefix === null ? null : `${outputPrefix}.bin`);
  return { graph: readGraphTensors(lines), runEnd: readRunEnd(lines), modifier, modelFile };
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
  // Errors where nothing was asked for are those of another tool.
  if (removed.length === 0 && savedAs === null && (asked.length === 0 || complaints.length === 0))
    return null;
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

/** The layers that a list without shapes must name: boxes and coefficients of the three levels. */
const neededLayers = ['cv2.0', 'cv2.1', 'cv2.2', 'cv4.0', 'cv4.1', 'cv4.2'];

/** Throws ConfigError `dequant_heads` if nothing says which nodes are boxes and coefficients. */
function checkHeads(
  choices: readonly DequantChoice[],
  graph: GraphTensors,
  heads: LogHeads,
  names: string,
): void {
  if (heads.kind === 'resolved') return;
  const refuse = (reason: string) => {
    const what =
      choices.length === 0
        ? `${names} does not show the heads of a segmentation model`
        : `it is not clear which of ${choices.length} Dequantize nodes in ${names} are to go`;
    const nodes = choices.map((choice) => choice.node.name);
    return new ConfigError('dequant_heads', `${what}: ${reason}`, { nodes });
  };
  // Layer names, which only the list of nodes has, may tell apart what shapes leave open.
  if (graph.outputs.length > 0 && (choices.length > 0 || !heads.isAmbiguous)) throw refuse(heads.reason);
  if (choices.length === 0) return;
  const lacking = neededLayers.filter(
    (layer) => !choices.some(({ node }) => node.name.includes(`${layer}/`)),
  );
  if (lacking.length === 0) return;
  const found = choices.map(({ node }) => `  ${node.name}`);
  const meaning = 'the list is cut off, or the model is none for segmentation';
  const remedy = 'add the log of hb_mapper makertbin, which has the shapes';
  throw refuse([`no node of ${lacking.join(', ')}: ${meaning}; ${remedy}; found`, ...found].join('\n'));
}

/** In which step a run was or failed at the end of its log; empty if it ended or nothing tells. */
function describeEnd({ state, openStep, error }: RunEnd): string {
  const where = openStep === null ? '' : ` in the step "${openStep}"`;
  if (state === 'failed') return ` (the run failed${where}: ${error?.text})`;
  return state === 'finished' || where === '' ? '' : ` (it ends${where})`;
}

/**
 * Why the .bin may not be there; null where the log shows it finished.
 *
 * Throws ConfigError `dequant_run` if the run failed.
 */
function doubtOf(end: RunEnd, model: string, names: string): string | null {
  const how = describeEnd(end);
  if (end.state === 'failed') {
    throw new ConfigError('dequant_run', `${names} does not end with ${model}${how}`, {
      openStep: end.openStep,
    });
  }
  if (end.state === 'finished') return null;
  return `${names} has no closing line${how}: an excerpt, or cut off; make sure that ${model} was written`;
}

/**
 * Plans which Dequantize nodes to remove, and checks a removal that the logs show.
 *
 * `files` hold logs of `hb_mapper makertbin` (shapes) and of `hb_model_modifier` (nodes, removal), in one
 * file or several. `modelFile` is the .bin if the logs do not name it.
 *
 * Throws ConfigError `no_dequantize` if the logs show neither nodes nor a removal nor graph outputs,
 * `dequant_model` if the .bin is not known, `dequant_heads` if the nodes cannot be told apart, as where the heads
 * are not those of a segmentation model, and `dequant_run` for a conversion that failed.
 */
export function planDequant(
  files: readonly { readonly path: string; readonly text: string }[],
  roles: RemovableRoles,
  modelFile: string | null,
): DequantReport {
  const facts = files.map((file) => readFacts(file.text));
  const mapper = facts.findLast((one) => one.graph.outputs.length > 0);
  const graph = mapper?.graph ?? noGraphTensors;
  const listed = facts.findLast((one) => one.modifier.listed.length > 0)?.modifier.listed ?? [];
  const check = last(facts.map((one) => checkRemoval(one.modifier)));
  const names = files.map((file) => file.path).join(', ');
  if (listed.length === 0 && check === null && graph.outputs.length === 0) {
    const expected = 'a log of hb_mapper makertbin ("Graph output:") or hb_model_modifier ("Dequantize")';
    const ends = facts.map(({ runEnd }) => describeEnd(runEnd)).filter((text) => text !== '');
    const message = `${names} shows no Dequantize nodes and no graph outputs${ends.join('')}; expected ${expected}`;
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
  checkHeads(choices, graph, heads, names);
  const wanted = heads.kind === 'resolved' ? heads.heads.filter(({ role }) => roles.has(role)) : [];
  const removals = choices.filter((choice) => choice.isRemoved).map((choice) => choice.node.name);
  return {
    check,
    plan: {
      choices,
      unlisted: nodes.length === 0 ? [] : wanted.filter(({ output }) => !layers.has(output)),
      others: listed.filter((node) => !nodes.includes(node)),
      heads,
      doubt:
        mapper === undefined || listed.length > 0 || check !== null
          ? null
          : doubtOf(mapper.runEnd, model, names),
      decidedBy: nodes.length === 0 ? null : heads.kind === 'resolved' ? 'shapes' : 'layer names',
      ...commandsOf(model, removals, check?.savedAs ?? null),
    },
  };
}
