import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { cells, renderMatrix, unprovenCells } from '../../../scripts/reliability/matrix.mjs';
import { replaceSection } from '../../../scripts/reliability/sections.mjs';

const page = readFileSync('docs/reliability.md', 'utf8');

it.each(cells)('the fault matrix names a test that is there: $test', ({ file, test }) => {
  // As a source writes it; a run of the tests says whether it passed.
  expect(readFileSync(`test/${file}`, 'utf8').replaceAll("\\'", "'")).toContain(test);
});

it('docs/reliability.md has the matrix as it is now', () => {
  expect(replaceSection(page, 'matrix', renderMatrix())).toBe(page);
});

it('refuses a matrix of which a test has not run or has not passed in one of its cases', () => {
  const whole = cells.map(({ file, test }) => ({
    name: `/somewhere/test/${file}`,
    assertionResults: [{ title: test.replace('%s', 'one'), status: 'passed' }],
  }));
  expect(unprovenCells([{ testResults: whole }])).toEqual([]);
  const [first, ...others] = whole;
  expect(unprovenCells([{ testResults: others }])).toEqual([
    `${cells[0]!.file}: ${cells[0]!.test}: has not run`,
  ]);
  const failed = { ...first!, assertionResults: [{ ...first!.assertionResults[0]!, status: 'failed' }] };
  expect(unprovenCells([{ testResults: [first!] }, { testResults: [failed, ...others] }])).toEqual([
    `${cells[0]!.file}: ${cells[0]!.test}: failed`,
  ]);
});

it('refuses a page without the section', () => {
  expect(() => replaceSection('nothing', 'matrix', 'x')).toThrow('the page has no section matrix');
});
