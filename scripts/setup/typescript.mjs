import { existsSync, readdirSync, rmSync, statSync } from 'node:fs';
import { join, relative } from 'node:path';
import { run } from './exec.mjs';
import { paths, root } from './paths.mjs';
import { clearStamp, hashOf, listFiles, readStamp, writeStamp } from './stamp.mjs';

const stamp = join(paths.dist, '.rdk-yolo-seg-built');

function sourcesKey() {
  const entries = ['src', 'tsconfig.json', 'package-lock.json'].map((name) => join(root, name));
  return hashOf(listFiles(entries));
}

/** @returns {boolean} whether dist was compiled from the present sources */
export function typescriptIsCurrent() {
  return readStamp(stamp) === sourcesKey();
}

/** Removes what was compiled from sources that are gone, so that nothing imports it by mistake. */
function removeOrphans(folder = paths.dist) {
  if (!existsSync(folder)) return;
  for (const name of readdirSync(folder)) {
    const path = join(folder, name);
    if (statSync(path).isDirectory()) {
      removeOrphans(path);
      continue;
    }
    const stem = name.match(/^(.+?)(\.d\.ts|\.js)(\.map)?$/)?.[1];
    const source = stem && join(root, 'src', relative(paths.dist, folder), `${stem}.ts`);
    if (source && !existsSync(source)) rmSync(path);
  }
}

/**
 * Compiles src into dist.
 * @param {{ verbose?: boolean | undefined }} options
 * @returns {Promise<string>}
 */
export async function buildTypescript({ verbose }) {
  clearStamp(stamp);
  const key = sourcesKey();
  const tsc = join(paths.nodeModules, 'typescript', 'bin', 'tsc');
  // Without dist's files tsc would trust the build info and write nothing.
  const isEmpty = !existsSync(paths.dist) || readdirSync(paths.dist).every((name) => name.startsWith('.'));
  if (isEmpty) rmSync(join(paths.dist, '.tsbuildinfo'), { force: true });
  await run(process.execPath, [tsc, '-p', 'tsconfig.json'], {
    log: 'typescript',
    verbose,
    remedy: 'the compiler output above names the file and line',
  });
  removeOrphans();
  writeStamp(stamp, key);
  return 'src compiled into dist';
}
