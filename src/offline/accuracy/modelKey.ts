import { readdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { ModelInfo, PreprocessOptions } from '../../core/ports.js';
import { hashOf, keyOf } from '../../files/contentKey.js';
import type { Protocol } from '../../evaluate/protocols.js';

/** The content of a model's file; of a recording its list, and when each of its files was written: they may be many gigabytes. */
async function contentOf(path: string): Promise<unknown> {
  if (!(await stat(path)).isDirectory()) return hashOf(await readFile(path));
  const files = (await readdir(path, { withFileTypes: true, recursive: true })).filter((entry) =>
    entry.isFile(),
  );
  const facts = await Promise.all(
    files.map(async ({ parentPath, name }) => {
      const { size, mtimeMs } = await stat(join(parentPath, name));
      return [name, size, mtimeMs] as const;
    }),
  );
  return facts.toSorted(([a], [b]) => (a < b ? -1 : 1));
}

/** A key of all that decides what a model finds in a picture. */
export async function modelKey(
  model: ModelInfo,
  preprocess: PreprocessOptions,
  protocol: Protocol,
  categoryIds: readonly number[],
  version: string,
): Promise<string> {
  const { path, backend, classNames, outputs, headForm } = model;
  const shapes = outputs.map(({ name, type, dims }) => [name, type, dims]);
  return keyOf(
    await contentOf(path),
    backend,
    classNames,
    shapes,
    headForm,
    preprocess,
    protocol,
    categoryIds,
    version,
  );
}
