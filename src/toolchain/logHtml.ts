import type { HeadBranch, LogReport } from './logReport.js';
import { modifierRows, settingsOf } from './logText.js';
import { drawSimilarities, escapeMarkup, groupOf } from './similarityPlot.js';
import { figure } from './table.js';

const style = `
:root { color-scheme: light dark; --back: #fcfcfb; --panel: #f1f1ee; --text: #1c1d1f; --faint: #62666d; --line: #d9d9d4;
  --body: #70757d; --cv2: #1f6fd6; --cv3: #14855f; --cv4: #c2571a; --proto: #8a45c4; --bad: #c4262e; --target: #fff3b8; }
@media (prefers-color-scheme: dark) {
  :root { --back: #17181a; --panel: #202225; --text: #e8e8e6; --faint: #9ba0a8; --line: #35383d;
    --body: #969ba3; --cv2: #6aa9f7; --cv3: #45c296; --cv4: #f0935b; --proto: #bd8bec; --bad: #ff7078; --target: #4a4420; }
}
* { box-sizing: border-box; }
body { margin: 0 auto; max-width: 1180px; padding: 24px 20px 60px; background: var(--back); color: var(--text);
  font: 15px/1.5 system-ui, sans-serif; }
h1 { font-size: 22px; margin: 0 0 2px; overflow-wrap: anywhere; }
h2 { font-size: 16px; margin: 34px 0 10px; }
.lead { color: var(--faint); margin: 0 0 20px; }
.facts { columns: 3 320px; column-gap: 28px; margin: 0; }
.facts div { break-inside: avoid; display: flex; gap: 12px; border-bottom: 1px solid var(--line); padding: 4px 0; }
.facts dt { color: var(--faint); flex: 0 0 150px; } .facts dd { margin: 0; overflow-wrap: anywhere; }
ul.remarks { padding-left: 20px; margin: 0; } ul.remarks li { margin: 3px 0; }
.plot { background: var(--panel); border-radius: 8px; padding: 12px; overflow-x: auto; }
svg { display: block; width: 100%; min-width: 760px; height: auto; font: 12px system-ui, sans-serif; }
.grid { stroke: var(--line); } .tick { stroke: var(--faint); } .axis { fill: var(--faint); }
.trace { fill: none; stroke: var(--body); stroke-opacity: 0.35; }
.point { fill: var(--body); } .point:hover { stroke: var(--text); stroke-width: 2; }
.point.cv2 { fill: var(--cv2); } .point.cv3 { fill: var(--cv3); } .point.cv4 { fill: var(--cv4); } .point.proto { fill: var(--proto); }
.legend { display: flex; flex-wrap: wrap; gap: 4px 18px; margin: 8px 0 0; color: var(--faint); font-size: 13px; }
.legend i { display: inline-block; width: 10px; height: 10px; border-radius: 50%; margin-right: 6px; }
.scroll { overflow-x: auto; }
table { border-collapse: collapse; width: 100%; font-size: 13px; font-variant-numeric: tabular-nums; }
th, td { text-align: left; padding: 3px 12px 3px 0; border-bottom: 1px solid var(--line); white-space: nowrap; }
th { color: var(--faint); font-weight: 500; } td.number, th.number { text-align: right; padding-right: 18px; }
td.name { font-family: ui-monospace, monospace; font-size: 12px; } tr:target { background: var(--target); }
.cpu { color: var(--bad); font-weight: 600; }
`;

type Cell = string | number | null;

function row(cells: readonly string[], attributes = ''): string {
  return `<tr${attributes}>${cells.join('')}</tr>`;
}

const text = (cell: Cell) => `<td>${escapeMarkup(String(cell ?? '–'))}</td>`;
const name = (cell: string) => `<td class="name">${escapeMarkup(cell)}</td>`;
const number = (value: number | null, decimals = 6) =>
  `<td class="number">${value === null ? '–' : figure(value, decimals)}</td>`;

function table(headings: readonly string[], rows: readonly string[]): string {
  const cells = headings.map((heading) =>
    heading.startsWith('#')
      ? `<th class="number">${escapeMarkup(heading.slice(1))}</th>`
      : `<th>${escapeMarkup(heading)}</th>`,
  );
  return `<div class="scroll"><table><thead>${row(cells)}</thead><tbody>\n${rows.join('\n')}\n</tbody></table></div>`;
}

function facts(report: LogReport): string {
  const items = settingsOf(report).map(
    ([key, value]) => `<div><dt>${escapeMarkup(key)}</dt><dd>${escapeMarkup(value)}</dd></div>`,
  );
  return `<dl class="facts">${items.join('\n')}</dl>`;
}

const groupNames: Readonly<Record<string, string>> = {
  body: 'backbone and neck',
  cv2: 'cv2: boxes',
  cv3: 'cv3: classes',
  cv4: 'cv4',
  proto: 'proto: mask prototypes',
};

function legend({ log, branches }: LogReport): string {
  const isSegmentation = branches.some((branch) => branch.role === 'coef');
  const groups = [...new Set(log.nodes.map(groupOf))];
  const items = Object.entries(groupNames)
    .filter(([group]) => groups.includes(group))
    .map(([group, label]) => {
      const full = group === 'cv4' && isSegmentation ? 'cv4: mask coefficients' : label;
      return `<span><i style="background: var(--${group})"></i>${full}</span>`;
    });
  const square = log.nodes.some((node) => node.device !== 'BPU') ? '<span>square: on the CPU</span>' : '';
  return `<p class="legend">${items.join('\n')}${square}</p>`;
}

