import { branchOf, type LogReport } from './logReport.js';
import type { NodeRow } from './nodeTable.js';

/** Text for HTML and SVG, attribute values included. */
export function escapeMarkup(text: string): string {
  const entities: Readonly<Record<string, string>> = {
    '&': '&amp;',
    '<': '&lt;',
    '>': '&gt;',
    '"': '&quot;',
  };
  return text.replace(/[&<>"]/g, (char) => entities[char]);
}

/** Colour class of a node: the head branch it belongs to, or the body of the network. */
export function groupOf(node: NodeRow): string {
  const branch = branchOf(node)?.replace('one2one_', '');
  return branch === undefined ? 'body' : (branch.split('.')[0] ?? 'body');
}

const widthPx = 1120;
const heightPx = 380;
const margin = { left: 62, right: 16, top: 16, bottom: 46 };
const plotWidthPx = widthPx - margin.left - margin.right;
const plotHeightPx = heightPx - margin.top - margin.bottom;

/** A floor below every value, with at most six even steps up to one. */
function readScale(values: readonly number[]): { floor: number; ticks: number[] } {
  const span = 1 - Math.max(0, Math.min(...values, 0.99));
  const step = [0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2].find((one) => span / one <= 6) ?? 0.2;
  const count = Math.ceil(span / step - 1e-9);
  return {
    floor: 1 - count * step,
    ticks: Array.from({ length: count + 1 }, (_, index) => 1 - index * step),
  };
}

function titleOf(node: NodeRow): string {
  const parts = [
    node.fullName ?? node.name,
    `${node.type} on ${node.device}${node.subgraph === null ? '' : ` ${node.subgraph}`}`,
    `cosine similarity ${node.cosineSimilarity}`,
  ];
  if (node.threshold !== null) parts.push(`threshold ${node.threshold}`);
  if (node.dataType !== null) parts.push(node.dataType);
  return parts.join('\n');
}

/** Where a new numbered layer begins, `/model.7/...`; the heads' branches are no layers of the body. */
function readLayerStarts(nodes: readonly NodeRow[]): { index: number; label: string }[] {
  const seen = new Set<string>();
  return nodes.flatMap((node, index) => {
    const layer = /\/model\.(\d+)\//.exec(node.fullName ?? node.name)?.[1];
    if (layer === undefined || seen.has(layer) || branchOf(node) !== null) return [];
    seen.add(layer);
    return [{ index, label: layer }];
  });
}

/** Layer numbers below the axis, leaving out those that would touch their neighbour. */
function drawLayers(nodes: readonly NodeRow[], xOf: (index: number) => number): string[] {
  let freeFromPx = 0;
  return readLayerStarts(nodes).map(({ index, label }) => {
    const x = xOf(index);
    const tick = `<line class="tick" x1="${x.toFixed(1)}" x2="${x.toFixed(1)}" y1="${margin.top + plotHeightPx}" y2="${margin.top + plotHeightPx + 4}"/>`;
    if (x < freeFromPx) return tick;
    freeFromPx = x + 18;
    return `${tick}<text class="axis" text-anchor="middle" x="${x.toFixed(1)}" y="${margin.top + plotHeightPx + 17}">${label}</text>`;
  });
}

/**
 * Cosine similarity over the nodes in graph order as an SVG element; every point carries its figures as a
 * hover title and links to its row, `#node-N`. Empty if no node has a similarity.
 */
export function drawSimilarities({ log }: LogReport): string {
  const rated = log.nodes.filter((node) => node.cosineSimilarity !== null);
  if (rated.length === 0) return '';
  const { floor, ticks } = readScale(rated.map((node) => node.cosineSimilarity!));
  const xOf = (index: number) => margin.left + ((index + 0.5) / log.nodes.length) * plotWidthPx;
  const yOf = (value: number) => margin.top + ((1 - Math.min(1, value)) / (1 - floor)) * plotHeightPx;
  const decimals = ticks.length > 1 && ticks[0] - ticks[1] < 0.01 ? 3 : 2;
  const grid = ticks.map((value) => {
    const y = yOf(value).toFixed(1);
    return `<line class="grid" x1="${margin.left}" x2="${widthPx - margin.right}" y1="${y}" y2="${y}"/><text class="axis" text-anchor="end" x="${margin.left - 8}" y="${(yOf(value) + 4).toFixed(1)}">${value.toFixed(decimals)}</text>`;
  });
  const body = log.nodes.flatMap((node, index) =>
    node.cosineSimilarity === null || groupOf(node) !== 'body'
      ? []
      : [`${xOf(index).toFixed(1)},${yOf(node.cosineSimilarity).toFixed(1)}`],
  );
  const points = log.nodes.flatMap((node, index) => {
    if (node.cosineSimilarity === null) return [];
    const [x, y] = [xOf(index), yOf(node.cosineSimilarity)];
    const shape =
      node.device === 'BPU'
        ? `<circle cx="${x.toFixed(1)}" cy="${y.toFixed(1)}" r="3.6"/>`
        : `<rect x="${(x - 4.5).toFixed(1)}" y="${(y - 4.5).toFixed(1)}" width="9" height="9"/>`;
    return [
      `<a href="#node-${index}" class="point ${groupOf(node)}">${shape}<title>${escapeMarkup(titleOf(node))}</title></a>`,
    ];
  });
  return [
    `<svg viewBox="0 0 ${widthPx} ${heightPx}" role="img" aria-label="cosine similarity of ${rated.length} nodes in graph order">`,
    ...grid,
    ...drawLayers(log.nodes, xOf),
    `<text class="axis" text-anchor="middle" x="${margin.left + plotWidthPx / 2}" y="${heightPx - 6}">layer, in graph order</text>`,
    `<text class="axis" text-anchor="middle" transform="translate(14 ${margin.top + plotHeightPx / 2}) rotate(-90)">cosine similarity</text>`,
    `<polyline class="trace" points="${body.join(' ')}"/>`,
    ...points,
    '</svg>',
  ].join('\n');
}
