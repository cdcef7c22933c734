import { readFileSync } from 'node:fs';
import sharp from 'sharp';
import { describe, expect, it } from 'vitest';
import { reportAsHtml } from '#dist/toolchain/logs/logHtml.js';
import { reportOn } from '#dist/toolchain/logs/logReport.js';
import { readMapperLog } from '#dist/toolchain/logs/mapperLog.js';
import { fixtureText, logsMissing, realLog, seedText } from './files.js';

function pageOf(text: string): string {
  return reportAsHtml(reportOn(readMapperLog(text, 'log')), 'log.txt');
}

function svgOf(page: string): string {
  const svg = /<svg[\s\S]*<\/svg>/.exec(page)?.[0] ?? '';
  return svg.replace('<svg ', '<svg xmlns="http://www.w3.org/2000/svg" ');
}

const voidElements = new Set(['meta', '!doctype', 'br', 'circle', 'rect', 'line', 'polyline']);

/** Names of elements left open, or closed out of turn. */
function unbalanced(page: string): string[] {
  const open: string[] = [];
  const faults: string[] = [];
  for (const [tag, slash, name] of page.matchAll(/<(\/?)([!\w]+)[^>]*>/g)) {
    if (voidElements.has(name.toLowerCase()) || tag.endsWith('/>')) continue;
    if (slash === '') open.push(name);
    else if (open.pop() !== name) faults.push(tag);
  }
  return [...faults, ...open];
}

describe.each([
  ['the seed', seedText],
  ['the 2025 log', realLog('hb_mapper_log_yolov8n_seg.txt')],
])(`%s${logsMissing === null ? '' : ` (skipped: ${logsMissing})`}`, (_, path) => {
  it.skipIf(logsMissing !== null)(
    'becomes one page that needs nothing else, with a point and a row per node',
    async () => {
      const text = readFileSync(path, 'utf8');
      const { nodes } = readMapperLog(text, path);
      const page = pageOf(text);
      expect(page).not.toMatch(/https?:|src=|@import|url\(|<script|<link/);
      expect(page).toContain('prefers-color-scheme: dark');
      expect(unbalanced(page)).toEqual([]);
      const points = page.match(/<a href="#node-\d+" class="point/g) ?? [];
      expect(points).toHaveLength(nodes.filter((node) => node.cosineSimilarity !== null).length);
      expect(page.match(/<tr id="node-\d+">/g)).toHaveLength(nodes.length);
      expect(page.match(/<title>/g)?.length).toBe(points.length + 1);
      // librsvg reads strict XML and refuses what is not well-formed.
      const { width } = await sharp(Buffer.from(svgOf(page))).metadata();
      expect(width).toBe(1120);
    },
  );
});

it('puts every point where its figure says', () => {
  const page = pageOf(fixtureText('makertbin-2021.txt'));
  const points = [...page.matchAll(/<circle cx="([\d.]+)" cy="([\d.]+)"[^>]*\/><title>([^\n]+)/g)];
  const yOf = new Map(points.map(([, , y, name]) => [name, Number(y)]));
  // The axis runs from 1 at the top (16) down to 0.9 in five steps over 318 pixels.
  expect(yOf.get('only_similarity')).toBeCloseTo(16 + ((1 - 0.912345) / 0.1) * 318, 0);
  expect(yOf.get('conv1')).toBeCloseTo(16 + ((1 - 0.999909) / 0.1) * 318, 0);
  const xs = points.map(([, x]) => Number(x));
  expect(xs).toEqual([...xs].sort((a, b) => a - b));
});

it('escapes names', () => {
  const text = fixtureText('makertbin-2021.txt').replaceAll('conv1 ', '<b>"&" ');
  const page = pageOf(text);
  expect(page).not.toContain('<b>');
  expect(page).toContain('&lt;b&gt;&quot;&amp;&quot;');
});

it('does without a plot where there are no figures', () => {
  const page = pageOf(fixtureText('checker-docker.txt'));
  expect(page).not.toContain('<svg');
  expect(unbalanced(page)).toEqual([]);
});

it('lists removable nodes of a modifier log', () => {
  const page = pageOf(fixtureText('modifier-ten.txt'));
  expect(page.match(/_HzDequantize<\/td>/g)).toHaveLength(10);
  expect(page).not.toMatch(/<svg|no fixed picture|0 nodes on the BPU/);
  expect(unbalanced(page)).toEqual([]);
});
