#!/usr/bin/env node
// Usage: npm run test:kilted [-- vitest arguments]     the tests with ROS on ROS 2 Kilted, in a copy of this checkout
//
// A checkout is built for one distribution, so the copy in out/kilted has a set-up of its own: the first takes minutes and
// 1.3 GB, later ones what has changed. Without arguments all of test/ros2 runs. Ends with 77 where ROS is sourced.
import { spawnSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, rmSync } from 'node:fs';
import { constants } from 'node:os';
import { dirname, join } from 'node:path';
import { findRos } from './rosEnv.mjs';
import { root } from './setup/paths.mjs';

const copy = join(root, 'out', 'kilted');
/** Whatever else is there was made by the copy's own set-up, which knows what is out of date. */
const kept = new Set(['node_modules', '.ros', '.tools', 'dist', 'native']);

/** @param {string[]} args */
function git(args) {
  const { status, stdout, stderr } = spawnSync('git', args, {
    cwd: root,
    encoding: 'utf8',
    maxBuffer: 1 << 26,
  });
  if (status !== 0) throw new Error(`git ${args.join(' ')}: ${stderr}`);
  return stdout.split('\0').filter((path) => path !== '');
}

/** Brings the copy up to this checkout, with what is not committed. */
function updateCopy() {
  mkdirSync(copy, { recursive: true });
  const files = git(['ls-files', '-z', '--cached', '--others', '--exclude-standard']);
  const gone = new Set(git(['ls-files', '-z', '--deleted']));
  for (const top of new Set(files.map((path) => path.split('/')[0] ?? ''))) {
    if (!kept.has(top)) rmSync(join(copy, top), { recursive: true, force: true });
  }
  for (const path of files.filter((file) => !gone.has(file))) {
    mkdirSync(dirname(join(copy, path)), { recursive: true });
    cpSync(join(root, path), join(copy, path), { preserveTimestamps: true });
  }
}

/** Gives a new copy what its set-up would make just the same; the stamps in it tell what depends on the distribution. */
function seedCopy() {
  for (const name of ['node_modules', 'dist', join('native', 'bin')]) {
    const [from, to] = [join(root, name), join(copy, name)];
    if (!existsSync(to) && existsSync(from))
      cpSync(from, to, { recursive: true, verbatimSymlinks: true, preserveTimestamps: true });
  }
}

if (findRos()?.kind === 'sourced') {
  console.error('a ROS 2 is sourced here, and Kilted from wheels cannot stand beside it: use a new shell');
  process.exit(77);
}
updateCopy();
seedCopy();
const args = process.argv.slice(2);
const { status, signal } = spawnSync(
  process.execPath,
  [join(copy, 'scripts', 'test.mjs'), ...(args.length > 0 ? args : ['test/ros2'])],
  { cwd: copy, stdio: 'inherit', env: { ...process.env, RDK_YOLO_SEG_WHEELS: 'kilted', CI: 'true' } },
);
process.exitCode = status ?? 128 + (signal === null ? 0 : constants.signals[signal]);
