// The fault matrix as a table, and what a run of the tests says of it.
import { phases } from './faults/cell.mjs';
import { faults } from './faults.mjs';

/**
 * @typedef {import('./faults/cell.mjs').Shown} Shown
 * @typedef {import('./faults/cell.mjs').Unmet} Unmet
 */

/**
 * Every cell that a test shows.
 *
 * @internal Exported for tests.
 */
export const cells = faults
  .flatMap((fault) => Object.values(fault.cells))
  .flatMap((cell) => ('test' in cell ? [cell] : []));

/** @param {Shown | Unmet} cell */
const written = (cell) =>
  'why' in cell
    ? `– *${cell.why}*`
    : `${cell.outcome} ([test](../test/${cell.file} "${cell.test.replaceAll('|', '\\|')}"))`;

/** The matrix as Markdown; a cell without a test has a dash and the reason. */
export function renderMatrix() {
  const rows = faults.map(({ area, fault, cells: found }) =>
    [`**${area}**: ${fault}`, ...phases.map((phase) => written(found[phase]))].join(' | '),
  );
  return [
    `| fault | ${phases.join(' | ')} |`,
    `|${' --- |'.repeat(phases.length + 1)}`,
    ...rows.map((row) => `| ${row} |`),
    '',
  ].join('\n');
}

/** @param {string} title as the source has it */
function patternOf(title) {
  const escaped = title.replace(/[.*+?^{}()|[\]\\]/g, '\\$&');
  return new RegExp(`^${escaped.replace(/%[a-z]|\$\w+/g, '.*')}$`, 's');
}

/**
 * @typedef {{ testResults: { name: string, assertionResults: { title: string, status: string }[] }[] }} Results
 * What vitest's JSON reporter writes, as far as it is read here.
 */

/**
 * What keeps the matrix from being written: cells whose test has not run, or has not passed in each of its cases.
 *
 * @param {readonly Results[]} runs
 */
export function unprovenCells(runs) {
  const files = runs.flatMap(({ testResults }) => testResults);
  return cells.flatMap(({ file, test }) => {
    const pattern = patternOf(test);
    const results = files
      .filter(({ name }) => name.endsWith(`/test/${file}`))
      .flatMap(({ assertionResults }) => assertionResults)
      .filter(({ title }) => pattern.test(title));
    const bad = results.filter(({ status }) => status !== 'passed');
    if (results.length > 0 && bad.length === 0) return [];
    return [
      `${file}: ${test}: ${results.length === 0 ? 'has not run' : bad.map(({ status }) => status).join(', ')}`,
    ];
  });
}