function headRow(branch: HeadBranch): string {
  const { role, downsample, output, outputSimilarity, last, worst } = branch;
  const meaning = role === null ? null : role === 'proto' ? 'proto' : `${role} at ${downsample}`;
  return row([
    text(branch.branch),
    text(meaning),
    text(output),
    number(outputSimilarity ?? last.cosineSimilarity),
    number(worst?.cosineSimilarity ?? null),
    name(worst?.fullName ?? worst?.name ?? '–'),
  ]);
}

function tensorTable({ log, heads }: LogReport): string {
  const roles = new Map(heads.kind === 'resolved' ? heads.heads.map((head) => [head.output, head]) : []);
  const rows = (['inputs', 'outputs'] as const).flatMap((side) =>
    log.graph[side].map((tensor) => {
      const head = roles.get(tensor.name);
      const found = log.outputs.find((one) => one.name === tensor.name);
      return row([
        text(side === 'inputs' ? 'input' : 'output'),
        text(tensor.name),
        text(`[${tensor.dims.map((dim) => dim ?? '?').join(', ')}]`),
        text(
          head === undefined ? null : head.role === 'proto' ? 'proto' : `${head.role} at ${head.downsample}`,
        ),
        number(found?.cosineSimilarity ?? null),
        number(found?.l2Distance ?? null),
        number(found?.chebyshevDistance ?? null, 3),
      ]);
    }),
  );
  return rows.length === 0
    ? ''
    : `<h2>Inputs and outputs</h2>${table(['', 'name', 'shape', 'meaning', '#cosine similarity', '#L2 distance', '#largest difference'], rows)}`;
}

function nodeTable({ log }: LogReport): string {
  const rows = log.nodes.map((node, index) =>
    row(
      [
        `<td class="number">${index + 1}</td>`,
        name(node.fullName ?? node.name),
        node.device === 'BPU'
          ? text(`BPU ${node.subgraph}`)
          : `<td class="cpu">${escapeMarkup(node.device)}</td>`,
        text(node.type),
        number(node.cosineSimilarity),
        number(node.threshold),
        text(node.dataType),
      ],
      ` id="node-${index}"`,
    ),
  );
  if (rows.length === 0) return '';
  return `<h2>Nodes</h2>${table(['#', 'node', 'on', 'type', '#cosine similarity', '#threshold', 'data'], rows)}`;
}

function remarkList({ remarks, log, cpuNodes }: LogReport): string {
  const items = [
    ...remarks,
    ...cpuNodes.map(
      ({ node, isExpected, why }) =>
        `${node.name} (${node.type}) runs on the CPU${isExpected ? ', as expected' : ''}: ${why}`,
    ),
    ...log.errors.map(({ line, text: message }) => `the tool fails in line ${line}: ${message}`),
    ...log.warnings.map(({ line, text: message }) => `the tool warns in line ${line}: ${message}`),
  ];
  return items.length === 0
    ? ''
    : `<h2>Remarks</h2><ul class="remarks">${items.map((item) => `<li>${escapeMarkup(item)}</li>`).join('\n')}</ul>`;
}

/** The report as one HTML page that needs nothing else: no script, no font, no picture from outside. */
export function reportAsHtml(report: LogReport, fileName: string): string {
  const { log, heads, placement, branches } = report;
  const removable = modifierRows(report).map(([state, type, output, node]) =>
    row([text(state), text(type), text(output), name(node)]),
  );
  const removablePart =
    removable.length === 0
      ? ''
      : `<h2>Nodes that hb_model_modifier can remove</h2>${table(['', 'type', 'output', 'node'], removable)}`;
  const title = log.compile.outputPrefix ?? fileName;
  const form = heads.kind === 'resolved' ? heads.form : heads.reason.split('\n')[0];
  const plot = drawSimilarities(report);
  const plotPart =
    plot === ''
      ? ''
      : `<h2>Similarity to the float model along the graph</h2><div class="plot">${plot}${legend(report)}</div>`;
  const headPart =
    branches.length === 0
      ? ''
      : `<h2>Heads</h2>${table(['branch', 'meaning', 'output', '#at the end', '#worst', 'worst node'], branches.map(headRow))}`;
  const placementText = `${placement.bpuNodes} nodes on the BPU in ${placement.subgraphs} ${placement.subgraphs === 1 ? 'subgraph' : 'subgraphs'}, ${placement.cpuNodes} on the CPU.`;
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escapeMarkup(title)}: quantisation report</title>
<style>${style}</style>
</head>
<body>
<h1>${escapeMarkup(title)}</h1>
<p class="lead">${log.tool === 'hb_model_modifier' ? '' : `${escapeMarkup(form)}. ${placementText} `}From ${escapeMarkup(fileName)}.</p>
${remarkList(report)}
${plotPart}
${headPart}
${tensorTable(report)}
${removablePart}
<h2>Settings and estimates</h2>
${facts(report)}
${nodeTable(report)}
</body>
</html>
`;
}
