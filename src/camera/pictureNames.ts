import { byName, counted } from '../core/words.js';
import type { Dirent } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { extname } from 'node:path';
import { ConfigError } from '../core/errors.js';
import { readFault, shownPath } from '../files/fault.js';
import { missingSourceHint } from './bundledScenes.js';

/** What of a folder is taken, and what is not. */
export interface PictureNames {
  /** Ordered by name with numbers as numbers. */
  readonly names: readonly string[];
  /**
   * Count and kind of what else may hold pictures, `2 .bmp, 1 folder (night)`; null if there is nothing of the kind.
   */
  readonly leftOut: string | null;
}

/** The still pictures that can be decoded; of a file with several the first is taken. */
const pictureNames = /\.(?:jpe?g|jpe|jfif|png|webp|tiff?|avif)$/i;
/** File names that are taken for pictures, for messages. */
export const pictureKinds = '.jpg, .png, .webp, .tif or .avif';
/** Labels and lists, which lie beside pictures and are none. */
const noteNames = /\.(?:jsonl?|txt|xml|ya?ml|csv|md)$/i;
const shownNames = 3;

/** True if a name is that of a picture that can be decoded. */
export function isPictureName(name: string): boolean {
  return pictureNames.test(name) && !name.startsWith('.');
}

/** A link may lead to one; reading a pipe would wait for somebody to write. */
function mayBeFile(entry: Dirent): boolean {
  return entry.isFile() || entry.isSymbolicLink();
}

function describeSome(count: number, kind: string, names: readonly string[]): string {
  if (count === 0) return '';
  const more = count > shownNames ? ', ...' : '';
  return `${count} ${kind} (${names.slice(0, shownNames).join(', ')}${more})`;
}

/** Folders and hidden files by name, the others by the end of their names. */
function describeOthers(entries: readonly Dirent[]): string | null {
  // What macOS writes beside each file of a foreign disk has the name of a picture: `._x.jpg`.
  const hidden = entries.filter(({ name }) => name.startsWith('.')).map(({ name }) => name);
  const shown = entries.filter(({ name }) => !name.startsWith('.'));
  const folders = shown.filter((entry) => entry.isDirectory()).map(({ name }) => name);
  const pipes = shown.filter((entry) => !entry.isDirectory() && !mayBeFile(entry)).map(({ name }) => name);
  const counts = new Map<string, number>();
  for (const entry of shown) {
    if (!mayBeFile(entry)) continue;
    const kind = extname(entry.name).toLowerCase() || 'without a suffix';
    counts.set(kind, (counts.get(kind) ?? 0) + 1);
  }
  const parts = [
    ...[...counts].sort(([a], [b]) => byName(a, b)).map(([kind, count]) => `${count} ${kind}`),
    describeSome(folders.length, folders.length === 1 ? 'folder' : 'folders', folders),
    describeSome(pipes.length, pipes.length === 1 ? 'pipe or device' : 'pipes or devices', pipes),
    describeSome(hidden.length, 'hidden', hidden),
  ].filter((text) => text !== '');
  return parts.length === 0 ? null : parts.join(', ');
}

/**
 * The pictures that lie in a folder itself. Throws ConfigError `source` if it cannot be read or has none.
 *
 * @param isAlsoTaken Names of other files that are taken like pictures.
 */
export async function readPictureNames(
  folder: string,
  isAlsoTaken: (name: string) => boolean = () => false,
): Promise<PictureNames> {
  const entries = await readdir(folder, { withFileTypes: true }).catch((error: unknown) => {
    const fault = `${shownPath(folder)} ${readFault(error, 'folder')}${missingSourceHint(folder)}`;
    throw new ConfigError('source', fault, { folder });
  });
  const sorted = entries.sort((a, b) => byName(a.name, b.name));
  const taken = sorted.filter(
    (entry) => mayBeFile(entry) && (isPictureName(entry.name) || isAlsoTaken(entry.name)),
  );
  const others = sorted.filter((entry) => !taken.includes(entry));
  if (taken.length > 0) {
    const leftOut = describeOthers(
      others.filter((entry) => !mayBeFile(entry) || !noteNames.test(entry.name)),
    );
    return { names: taken.map(({ name }) => name), leftOut };
  }
  const count = `no picture among the ${counted(entries.length, 'entry', 'entries')} of ${folder}`;
  const found = others.length === 0 ? '' : `; it has ${describeOthers(others)}`;
  throw new ConfigError('source', `${count}${found}; expected ${pictureKinds}`, {
    folder,
    entries: entries.length,
  });
}
