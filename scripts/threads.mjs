#!/usr/bin/env node
// Usage: npm run test:threads     runs the tests of native threads on addons built with ThreadSanitizer
//
// Fails with a race that is not wholly of code built without it (sanitizers/races.mjs), or with a test.
import { mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { isFinding, readRaces } from './sanitizers/races.mjs';
import { runSanitized } from './sanitizers/run.mjs';
import { root } from './setup/paths.mjs';

const folder = join(root, 'out', 'races');
rmSync(folder, { recursive: true, force: true });
mkdirSync(folder, { recursive: true });
const code = await runSanitized('tsan', {
  tests: ['test/native/bpu', 'test/ros2/hbmem'],
  options: {
    // Its exit code would fail tests whose programs met a race of Node's; to name the functions of Node in every report
    // takes longer than tests wait.
    TSAN_OPTIONS: `log_path=${join(folder, 'race')} exitcode=0 symbolize=0`,
  },
});
const races = readRaces(folder);
const findings = races.filter(isFinding);
/** @type {Map<string, number>} */
const counts = new Map();
for (const { modules } of races.filter((race) => !isFinding(race))) {
  const name = [...new Set(modules.filter((module) => module !== null))].sort().join(' and ');
  counts.set(name, (counts.get(name) ?? 0) + 1);
}
for (const [name, count] of counts) console.log(`${count} reports of ${name} alone`);
for (const { text } of findings) console.log(`\n${text}`);
if (findings.length > 0) console.log('\na line of it: addr2line -Cfie native/bin/FILE OFFSET');
console.log(`${findings.length} races of ours, ${races.length - findings.length} of others`);
process.exitCode = findings.length > 0 ? 1 : code;
