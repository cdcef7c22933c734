#!/usr/bin/env node
// Usage: npm run docs:reliability     writes the fault matrix and the soak's figures into docs/reliability.md
//
// Reads the results of `npm test` and of `npm run soak`, and refuses where a test of the matrix has not passed in them.
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { renderMatrix, unprovenCells } from './reliability/matrix.mjs';
import { replaceSection } from './reliability/sections.mjs';
import { renderSoak } from './reliability/soakTable.mjs';
import { root } from './setup/paths.mjs';

const page = join(root, 'docs', 'reliability.md');
const soakFolder = join(root, 'out', 'soak');

/** @param {string} path */
function read(path) {
  if (!existsSync(path)) throw new Error(`no ${path}; run npm test and npm run soak first`);
  return JSON.parse(readFileSync(path, 'utf8'));
}

try {
  const soak = read(join(soakFolder, 'report.json'));
  const parts = readdirSync(soakFolder).filter((name) => name.endsWith('.results.json'));
  const runs = [join(root, 'out', 'test-results.json'), ...parts.map((name) => join(soakFolder, name))];
  const unproven = unprovenCells(runs.map(read));
  if (unproven.length > 0) throw new Error(`not shown by these runs:\n${unproven.join('\n')}`);
  const text = replaceSection(readFileSync(page, 'utf8'), 'matrix', renderMatrix());
  writeFileSync(page, replaceSection(text, 'soak', renderSoak(soak)));
} catch (error) {
  console.error(`docs:reliability: ${error instanceof Error ? error.message : error}`);
  process.exitCode = 1;
}
