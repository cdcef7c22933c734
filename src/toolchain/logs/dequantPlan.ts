import { ConfigError } from '../../core/errors.js';
import { readLogLines, wholeLines } from '../text/logLines.js';
import { shellCommand } from '../text/shell.js';
import {
  checkHeads,
  chooseNodes,
  type DequantChoice,
  headOfNode,
  type RemovableRoles,
} from './dequantChoice.js';
import { type GraphTensors, noGraphTensors, readGraphTensors } from './graphTensors.js';
import type { NamedOutput } from '../../model/namedHeads.js';
import { type LogHeads, resolveLogHeads } from './logHeads.js';
import { foreignText } from './foreignText.js';
import { readLastRunEnd } from './mapperLog.js';
import { describeRunEnd, type RunEnd } from './runEnd.js';
import { readCompileSettings } from './mapperSettings.js';
import {
  cutOffList,
  isDequantize,
  type ModifierLog,
  type RemovableNode,
  readModifierLog,
} from './modifierLog.js';
import { modifiedName } from '../text/vendorFiles.js';

/** Which Dequantize nodes are to be removed, and what stands against it. */
export interface DequantPlan {
  readonly choices: readonly DequantChoice[];
  /** Heads that should come out as integers but have no listed node. */
  readonly unlisted: readonly NamedOutput[];
  /** What the logs call their models where none of the listed nodes writes an output of the graph; null else. */
  readonly foreignModels: readonly string[] | null;
  /** Listed nodes of other types; the plan leaves them alone. */
  readonly others: readonly RemovableNode[];
  readonly heads: LogHeads;
  /** What told the nodes apart: the outputs they write, whose shapes a log has, or layer names. */
  readonly decidedBy: 'shapes' | 'layer names' | null;
  /** What the logs leave open, a line each: whether the model file exists, how it is called; null if nothing. */
  readonly doubt: string | null;
  /** Null where no log names it; the commands then say `MODEL.bin`. */
  readonly modelFile: string | null;
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

/** The plan, and whether a removal that the logs show was the planned one. */
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
  /** What the text is, if it is of a tool whose texts are not read here. */
  readonly foreign: string | null;
}

function readFacts(text: string): Facts {
  const lines = readLogLines(text);
  const modifier = readModifierLog(text);
  const { outputPrefix } = readCompileSettings(wholeLines(lines));
  const saved = modifier.savedAs?.replace(/_modified\.bin$/, '.bin') ?? null;
  const modelFile = modifier.modelFile ?? saved ?? (outputPrefix === null ? null : `${outputPrefix}.bin`);
  return {
    graph: readGraphTensors(lines),
    runEnd: readLastRunEnd(lines),
    modifier,
    modelFile,
    foreign: foreignText(lines),
  };
}

