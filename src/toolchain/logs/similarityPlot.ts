import { element, escapeMarkup } from '../../core/markup.js';
import { counted } from '../../core/words.js';
import type { OutputRole } from '../../model/namedHeads.js';
import { layerOfNode, type LogReport } from './logReport.js';
import type { NodeRow } from './nodeTable.js';

/** What a node is coloured by: the heads it belongs to, or the body of the network. */
export type NodeGroup = OutputRole | 'body';

/** The group of a node, by its name. */
export function groupOf(node: NodeRow): NodeGroup {
  return layerOfNode(node)?.role ?? 'body';
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
    if (layer === undefined || seen.has(layer) || layerOfNode(node) !== null) return [];
    seen.add(layer);
    return [{ index, label: layer }];
  });
}

function label(x: number, y: number, anchor: 'middle' | 'end', text: string): string {
  return element('text', { class: 'axis', 'text-anchor': anchor, x, y }, escapeMarkup(text));
}

const axisYPx = margin.top + plotHeightPx;

/** Layer numbers below the axis, leaving out those that would touch their neighbour. */
function drawLayers(nodes: readonly NodeRow[], xOf: (index: number) => number): string[] {
  let freeFromPx = 0;
  return readLayerStarts(nodes).flatMap(({ index, label: layer }) => {
    const x = xOf(index);
    const tick = element('line', { class: 'tick', x1: x, x2: x, y1: axisYPx, y2: axisYPx + 4 });
    if (x < freeFromPx) return [tick];
    freeFromPx = x + 20;
    return [tick, label(x, axisYPx + 17, 'middle', layer)];
  });
}

function drawGrid(ticks: readonly number[], yOf: (value: number) => number): string[] {
  const [top = 1, next = 0] = ticks;
  const decimals = top - next < 0.01 ? 3 : 2;
  return ticks.flatMap((value) => {
    const y = yOf(value);
    return [
      element('line', { class: 'grid', x1: margin.left, x2: widthPx - margin.right, y1: y, y2: y }),
      label(margin.left - 8, y + 4, 'end', value.toFixed(decimals)),
    ];
  });
}

/** A point that shows its figures when pointed at and leads to its row; off the BPU it is a square. */
function drawPoint(node: NodeRow, index: number, x: number, y: number): string {
  const shape =
    node.device === 'BPU'
      ? element('circle', { cx: x, cy: y, r: 3.6 })
      : element('rect', { x: x - 4.5, y: y - 4.5, width: 9, height: 9 });
  const title = element('title', {}, escapeMarkup(titleOf(node)));
  return element('a', { href: `#node-${index}`, class: `point ${groupOf(node)}` }, shape + title);
}

/**
 * Cosine similarity over the nodes in graph order as an SVG element; every point carries its figures as a
 * hover title and links to its row, `#node-N`. Empty if no node has a similarity.
 */
export function drawSimilarities({ log }: LogReport): string {
  const rated = log.nodes.flatMap((node, index) =>
    node.cosineSimilarity === null ? [] : [{ node, index, similarity: node.cosineSimilarity }],
  );
  if (rated.length === 0) return '';
  const { floor, ticks } = readScale(rated.map(({ similarity }) => similarity));
  const xOf = (index: number) => margin.left + ((index + 0.5) / log.nodes.length) * plotWidthPx;
  const yOf = (value: number) => margin.top + ((1 - Math.min(1, value)) / (1 - floor)) * plotHeightPx;
  const trace = rated
    .filter(({ node }) => groupOf(node) === 'body')
    .map(({ index, similarity }) => `${xOf(index).toFixed(1)},${yOf(similarity).toFixed(1)}`);
  const upright = `translate(14 ${margin.top + plotHeightPx / 2}) rotate(-90)`;
  const about = `cosine similarity of ${counted(rated.length, 'node')} in graph order`;
  const parts = [
    ...drawGrid(ticks, yOf),
    ...drawLayers(log.nodes, xOf),
    label(margin.left + plotWidthPx / 2, heightPx - 6, 'middle', 'layer, in graph order'),
    element('g', { transform: upright }, label(0, 0, 'middle', 'cosine similarity')),
    element('polyline', { class: 'trace', points: trace.join(' ') }),
    ...rated.map(({ node, index, similarity }) => drawPoint(node, index, xOf(index), yOf(similarity))),
  ];
  const attributes = { viewBox: `0 0 ${widthPx} ${heightPx}`, role: 'img', 'aria-label': about };
  return element('svg', attributes, `\n${parts.join('\n')}\n`);
}
