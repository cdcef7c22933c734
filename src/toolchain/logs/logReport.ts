import { onlyOf } from '../../core/onlyOf.js';
import { counted } from '../../core/words.js';
import { shellQuote } from '../text/shell.js';
import { type HeadLayer, headModuleOf, layerOf } from '../../model/layerNames.js';
import type { OutputRole } from '../../model/namedHeads.js';
import { headOfLayer, type LogHeads, resolveLogHeads } from './logHeads.js';
import type { MapperLog } from './mapperLog.js';
import { cutOffList } from './modifierLog.js';
import type { NodeRow } from './nodeTable.js';

/** A node off the BPU, and whether that is how such models are. */
export interface CpuNode {
  readonly node: NodeRow;
  readonly isExpected: boolean;
  readonly why: string;
}

/** The nodes of one head's branch. */
export interface HeadBranch {
  /** As in the node names: `cv2.0`, `proto`. */
  readonly branch: string;
  /** By the outputs' shapes; null where these could not be resolved. */
  readonly role: OutputRole | null;
  readonly downsample: number | null;
  readonly output: string | null;
  readonly outputSimilarity: number | null;
  /** Of the output, else of the branch's last node; null where the log does not reach the end of the branch. */
  readonly endSimilarity: number | null;
  readonly nodeCount: number;
  /** Lowest cosine similarity of the branch. */
  readonly worst: NodeRow | null;
  readonly last: NodeRow;
}

/** Where the nodes of a model run. */
export interface Placement {
  readonly bpuNodes: number;
  readonly cpuNodes: number;
  /** Separate pieces on the BPU; each further one costs a trip over the CPU. */
  readonly subgraphs: number;
}

/** A log and what follows from it. */
export interface LogReport {
  readonly log: MapperLog;
  readonly heads: LogHeads;
  readonly placement: Placement;
  readonly cpuNodes: readonly CpuNode[];
  /** Nodes with a similarity, lowest first. */
  readonly worstNodes: readonly NodeRow[];
  readonly branches: readonly HeadBranch[];
  /** Over all subgraphs; null where the log has no estimate. */
  readonly total: { readonly fps: number; readonly latencyUs: number; readonly ddrBytes: number } | null;
  /** What needs a decision or an explanation, most important first. */
  readonly remarks: readonly string[];
}

