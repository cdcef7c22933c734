#!/usr/bin/env node
// Usage: npm run test:genuine [-- --accept-licence] [vitest arguments]     runs the tests with the vendor's own tools
//
// The toolchain is installed where it is missing or not as pinned, into the folder of RDK_YOLO_SEG_TOOLCHAIN or where
// `model toolchain install` puts it; --accept-licence answers its question. Exit code 77: it cannot be had here.
import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { whyUnobtainable } from './genuine/unobtainable.mjs';
import { ensureSetup } from './setup/index.mjs';
import { root } from './setup/paths.mjs';

/** As the tests of automake have it. */
const SKIPPED = 77;

/**
 * Runs a program to its end; what it writes is shown.
 *
 * @param {string[]} args of Node
 * @param {NodeJS.ProcessEnv} env
 * @returns {Promise<{ code: number, stderr: string }>}
 */
function run(args, env) {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, args, { cwd: root, env, stdio: ['inherit', 'inherit', 'pipe'] });
    let stderr = '';
    child.stderr.on('data', (chunk) => {
      stderr += chunk;
      process.stderr.write(chunk);
    });
    // The terminal sends Ctrl-C to the program as well; its end is told below.
    process.on('SIGINT', () => undefined);
    child.on('error', reject);
    child.on('close', (code) => resolve({ code: code ?? 1, stderr }));
  });
}

/**
 * The exit code of an installation; 0 where the toolchain is as pinned already.
 *
 * @param {import('../dist/toolchain/install/toolchainFolder.js').ToolchainState} state
 * @param {string[]} options
 * @param {NodeJS.ProcessEnv} env
 */
async function install({ condition, folder }, options, env) {
  if (condition === 'sound') return 0;
  console.log(`the vendor's toolchain in ${folder} is ${condition}: installing it`);
  const force = condition === 'absent' ? [] : ['--force'];
  const line = ['model', 'toolchain', 'install', '--toolchain', folder, ...force, ...options];
  const { code, stderr } = await run([join(root, 'dist', 'cli', 'main.js'), ...line], env);
  const why = code === 0 ? null : whyUnobtainable(stderr);
  if (why === null) return code;
  console.log(`skipped: test/genuine, the vendor's toolchain cannot be had here: ${why}`);
  return SKIPPED;
}

const accept = '--accept-licence';
const args = process.argv.slice(2);
const env = await ensureSetup({ steps: ['npm', 'typescript'] });
// Imported late: the set-up builds it.
const { defaultToolchainFolder, inspectToolchain } = await import(
  '../dist/toolchain/install/toolchainFolder.js'
);
const folder = defaultToolchainFolder(env);
const code = await install(await inspectToolchain(folder), args.includes(accept) ? [accept] : [], env);
if (code === 0) {
  const tests = ['--project', 'genuine', ...args.filter((arg) => arg !== accept)];
  const test = await run([join(root, 'scripts', 'test.mjs'), ...tests], {
    ...env,
    RDK_YOLO_SEG_TOOLCHAIN: folder,
  });
  process.exitCode = test.code;
} else process.exitCode = code;
