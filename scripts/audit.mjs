#!/usr/bin/env node
// Usage: npm run audit     asks the npm registry for known holes in what runs; 0: none, 1: some, 77: it cannot be asked
import { spawnSync } from 'node:child_process';
import { verdictOf } from './audit/verdict.mjs';
import { root } from './setup/paths.mjs';

const { stdout, status } = spawnSync('npm', ['audit', '--omit=dev', '--json'], {
  cwd: root,
  encoding: 'utf8',
});
const { code, lines } = verdictOf(stdout ?? '', status);
for (const line of lines) console.log(line);
process.exitCode = code;
