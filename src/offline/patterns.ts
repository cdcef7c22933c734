import { stat } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { glob, isDynamicPattern } from 'tinyglobby';
import { ConfigError } from '../core/errors.js';
import { byName } from '../core/words.js';
import { metadataName } from './recordings/bagFolder.js';
import { isStoreAddress } from './store/openStore.js';

const special = /[*?[\]{}()!\\]/;

async function isThere(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    // What is there and cannot be looked at is told by whoever reads it.
    (error: NodeJS.ErrnoException) => error.code !== 'ENOENT',
  );
}

/** What patterns came to. */
export interface ExpandedPaths {
  readonly paths: readonly string[];
  /** The folder that all matches of a pattern lie below, and each other path as it was given. */
  readonly roots: readonly string[];
}

/** The folder that a pattern looks in, and what it looks for there. */
async function splitPattern(pattern: string): Promise<{ folder: string; rest: string }> {
  const parts = pattern.split('/');
  let first = parts.findIndex((part) => special.test(part));
  // A folder that is there is itself.
  while (first < parts.length - 1 && (await isThere(parts.slice(0, first + 1).join('/')))) first++;
  const folder = parts.slice(0, first).join('/');
  return { folder: first > 0 && folder === '' ? '/' : folder || '.', rest: parts.slice(first).join('/') };
}

/**
 * Files and folders that match below a folder, in the order of their names with numbers as numbers. Of a folder with matches in
 * it these are taken, of one that rosbag2 has written the folder.
 */
async function matches(folder: string, pattern: string): Promise<string[]> {
  const found = await glob(pattern, { cwd: folder, onlyFiles: false, expandDirectories: false });
  const foldersOf = (name: string) =>
    [...name.matchAll(/\/(?=.)/g)].map(({ index }) => name.slice(0, index + 1));
  const withMatches = new Set(found.flatMap(foldersOf));
  const bags = new Set(
    found
      .filter((name) => basename(name) === metadataName)
      .map((name) => name.slice(0, -metadataName.length)),
  );
  return [...found.filter((name) => !withMatches.has(name)), ...bags]
    .filter((name) => !['', './'].includes(name) && !foldersOf(name).some((above) => bags.has(above)))
    .map((name) => join(folder, name.replace(/\/$/, '')))
    .sort(byName);
}

/**
 * Paths as somebody gave them, with patterns (`pics/*.jpg`, `**` for any depth) replaced by what they match, so that a list
 * may be longer than a shell takes. What is there is itself, whatever is in its name, and so is the address of a store.
 *
 * Throws ConfigError `source` for a pattern that matches nothing.
 */
export async function expandPatterns(texts: readonly string[]): Promise<ExpandedPaths> {
  const paths: string[] = [];
  const roots: string[] = [];
  for (const text of texts) {
    if (isStoreAddress(text) || !isDynamicPattern(text) || (await isThere(text))) {
      paths.push(text);
      roots.push(text);
      continue;
    }
    const { folder, rest } = await splitPattern(text);
    const found = await matches(folder, rest);
    if (found.length === 0) {
      const what = `${text} does not exist, and as a pattern it matches nothing`;
      throw new ConfigError('source', what, { text });
    }
    for (const path of found) paths.push(path);
    roots.push(folder);
  }
  return { paths, roots };
}
