// The report of a soak: what its parts left, as one JSON and one page.
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { cpus } from 'node:os';
import { join } from 'node:path';
import { escapeMarkup } from '../../dist/core/markup.js';
import { pageStyle } from '../../dist/core/pageStyle.js';
import { drawSeries } from './plot.mjs';

/**
 * @typedef {import('../../test/soak/support/soakPart.js').SoakReport} SoakReport
 * @typedef {import('../../test/soak/support/soakPart.js').SoakSample} SoakSample
 */

const style = `${pageStyle}
.plots { display: grid; grid-template-columns: repeat(auto-fit, minmax(420px, 1fr)); gap: 12px; margin: 12px 0; }
.series { fill: none; stroke: var(--good); stroke-width: 1.5; }
.broken { color: var(--bad); font-weight: 600; }
`;

/** @type {[string, keyof SoakSample][]} */
const series = [
  ['resident memory, MiB', 'residentMib'],
  ['of it its own, MiB', 'anonymousMib'],
  ['file descriptors', 'descriptors'],
  ['threads', 'threads'],
  ['results a second', 'rateOutHz'],
  ['age of results, median, ms', 'ageMs'],
];

/** @param {number | null} value */
const written = (value) => (value === null ? '–' : String(Number(value.toFixed(1))));

/** @param {string[]} cells */
const row = (cells) =>
  `<tr>${cells.map((cell, index) => (index === 0 ? `<td>${cell}</td>` : `<td class="number">${cell}</td>`)).join('')}</tr>`;

/** @param {SoakReport} report */
function section({ title, unit, done, seconds, bounds, counts, samples }) {
  const rows = bounds.map(({ name, unit: of, before, after, most, held }) =>
    row([
      escapeMarkup(of === '' ? name : `${name}, ${of}`),
      written(before),
      written(after),
      written(most),
      held ? 'held' : '<span class="broken">broken</span>',
    ]),
  );
  const plots = series.map(([name, key]) =>
    drawSeries(
      name,
      samples.map((sample) => ({ atS: sample.atS, value: sample[key] })),
    ),
  );
  const counted = Object.entries(counts).map(([name, count]) => `${count} ${name}`);
  return `<h2>${escapeMarkup(title)}</h2>
<p class="lead">${done} ${escapeMarkup(unit)} in ${seconds.toFixed(0)} s. ${escapeMarkup(counted.join(', '))}</p>
<div class="scroll"><table><thead>${row(['bound', 'before', 'after', 'most more', '']).replaceAll('td', 'th')}</thead><tbody>
${rows.join('\n')}
</tbody></table></div>
<div class="plots">${plots.map((plot) => (plot === '' ? '' : `<div class="plot">${plot}</div>`)).join('\n')}</div>`;
}

/**
 * The page: no script, no font, nothing from outside.
 *
 * @param {readonly SoakReport[]} reports
 * @internal Exported for tests.
 */
export function soakPage(reports) {
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Soak of rdk-yolo-seg</title>
<style>${style}</style>
</head>
<body>
<h1>Soak of rdk-yolo-seg</h1>
<p class="lead">What the node holds before (after a tenth of the part) and after, garbage collected; Node ${process.version}, ${cpus().length} cores.</p>
${reports.map(section).join('\n')}
</body>
</html>
`;
}

/**
 * Writes report.json and report.html of the parts in the folder; returns the path of the page.
 *
 * @param {string} folder
 */
export function writeReport(folder) {
  const names = readdirSync(folder).filter((name) => name.endsWith('.part.json'));
  /** @type {SoakReport[]} */
  const reports = names.sort().map((name) => JSON.parse(readFileSync(join(folder, name), 'utf8')));
  writeFileSync(join(folder, 'report.json'), `${JSON.stringify(reports)}\n`);
  const page = join(folder, 'report.html');
  writeFileSync(page, soakPage(reports));
  return page;
}
