#!/usr/bin/env node
// Usage: node scripts/clangTidy.mjs     checks the C++ of the addons that are built here against .clang-tidy
import { spawn } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { join, relative } from 'node:path';
import { ensurePythonTool } from './pythonTool.mjs';
import { describeFailure } from './setup/exec.mjs';
import { paths, root } from './setup/paths.mjs';

// Pinned: another version knows other checks.
const REQUIREMENT = 'clang-tidy==23.1.4';

/** @typedef {{ build: string, file: string }} Source one of ours, with the build folder that compiles it */

/**
 * The sources of ours in each build folder that has its compile commands.
 *
 * @returns {Source[]}
 */
function compiledSources() {
  const folder = join(paths.native, 'build');
  const builds = existsSync(folder) ? readdirSync(folder).map((name) => join(folder, name)) : [];
  return builds.flatMap((build) => {
    const commands = join(build, 'compile_commands.json');
    if (build.endsWith('-asan') || !existsSync(commands)) return [];
    /** @type {{ file: string }[]} */
    const compiled = JSON.parse(readFileSync(commands, 'utf8'));
    return compiled
      .map(({ file }) => file)
      .filter((file) => file.startsWith(`${paths.native}/`) && existsSync(file))
      .map((file) => ({ build, file }));
  });
}

/**
 * What clang-tidy has to say of one source; empty where it is in order.
 *
 * @param {string} program
 * @param {Source} source
 * @returns {Promise<string>}
 */
function check(program, { build, file }) {
  return new Promise((resolve, reject) => {
    const child = spawn(program, ['-p', build, '--quiet', file], { cwd: root });
    let text = '';
    child.stdout.on('data', (chunk) => (text += chunk));
    child.stderr.on('data', (chunk) => (text += chunk));
    child.once('error', reject);
    child.once('close', (status) => resolve(status === 0 ? '' : text));
  });
}

try {
  const program = await ensurePythonTool('clang-tidy', REQUIREMENT);
  const waiting = compiledSources();
  if (waiting.length === 0) throw new Error('nothing is built in native/build; remedy: npm run setup');
  const count = waiting.length;
  /** @type {string[]} */
  const refused = [];
  const lane = async () => {
    for (let source = waiting.pop(); source !== undefined; source = waiting.pop()) {
      const text = await check(program, source);
      if (text === '') continue;
      refused.push(relative(root, source.file));
      console.error(text.trim());
    }
  };
  await Promise.all(Array.from({ length: availableParallelism() }, lane));
  if (refused.length === 0) console.log(`clang-tidy: ${count} files in order`);
  else {
    console.error(
      `clang-tidy: ${refused.length} of ${count} files are not in order: ${refused.sort().join(', ')}`,
    );
    process.exitCode = 1;
  }
} catch (error) {
  console.error(`clang-tidy: ${describeFailure(error)}`);
  process.exitCode = 1;
}