function checkRemoval({ modifier, runEnd }: Facts): RemovalCheck | null {
  const { asked, removed, savedAs } = modifier;
  const crash = savedAs === null ? runEnd.failure.map(({ text }) => text) : [];
  const complaints = [...new Set([...modifier.complaints, ...crash])];
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

/** Stands in commands for a .bin that no log names. */
const anyModel = 'MODEL.bin';

function commandsOf(modelFile: string | null, removals: readonly string[], savedAs: string | null) {
  const model = modelFile ?? anyModel;
  const modifier = ['hb_model_modifier', model];
  const modifiedFile = modifiedName(model);
  const perf = ['hrt_model_exec', 'perf', '--thread_num', '2', '--model_file', savedAs ?? modifiedFile];
  return {
    modelFile,
    modifiedFile,
    listCommand: shellCommand(modifier),
    removeCommand:
      removals.length === 0 ? null : shellCommand(modifier, ...removals.map((name) => ['-r', name])),
    perfCommand: shellCommand(perf),
  };
}

/** In brackets, how a run ended that did not end well. */
function bracketEnd(end: RunEnd): string {
  const how = describeRunEnd(end);
  return how === '' ? '' : ` (${how})`;
}

/**
 * Why the .bin may not be there, before its nodes are listed; null where the log shows it finished.
 *
 * Throws ConfigError `dequant_run` if the run failed, `dequant_model` if no log names the file.
 */
function doubtOf(end: RunEnd, model: string | null, names: string): string | null {
  const how = bracketEnd(end);
  if (end.state === 'failed') {
    throw new ConfigError('dequant_run', `${names} does not end with ${model ?? 'a .bin file'}${how}`, {
      openStep: end.openStep,
    });
  }
  if (model === null) {
    throw new ConfigError('dequant_model', `${names} does not name the .bin file; give it with --bin`, {});
  }
  if (end.state === 'finished') return null;
  return `${names} has no closing line${how}: an excerpt, or cut off; make sure that ${model} was written`;
}

/** The last list; what one log has by name alone is taken from another that says more of it. */
function readListed(facts: readonly Facts[]): readonly RemovableNode[] {
  const lists = facts.map(({ modifier }) => modifier.listed);
  const told = new Map(lists.flat().flatMap((node) => (node.outputs.length > 0 ? [[node.name, node]] : [])));
  return (lists.findLast((list) => list.length > 0) ?? []).map((node) => told.get(node.name) ?? node);
}

function refuseFacts(facts: readonly Facts[], paths: readonly string[]): ConfigError {
  const foreign = facts.flatMap((one) => one.foreign ?? []);
  const expected = 'a log of hb_mapper makertbin ("Graph output:") or hb_model_modifier ("Dequantize")';
  const ends = facts.map(({ runEnd }) => bracketEnd(runEnd));
  const isEmptyList = facts.some(({ modifier }) => modifier.list === 'whole');
  const empty = isEmptyList ? '; the tool lists nothing that can be removed' : '';
  const found = foreign.length > 0 ? `: ${foreign.join('; ')}` : `${ends.join('')}${empty}`;
  const message = `${paths.join(', ')} shows no Dequantize nodes and no graph outputs${found}`;
  return new ConfigError('no_dequantize', `${message}; expected ${expected}`, { paths });
}

/**
 * Plans which Dequantize nodes to remove, and checks a removal that the logs show.
 *
 * `files` hold logs of `hb_mapper makertbin` (shapes) and of `hb_model_modifier` (nodes, removal; its console text
 * has their names alone), in one file or several. `modelFile` is the .bin if the logs do not name it.
 *
 * Throws ConfigError `no_dequantize` if the logs show neither nodes nor a removal nor graph outputs,
 * `dequant_model` if the .bin is not known and no nodes are listed, `dequant_heads` if the nodes cannot be told
 * apart, as where the heads are not those of a segmentation model, and `dequant_run` for a conversion that failed.
 */
export function planDequant(
  files: readonly { readonly path: string; readonly text: string }[],
  roles: RemovableRoles,
  modelFile: string | null,
): DequantReport {
  const facts = files.map((file) => readFacts(file.text));
  const mapper = facts.findLast((one) => one.graph.outputs.length > 0);
  const graph = mapper?.graph ?? noGraphTensors;
  const listed = readListed(facts);
  const check = last(facts.map(checkRemoval));
  const paths = files.map((file) => file.path);
  if (listed.length === 0 && check === null && mapper === undefined) throw refuseFacts(facts, paths);
  const names = paths.join(', ');
  const model = modelFile ?? last(facts.map((one) => one.modelFile));
  const isUnlisted = mapper !== undefined && listed.length === 0 && check === null;
  const deleted = facts.flatMap(({ modifier }) => modifier.deleted);
  const doubts = [
    isUnlisted ? doubtOf(mapper.runEnd, model, names) : null,
    model === null ? `no log names the .bin file: ${anyModel} stands for it; give it with --bin` : null,
    facts.some(({ modifier }) => modifier.list === 'cut off') ? cutOffList : null,
    deleted.length > 0 ? `removed before, as hb_model_info says: ${deleted.join(', ')}` : null,
  ].filter((text) => text !== null);
  const nodes = listed.filter(isDequantize);
  const layers = new Map(nodes.flatMap((node) => node.outputs.map((output) => [output, node.name] as const)));
  const heads = resolveLogHeads(graph, layers);
  const choices = chooseNodes(nodes, graph, heads, roles);
  checkHeads(choices, graph, heads, roles, names);
  const isByOutput = heads.kind === 'resolved' && nodes.every(({ outputs }) => outputs.length > 0);
  const isForeign =
    nodes.length > 0 &&
    heads.kind === 'resolved' &&
    nodes.every((node) => headOfNode(node, heads.heads) === null);
  const removals = choices.filter((choice) => choice.isRemoved).map((choice) => choice.node.name);
  return {
    check,
    plan: {
      choices,
      unlisted:
        nodes.length === 0 || heads.kind !== 'resolved'
          ? []
          : unlistedHeads(heads.heads, choices, [...deleted, ...removedBefore(facts, listed)], roles),
      foreignModels: isForeign ? [...new Set(facts.flatMap((one) => one.modelFile ?? []))] : null,
      others: listed.filter((node) => !nodes.includes(node)),
      heads,
      doubt: doubts.length === 0 ? null : doubts.join('\n'),
      decidedBy: nodes.length === 0 ? null : isByOutput ? 'shapes' : 'layer names',
      ...commandsOf(model, removals, check?.savedAs ?? null),
    },
  };
}

/** Nodes that were gone when the tool made its list: it lists none of them, and removes after listing. */
function removedBefore(facts: readonly Facts[], listed: readonly RemovableNode[]): string[] {
  const names = new Set(listed.map(({ name }) => name));
  return facts
    .map(({ modifier }) => modifier)
    .filter((one) => one.listed.length === 0 && !one.removed.some((name) => names.has(name)))
    .flatMap(({ removed }) => removed);
}

/** Heads that are to come out as integers, without those whose node is listed or gone. */
function unlistedHeads(
  heads: readonly NamedOutput[],
  choices: readonly DequantChoice[],
  removed: readonly string[],
  roles: RemovableRoles,
): NamedOutput[] {
  const gone = removed.map((name) => headOfNode({ name, outputs: [] }, heads));
  const listed = choices.map(({ node }) => headOfNode(node, heads));
  return heads.filter((head) => roles.has(head.role) && !listed.includes(head) && !gone.includes(head));
}
