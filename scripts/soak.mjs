#!/usr/bin/env node
// `npm run soak`: the parts of test/soak, for hours where wanted; out/soak/report.json and report.html tell what they found.
import { spawnSync } from 'node:child_process';
import { mkdirSync, readdirSync, rmSync } from 'node:fs';
import { join, relative } from 'node:path';
import { optionsOrExit } from './optionsOrExit.mjs';
import { ensureSetup } from './setup/index.mjs';
import { root } from './setup/paths.mjs';
import { parts, readOptions, USAGE } from './soak/options.mjs';

const folder = join(root, 'out', 'soak');

const { minutes, chosen } = optionsOrExit('soak', USAGE, readOptions);
const env = await ensureSetup();
mkdirSync(folder, { recursive: true });
// What an earlier run has left of other parts stays only where parts are named.
if (chosen.length === parts.length) {
  for (const name of readdirSync(folder)) rmSync(join(folder, name), { recursive: true });
}
// The terminal sends Ctrl-C to vitest as well, which stops what it has started.
process.on('SIGINT', () => undefined);
const vitest = join(root, 'node_modules', 'vitest', 'vitest.mjs');
const soakEnv = { ...env, RDK_YOLO_SEG_SOAK: '1', RDK_YOLO_SEG_SOAK_MINUTES: String(minutes ?? 0) };
let code = 0;
for (const part of chosen) {
  const results = `--outputFile.json=${join(folder, `${part}.results.json`)}`;
  const args = ['run', '--project', 'soak', '--reporter=default', '--reporter=json', results];
  const file = join('test', 'soak', `${part}.test.ts`);
  const { status, signal } = spawnSync(process.execPath, [vitest, ...args, file], {
    cwd: root,
    stdio: 'inherit',
    env: soakEnv,
  });
  if (status !== 0) code = status ?? 1;
  if (signal !== null || status === 130) break;
}
// Imported late: its style is in what the set-up builds.
const { writeReport } = await import('./soak/report.mjs');
const page = writeReport(folder);
console.log(`[soak] ${code === 0 ? 'every bound held' : 'FAILED'}; ${relative(root, page)}`);
process.exitCode = code;
