import { layTable } from '../../core/table.js';
import { figure } from '../text/figure.js';
import type { GraphTensor } from './graphTensors.js';
import { describeHead } from '../../model/namedHeads.js';
import { describeForm, describePlacement, isOfMapper, type LogReport } from './logReport.js';
import type { LogMessage } from './runEnd.js';

function describeGraphTensor({ name, dims, type }: GraphTensor): string[] {
  return [name, `[${dims.map((dim) => dim ?? '?').join(', ')}]`, type];
}

function section(title: string, lines: readonly string[]): string[] {
  return lines.length === 0 ? [] : ['', title, ...lines];
}

const shownMessages = 8;

/** The first messages; a compiler's advice can run to hundreds of lines. */
function messageLines(messages: readonly LogMessage[]): string[] {
  const lines = messages.slice(0, shownMessages).map(({ line, text }) => `  line ${line}: ${text}`);
  const more = messages.length - lines.length;
  return more > 0 ? [...lines, `  and ${more} more (--json lists all)`] : lines;
}

/** Name and value of every setting the log gives. */
export function settingsOf({ log, total }: LogReport): [string, string][] {
  const { versions, compile, calibration, origin } = log;
  const rows: [string, string | number | null][] = [
    ['tool', log.tool],
    ['state', log.state],
    [
      'versions',
      [
        versions.hbMapper === null ? '' : `hb_mapper ${versions.hbMapper}`,
        versions.hbdk === null ? '' : `hbdk ${versions.hbdk}`,
        versions.hbdkRuntime === null ? '' : `runtime ${versions.hbdkRuntime}`,
        versions.horizonNn === null ? '' : `horizon_nn ${versions.horizonNn}`,
      ]
        .filter((text) => text !== '')
        .join(', ') || null,
    ],
    [
      'float model',
      [
        origin.opsets.join(', '),
        origin.producer === null || origin.producer === 'None' ? '' : `by ${origin.producer}`,
        origin.irVersion === null ? '' : `IR ${origin.irVersion}`,
      ]
        .filter((text) => text !== '')
        .join(', ') || null,
    ],
    ['march', compile.march],
    ['optimize level', compile.optimizeLevel],
    ['core num', compile.coreNum],
    ['compile mode', compile.compileMode],
    ['input at run time', compile.inputTypeRt],
    ['input of the float model', compile.inputTypeTrain],
    ['input source', compile.inputSource],
    [
      'normalisation',
      [compile.normType, compile.scaleValue].filter((text) => text !== null).join(' ') || null,
    ],
    ['calibration type', calibration.type],
    ['calibration search', calibration.search],
    ['calibration method', calibration.method],
    ['calibration samples', calibration.sampleCount],
    ['calibration data', calibration.dataFolder],
    ['compile time', compile.compileSeconds === null ? null : `${compile.compileSeconds} s`],
    ['estimated rate', total === null ? null : `${total.fps.toFixed(2)} frames/s`],
    ['estimated latency', total === null ? null : `${(total.latencyUs / 1000).toFixed(3)} ms`],
    ['estimated DDR traffic', total === null ? null : `${(total.ddrBytes / 1e6).toFixed(2)} MB per frame`],
    ['modified model', log.modifier?.savedAs ?? null],
    ['model file', compile.outputPrefix === null ? null : `${compile.outputPrefix}.bin`],
  ];
  return rows.flatMap(([name, value]): [string, string][] => (value === null ? [] : [[name, String(value)]]));
}

/** Heads and placement, which logs of hb_mapper alone have. */
function mapperSections(report: LogReport): string[] {
  if (!isOfMapper(report.log)) return [];
  return [
    ...section('heads', [`  ${describeForm(report)}`]),
    ...section('placement', [`  ${describePlacement(report)}`]),
  ];
}

type ModifierRow = [state: string, type: string, output: string, name: string];

/** Removable nodes in the order of the tool, then other nodes that were asked for or removed. */
export function modifierRows({ log }: LogReport): ModifierRow[] {
  const { listed = [], asked = [], removed = [], deleted = [] } = log.modifier ?? {};
  const stateOf = (name: string) =>
    [...removed, ...deleted].includes(name) ? 'removed' : asked.includes(name) ? 'asked for' : 'listed';
  const names = listed.map((node) => node.name);
  const unlisted = [...new Set([...asked, ...removed, ...deleted])].filter((name) => !names.includes(name));
  return [
    ...listed.map(
      (node): ModifierRow => [
        stateOf(node.name),
        node.type ?? '-',
        node.outputs.join(', ') || '-',
        node.name,
      ],
    ),
    ...unlisted.map((name): ModifierRow => [stateOf(name), '-', '-', name]),
  ];
}

/** The report for a terminal. */
export function reportAsText(report: LogReport, worstCount: number): string {
  const { log, heads, branches, cpuNodes, worstNodes, remarks } = report;
  const roles = new Map(heads.kind === 'resolved' ? heads.heads.map((head) => [head.output, head]) : []);
  const inputs = log.graph.inputs.map((tensor) => ['in', ...describeGraphTensor(tensor), '', '']);
  const outputs = log.graph.outputs.map((tensor) => {
    const head = roles.get(tensor.name);
    const similarity = log.outputs.find((row) => row.name === tensor.name)?.cosineSimilarity ?? null;
    return [
      'out',
      ...describeGraphTensor(tensor),
      head === undefined ? '' : describeHead(head.role, head.downsample),
      similarity === null ? '' : figure(similarity),
    ];
  });
  const nodeRow = (name: string, similarity: number | null, threshold: number | null, rest: string[]) => [
    figure(similarity),
    figure(threshold),
    ...rest,
    name,
  ];
  const lines = [
    ...layTable(settingsOf(report), { indent: '' }),
    ...section('tensors', layTable([...inputs, ...outputs])),
    ...mapperSections(report),
    ...cpuNodes.map(
      ({ node, isExpected, why }) =>
        `  ${isExpected ? 'expected' : 'WARNING'}: ${node.name} (${node.type}): ${why}`,
    ),
    ...section(
      `worst nodes (${Math.min(worstCount, worstNodes.length)} of ${worstNodes.length} with a figure)`,
      worstNodes.length === 0
        ? []
        : layTable([
            ['cosine', 'threshold', 'type', 'data', 'node'],
            ...worstNodes
              .slice(0, worstCount)
              .map((node) =>
                nodeRow(node.fullName ?? node.name, node.cosineSimilarity, node.threshold, [
                  node.type,
                  node.dataType ?? '-',
                ]),
              ),
          ]),
    ),
    ...section(
      'worst per head',
      branches.length === 0
        ? []
        : layTable([
            ['branch', 'head', 'at the end', 'worst', 'node'],
            ...branches.map((branch) => [
              branch.branch,
              branch.role === null ? '-' : `${describeHead(branch.role, branch.downsample)} ${branch.output}`,
              figure(branch.endSimilarity),
              figure(branch.worst?.cosineSimilarity ?? null),
              branch.worst?.name ?? '-',
            ]),
          ]),
    ),
    ...section('nodes that hb_model_modifier can remove', layTable(modifierRows(report))),
    ...section('the tool warns', messageLines(log.warnings)),
    ...section('the tool fails', messageLines(log.errors)),
    ...section(
      'remarks',
      remarks.map((remark) => `  ${remark}`),
    ),
  ];
  return `${lines.join('\n')}\n`;
}
