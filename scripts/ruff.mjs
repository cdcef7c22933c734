#!/usr/bin/env node
// Usage: node scripts/ruff.mjs     checks the Python files against ruff.toml
import { spawnSync } from 'node:child_process';
import { ensurePythonTool } from './pythonTool.mjs';
import { describeFailure } from './setup/exec.mjs';
import { root } from './setup/paths.mjs';

// Pinned: another version knows other rules.
const REQUIREMENT = 'ruff==0.17.5';

try {
  const program = await ensurePythonTool('ruff', REQUIREMENT);
  process.exitCode = spawnSync(program, ['check', '--quiet'], { cwd: root, stdio: 'inherit' }).status ?? 1;
} catch (error) {
  console.error(`ruff: ${describeFailure(error)}`);
  process.exitCode = 1;
}