/** Layers between the heads' convolutions and the rows of a stock export; in cut models only transposes are there. */
function isDecoding(node: NodeRow, headModule: string | null): boolean {
  const name = node.fullName ?? node.name;
  if (/\/dfl\//.test(name)) return true;
  const isDirect =
    headModule !== null && name.startsWith(headModule) && !name.slice(headModule.length).includes('/');
  return isDirect && !layoutTypes.test(node.type.replace(/^Hz/, ''));
}

/** What the names of the heads' layers begin with, `/model.22/`. */
function headModuleIn(nodes: readonly NodeRow[]): string | null {
  for (const { name } of nodes) {
    const headModule = headModuleOf(name);
    if (headModule !== null) return headModule;
  }
  return null;
}

const layoutTypes = /^(?:Transpose|Reshape|Cast|LayoutConvert|(?:De)?quantize)$/i;

/** In a graph of one piece everything off the BPU lies before or behind it, where it splits nothing. */
function judgeCpuNode(node: NodeRow, isOnePiece: boolean, headModule: string | null): CpuNode {
  const type = node.type.replace(/^Hz/, '');
  if (isDecoding(node, headModule)) {
    const why = 'decoding that is left in the model; cut it off with `model heads`, and convert again';
    return { node, isExpected: false, why };
  }
  if (/^(De)?quantize/i.test(type)) {
    const why = 'turns integers into floats behind a head; `model dequant` lists what to remove';
    return { node, isExpected: isOnePiece, why: isOnePiece ? why : `${why}; here it may split the graph` };
  }
  if (layoutTypes.test(type)) {
    const why = isOnePiece
      ? 'changes the layout at the edge of the graph'
      : 'changes the layout and splits the graph';
    return { node, isExpected: isOnePiece, why };
  }
  if (/^softmax$/i.test(type)) return judgeSoftmax(node);
  return { node, isExpected: false, why: 'the BPU has no such operator in this form; it splits the graph' };
}

/** Names tell the attention of newer networks; without them it may as well be a decoding. */
function judgeSoftmax(node: NodeRow): CpuNode {
  const name = node.fullName ?? node.name;
  const onBpu = `goes to the BPU by \`model ptq --on-bpu ${shellQuote(name)}\``;
  if (/\battn\b/.test(name))
    return { node, isExpected: true, why: `attention of YOLO11 and later; ${onBpu}` };
  const open = 'its name does not say of what';
  const why = `${open}: attention of YOLO11 and later ${onBpu}; decoding is cut off with \`model heads\``;
  return { node, isExpected: false, why };
}

/** The layer of the heads that a node belongs to, by its name; null in backbone and neck. */
export function layerOfNode(node: NodeRow): HeadLayer | null {
  return layerOf(node.fullName ?? node.name);
}

/** Branches by layer names; they get the meaning of outputs only if the outputs could be resolved. */
function readBranches(log: MapperLog, heads: LogHeads): HeadBranch[] {
  const groups = new Map<string, { readonly nodes: readonly NodeRow[]; readonly end: NodeRow }>();
  for (const node of log.nodes) {
    const branch = layerOfNode(node)?.branch;
    if (branch === undefined) continue;
    groups.set(branch, { nodes: [...(groups.get(branch)?.nodes ?? []), node], end: node });
  }
  const resolved = heads.kind === 'resolved' ? heads.heads : [];
  return [...groups]
    .map(([branch, { nodes, end }]): HeadBranch => {
      const head = headOfLayer(resolved, end.fullName ?? end.name);
      const rated = nodes.filter((node) => node.cosineSimilarity !== null);
      const last = rated.at(-1) ?? end;
      const outputSimilarity = log.outputs.find((row) => row.name === head?.output)?.cosineSimilarity ?? null;
      return {
        branch,
        role: head?.role ?? null,
        downsample: head?.downsample ?? null,
        output: head?.output ?? null,
        outputSimilarity,
        endSimilarity: outputSimilarity ?? (log.isTableCutOff ? null : last.cosineSimilarity),
        nodeCount: nodes.length,
        worst: sortedByLoss(rated)[0] ?? null,
        last,
      };
    })
    .sort((a, b) => a.branch.localeCompare(b.branch));
}

function sortedByLoss(nodes: readonly NodeRow[]): NodeRow[] {
  return nodes
    .filter((node) => node.cosineSimilarity !== null)
    .sort((a, b) => a.cosineSimilarity! - b.cosineSimilarity!);
}

function totalOf(log: MapperLog): LogReport['total'] {
  if (log.estimates.length === 0) return null;
  const only = onlyOf(log.estimates);
  if (only !== undefined) return { fps: only.fps, latencyUs: only.latencyUs, ddrBytes: only.ddrBytes };
  const latencyUs = log.estimates.reduce((sum, one) => sum + one.latencyUs, 0);
  const ddrBytes = log.estimates.reduce((sum, one) => sum + one.ddrBytes, 0);
  return { fps: 1e6 / latencyUs, latencyUs, ddrBytes };
}

/** Below this the vendor asks for a closer look at an output. */
const soundSimilarity = 0.99;

/** Where the nodes run, in one line. */
export function describePlacement({ placement, log }: LogReport): string {
  const { bpuNodes, cpuNodes, subgraphs } = placement;
  if (log.nodes.length === 0) return 'the log holds no node table';
  return `${counted(bpuNodes, 'node')} on the BPU in ${counted(subgraphs, 'subgraph')}, ${cpuNodes} on the CPU`;
}

/** What the heads are, or the first line of why that cannot be said. */
export function describeForm({ heads }: LogReport): string {
  return heads.kind === 'resolved' ? heads.form : (heads.reason.split('\n')[0] ?? '');
}

/** False for a log of a tool that looks at the compiled model. */
export function isOfMapper({ tool }: MapperLog): boolean {
  return tool !== 'hb_model_modifier' && tool !== 'hb_model_info';
}

function runRemarks(log: MapperLog): string[] {
  const remarks: string[] = [];
  const where = log.openStep === null ? '' : ` in the step "${log.openStep}"`;
  if (log.state === 'failed') {
    const reasons = log.failure.map(({ text, line }) => `${text} (line ${line})`);
    remarks.push(`the run failed${where}: ${reasons.join('; then ')}`);
  }
  if (log.state === 'unfinished' && log.modifier?.list === 'cut off') {
    remarks.push(cutOffList);
  } else if (log.state === 'unfinished') {
    remarks.push(`no closing line: an excerpt, or cut off${where} after line ${log.lineCount}`);
  }
  const lost = log.modifier?.asked.filter((name) => !log.modifier?.removed.includes(name)) ?? [];
  if (lost.length > 0 && (log.modifier?.removed.length ?? 0) > 0) {
    remarks.push(`asked for but not removed: ${lost.join(', ')}`);
  }
  if (log.runCount > 1) remarks.push(`${log.runCount} runs in this file; the last one is reported`);
  return remarks;
}

function remarksOf(report: Omit<LogReport, 'remarks'>): string[] {
  const { log, heads, placement, cpuNodes, branches } = report;
  const remarks = runRemarks(log);
  if (heads.kind === 'refused' && isOfMapper(log)) remarks.push(`heads: ${heads.reason.split('\n')[0]}`);
  if (heads.kind === 'resolved' && heads.heads.length === 0) {
    remarks.push(
      'a stock export, which decodes inside the model: cut it with `model heads`, and convert again',
    );
  }
  const unexpected = cpuNodes.filter((one) => !one.isExpected);
  if (unexpected.length > 0) {
    const names = unexpected.map(({ node }) => `${node.name} (${node.type})`).join(', ');
    remarks.push(`${counted(unexpected.length, 'operator')} on the CPU that should not be there: ${names}`);
  }
  if (placement.subgraphs > 1) {
    remarks.push(`the graph runs on the BPU in ${placement.subgraphs} pieces, with the CPU between them`);
  }
  if (log.tool !== 'hb_mapper checker' && log.nodes.length > 0 && report.worstNodes.length === 0) {
    remarks.push('the table gives no cosine similarities');
  }
  if (log.isTableCutOff) {
    remarks.push(
      `the text ends in the node table after ${counted(log.nodes.length, 'row')}; there may be more`,
    );
  }
  const low = branches.filter(
    ({ endSimilarity }) => endSimilarity !== null && endSimilarity < soundSimilarity,
  );
  if (low.length > 0) {
    const list = low.map(({ branch, endSimilarity }) => `${branch} ${endSimilarity!.toFixed(4)}`);
    const advice = 'measure what that costs on pictures with ground truth';
    remarks.push(`heads below ${soundSimilarity}: ${list.join(', ')}; ${advice}`);
  }
  if (log.calibration.type === 'skip') {
    remarks.push('calibrated with random numbers (calibration_type skip): good for timing only');
  }
  const { sampleCount, method, type } = log.calibration;
  if ((method ?? type)?.startsWith('kl') === true) {
    remarks.push(`calibrated by ${method ?? 'kl'}, which may lose objects: compare --calibration percentile`);
  }
  if (log.tool !== 'hb_mapper checker' && sampleCount !== null && sampleCount < 20) {
    remarks.push(`only ${counted(sampleCount, 'calibration sample')}; the vendor recommends about 100`);
  }
  return remarks;
}

/** Placement, weakest nodes, heads and remarks of a log. */
export function reportOn(log: MapperLog): LogReport {
  const heads = resolveLogHeads(log.graph);
  const onBpu = log.nodes.filter((node) => node.device === 'BPU');
  const offBpu = log.nodes.filter((node) => node.device !== 'BPU');
  const subgraphs = new Set(onBpu.map((node) => node.subgraph)).size;
  const headModule = headModuleIn(log.nodes);
  const report = {
    log,
    heads,
    placement: { bpuNodes: onBpu.length, cpuNodes: offBpu.length, subgraphs },
    cpuNodes: offBpu.map((node) => judgeCpuNode(node, subgraphs <= 1, headModule)),
    worstNodes: sortedByLoss(log.nodes),
    branches: readBranches(log, heads),
    total: totalOf(log),
  };
  return { ...report, remarks: remarksOf(report) };
}
