import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { paths, root } from './paths.mjs';

/**
 * All files below the given files and folders, sorted, so that a hash over them is stable.
 * @param {string[]} entries absolute paths; missing ones are left out
 * @param {(path: string) => boolean} [keep] false leaves a file or a whole folder out
 * @returns {string[]}
 */
export function listFiles(entries, keep = () => true) {
  /** @type {string[]} */
  const files = [];
  /** @param {string} path */
  const visit = (path) => {
    if (!existsSync(path) || !keep(path)) return;
    if (statSync(path).isDirectory()) {
      for (const name of readdirSync(path)) visit(join(path, name));
    } else {
      files.push(path);
    }
  };
  for (const entry of entries) visit(entry);
  return files.sort();
}

/**
 * Hash over file names and contents plus extra words (versions, options).
 * @param {string[]} files
 * @param {...unknown} extra
 */
export function hashOf(files, ...extra) {
  const hash = createHash('sha256');
  for (const file of files) {
    hash.update(relative(root, file)).update('\0').update(readFileSync(file)).update('\0');
  }
  hash.update(JSON.stringify(extra));
  return hash.digest('hex').slice(0, 32);
}

/** @param {string} name */
export function stampPath(name) {
  return join(paths.stamps, name);
}

/**
 * Content of a stamp, undefined when it was never written.
 * @param {string} file
 */
export function readStamp(file) {
  try {
    return readFileSync(file, 'utf8').trim();
  } catch {
    return undefined;
  }
}

/**
 * Marks a step as complete. Written last, so an interrupted step is done again.
 * @param {string} file
 * @param {string} value
 */
export function writeStamp(file, value) {
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, `${value}\n`);
}

/** @param {string} file */
export function clearStamp(file) {
  rmSync(file, { force: true });
}
