import { escapeMarkup } from '../../core/markup.js';
import { pageStyle } from '../../core/pageStyle.js';
import { describeHead } from '../../model/namedHeads.js';
import { figure } from '../text/figure.js';
import { describeForm, describePlacement, type HeadBranch, isOfMapper, type LogReport } from './logReport.js';
import { modifierRows, settingsOf } from './logText.js';
import { reportStyle } from './reportStyle.js';
import { branchNames } from '../../model/layerNames.js';
import { drawSimilarities, groupOf, type NodeGroup } from './similarityPlot.js';

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
  const body = `<tbody>\n${rows.join('\n')}\n</tbody>`;
  return `<div class="scroll"><table><thead>${row(cells)}</thead>${body}</table></div>`;
}

/** A part of the page; nothing where there is nothing to show. */
function part(title: string, content: string): string {
  return content === '' ? '' : `<h2>${escapeMarkup(title)}</h2>${content}`;
}

function tablePart(title: string, headings: readonly string[], rows: readonly string[]): string {
  return part(title, rows.length === 0 ? '' : table(headings, rows));
}

function facts(report: LogReport): string {
  const items = settingsOf(report).map(
    ([key, value]) => `<div><dt>${escapeMarkup(key)}</dt><dd>${escapeMarkup(value)}</dd></div>`,
  );
  return `<dl class="facts">${items.join('\n')}</dl>`;
}

const groupNames: Readonly<Record<NodeGroup, string>> = {
  body: 'backbone and neck',
  box: `${branchNames.box}: boxes`,
  cls: `${branchNames.cls}: classes`,
  coef: branchNames.coef,
  proto: 'proto: mask prototypes',
};

function legend({ log, branches }: LogReport): string {
  const isSegmentation = branches.some((branch) => branch.role === 'coef');
  const groups = new Set<string>(log.nodes.map(groupOf));
  const items = Object.entries(groupNames)
    .filter(([group]) => groups.has(group))
    .map(([group, label]) => {
      const full = group === 'coef' && isSegmentation ? `${label}: mask coefficients` : label;
      return `<span><i style="background: var(--${group})"></i>${full}</span>`;
    });
  const square = log.nodes.some((node) => node.device !== 'BPU') ? '<span>square: on the CPU</span>' : '';
  return `<p class="legend">${items.join('\n')}${square}</p>`;
}

function headRow(branch: HeadBranch): string {
  const { role, downsample, output, endSimilarity, worst } = branch;
  const meaning = role === null ? null : describeHead(role, downsample);
  return row([
    text(branch.branch),
    text(meaning),
    text(output),
    number(endSimilarity),
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
        text(head === undefined ? null : describeHead(head.role, head.downsample)),
        number(found?.cosineSimilarity ?? null),
        number(found?.l2Distance ?? null),
        number(found?.chebyshevDistance ?? null, 3),
      ]);
    }),
  );
  const figures = ['#cosine similarity', '#L2 distance', '#largest difference'];
  return tablePart('Inputs and outputs', ['', 'name', 'shape', 'meaning', ...figures], rows);
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
  const headings = ['#', 'node', 'on', 'type', '#cosine similarity', '#threshold', 'data'];
  return tablePart('Nodes', headings, rows);
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
  const list = items.map((item) => `<li>${escapeMarkup(item)}</li>`).join('\n');
  return part('Remarks', list === '' ? '' : `<ul class="remarks">${list}</ul>`);
}

function leadOf(report: LogReport, fileName: string): string {
  const source = `From ${fileName}.`;
  return isOfMapper(report.log) ? `${describeForm(report)}. ${describePlacement(report)}. ${source}` : source;
}

function plotPart(report: LogReport): string {
  const plot = drawSimilarities(report);
  const title = 'Similarity to the float model along the graph';
  return part(title, plot === '' ? '' : `<div class="plot">${plot}${legend(report)}</div>`);
}

function headPart({ branches }: LogReport): string {
  const headings = ['branch', 'meaning', 'output', '#at the end', '#worst', 'worst node'];
  return tablePart('Heads', headings, branches.map(headRow));
}

function removablePart(report: LogReport): string {
  const rows = modifierRows(report).map(([state, type, output, node]) =>
    row([text(state), text(type), text(output), name(node)]),
  );
  return tablePart('Nodes that hb_model_modifier can remove', ['', 'type', 'output', 'node'], rows);
}

/** The report as one HTML page that needs nothing else: no script, no font, no picture from outside. */
export function reportAsHtml(report: LogReport, fileName: string): string {
  const title = escapeMarkup(report.log.compile.outputPrefix ?? fileName);
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${title}: quantisation report</title>
<style>${pageStyle}${reportStyle}</style>
</head>
<body>
<h1>${title}</h1>
<p class="lead">${escapeMarkup(leadOf(report, fileName))}</p>
${remarkList(report)}
${plotPart(report)}
${headPart(report)}
${tensorTable(report)}
${removablePart(report)}
${part('Settings and estimates', facts(report))}
${nodeTable(report)}
</body>
</html>
`;
}
