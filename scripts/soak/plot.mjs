// One figure over time as SVG.
import { element, escapeMarkup } from '../../dist/core/markup.js';

const widthPx = 620;
const heightPx = 170;
const margin = { left: 54, right: 10, top: 24, bottom: 24 };
const plotWidthPx = widthPx - margin.left - margin.right;
const plotHeightPx = heightPx - margin.top - margin.bottom;

/**
 * At most five even steps that hold all values, from 0 on.
 *
 * @param {number} most
 */
function ticksUpTo(most) {
  const raw = Math.max(most, 1) / 4;
  const magnitude = 10 ** Math.floor(Math.log10(raw));
  const step = magnitude * ([1, 2, 2.5, 5, 10].find((one) => one * magnitude >= raw) ?? 10);
  return Array.from({ length: Math.ceil(most / step) + 1 }, (_, index) => index * step);
}

/**
 * @param {number} x
 * @param {number} y
 * @param {'start' | 'middle' | 'end'} anchor
 * @param {string} text
 */
const label = (x, y, anchor, text) =>
  element('text', { class: 'axis', 'text-anchor': anchor, x, y }, escapeMarkup(text));

/**
 * The values over the seconds; a value that is not known leaves a gap. Empty where none is known.
 *
 * @param {string} title
 * @param {{ atS: number, value: number | null }[]} points in order of time
 */
export function drawSeries(title, points) {
  const known = points.flatMap(({ value }) => (value === null ? [] : [value]));
  const last = points[points.length - 1];
  if (known.length === 0 || last === undefined) return '';
  const ticks = ticksUpTo(Math.max(...known));
  const top = ticks[ticks.length - 1] || 1;
  /** @param {number} atS */
  const xOf = (atS) => margin.left + (atS / Math.max(last.atS, 1)) * plotWidthPx;
  /** @param {number} value */
  const yOf = (value) => margin.top + (1 - value / top) * plotHeightPx;
  let isDrawn = false;
  const path = points.map(({ atS, value }) => {
    if (value === null) {
      isDrawn = false;
      return '';
    }
    const command = isDrawn ? 'L' : 'M';
    isDrawn = true;
    return `${command}${xOf(atS).toFixed(1)} ${yOf(value).toFixed(1)}`;
  });
  const grid = ticks.flatMap((value) => [
    element('line', {
      class: 'grid',
      x1: margin.left,
      x2: widthPx - margin.right,
      y1: yOf(value),
      y2: yOf(value),
    }),
    label(margin.left - 8, yOf(value) + 4, 'end', String(Number(value.toFixed(2)))),
  ]);
  const parts = [
    label(margin.left, 14, 'start', title),
    ...grid,
    label(margin.left, heightPx - 6, 'start', '0 s'),
    label(widthPx - margin.right, heightPx - 6, 'end', `${last.atS.toFixed(0)} s`),
    element('path', { class: 'series', d: path.join('') }),
  ];
  return element(
    'svg',
    { viewBox: `0 0 ${widthPx} ${heightPx}`, role: 'img', 'aria-label': title },
    `\n${parts.join('\n')}\n`,
  );
}
