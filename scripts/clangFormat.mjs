#!/usr/bin/env node
// Usage: node scripts/clangFormat.mjs [--write]     checks (or rewrites) the C++ files against .clang-format
import { spawnSync } from 'node:child_process';
import { basename, join, relative } from 'node:path';
import { ensurePythonTool } from './pythonTool.mjs';
import { describeFailure } from './setup/exec.mjs';
import { root } from './setup/paths.mjs';
import { listFiles } from './setup/stamp.mjs';

// Pinned: another version formats differently.
const REQUIREMENT = 'clang-format==23.1.5';

function sources() {
  /** @param {string} path */
  const isOurs = (path) => !['build', 'bin', 'node_modules', 'out'].includes(basename(path));
  const files = listFiles([join(root, 'native'), join(root, 'test')], isOurs);
  return files.filter((path) => /\.(h|cc)$/.test(path));
}

/**
 * Names of the files that clang-format complained about.
 *
 * @param {string} text
 */
function complaints(text) {
  const names = [...text.matchAll(/^(\S+?):\d+:\d+: error:/gm)].map((match) =>
    relative(root, match[1] ?? ''),
  );
  return [...new Set(names)];
}

/**
 * Formats or checks; returns whether all is well.
 *
 * @param {string} program
 * @param {string[]} files
 * @param {boolean} write
 */
function format(program, files, write) {
  if (files.length === 0) return true;
  const args = write ? ['-i'] : ['--dry-run', '--Werror'];
  const { status, stderr, error } = spawnSync(program, [...args, ...files], { cwd: root, encoding: 'utf8' });
  if (status === 0) return true;
  const names = complaints(stderr ?? '');
  console.error(names.length > 0 ? names.map((name) => `  ${name}`).join('\n') : (stderr ?? String(error)));
  return false;
}

try {
  const write = process.argv.includes('--write');
  const program = await ensurePythonTool('clang-format', REQUIREMENT);
  const files = sources();
  if (format(program, files, write)) {
    console.log(`clang-format: ${files.length} files ${write ? 'formatted' : 'in order'}`);
  } else {
    console.error('clang-format: these files are not in order; npm run format rewrites them');
    process.exitCode = 1;
  }
} catch (error) {
  console.error(`clang-format: ${describeFailure(error)}`);
  process.exitCode = 1;
}
