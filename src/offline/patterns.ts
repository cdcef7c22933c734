import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { glob, isDynamicPattern } from 'tinyglobby';
import { byName } from '../camera/pictureNames.js';
import { ConfigError } from '../core/errors.js';
import { isStoreAddress } from './store/openStore.js';

const special = /[*?[\]{}()!\\]/;

async function isThere(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    // What is there and cannot be looked at is told by whoever reads it.
    (error: NodeJS.ErrnoException) => error.code !== 'ENOENT',
  );
}

/** Files and folders that a pattern matches, in the order of their names with numbers as numbers. */
async function matches(pattern: string): Promise<string[]> {
  const parts = pattern.split('/');
  let first = parts.findIndex((part) => special.test(part));
  // A folder that is there is itself.
  while (first < parts.length - 1 && (await isThere(parts.slice(0, first + 1).join('/')))) first++;
  const folder = parts.slice(0, first).join('/');
  const cwd = first > 0 && folder === '' ? '/' : folder || '.';
  const options = { cwd, onlyFiles: false, expandDirectories: false };
  const found = await glob(parts.slice(first).join('/'), options);
  const folders = found.filter((name) => name.endsWith('/'));
  const isTakenInParts = (name: string) =>
    folders.includes(name) && found.some((other) => other !== name && other.startsWith(name));
  return found
    .filter((name) => name !== './' && !isTakenInParts(name))
    .map((name) => join(cwd, name.replace(/\/$/, '')))
    .sort(byName);
}

/**
 * Paths as somebody gave them, with patterns (`pics/*.jpg`, `**` for any depth) replaced by what they match, so that a list
 * may be longer than a shell takes. What is there is itself, whatever is in its name, and so is the address of a store.
 *
 * Throws ConfigError `source` for a pattern that matches nothing.
 */
export async function expandPatterns(texts: readonly string[]): Promise<string[]> {
  const paths: string[] = [];
  for (const text of texts) {
    if (isStoreAddress(text) || !isDynamicPattern(text) || (await isThere(text))) {
      paths.push(text);
      continue;
    }
    const found = await matches(text);
    if (found.length === 0) {
      const what = `${text} does not exist, and as a pattern it matches nothing`;
      throw new ConfigError('source', what, { text });
    }
    for (const path of found) paths.push(path);
  }
  return paths;
}
