import { stat } from 'node:fs/promises';
import { basename, extname, join, resolve } from 'node:path';
import { z } from 'zod';
import { checkedDocument } from '../../core/documentFault.js';
import { ConfigError } from '../../core/errors.js';
import { parseYaml } from '../../core/yamlDocument.js';
import { readFault } from '../../files/fault.js';
import { statRegularFile } from '../../files/regularFile.js';
import { readTextFile } from '../../files/textFile.js';

/** What rosbag2 writes beside the files of a recording. */
export const metadataName = 'metadata.yaml';
const recordingNames = /\.(?:mcap|db3)$/i;
const compressedNames = /\.(?:mcap|db3)\.zstd?$/i;

const metadataForm = z.object({
  rosbag2_bagfile_information: z.object({ relative_file_paths: z.array(z.string()).min(1) }),
});

/** True for the name of a file that may be one of a recording. */
export function isRecordingName(name: string): boolean {
  return recordingNames.test(name) && !name.startsWith('.');
}

/** True for the name of one that was compressed as a whole, which is refused with what to do. */
export function isCompressedRecordingName(name: string): boolean {
  return compressedNames.test(name) && !name.startsWith('.');
}

/** True for the name of a file of SQLite. */
export function isSqliteName(name: string): boolean {
  return extname(name).toLowerCase() === '.db3';
}

/** Throws ConfigError `source` for the name of a file that no reader here takes. */
export function checkRecordingName(path: string): void {
  const suffix = extname(path).toLowerCase();
  if (suffix === '.zstd' || suffix === '.zst') {
    const what = `${path} is compressed as a whole: decompress it first (zstd -d ${path})`;
    throw new ConfigError('source', what, { path });
  }
  if (!isRecordingName(basename(path))) {
    throw new ConfigError('source', `${path} is no file of a recording: expected .mcap or .db3`, { path });
  }
}

/**
 * Throws ConfigError `source` where a file of SQLite was not closed: what lies beside it holds a part of it.
 *
 * @param sizeOf Of a file in bytes; null where there is none.
 */
export async function refuseUnfinished(
  path: string,
  sizeOf: (path: string) => Promise<number | null>,
): Promise<void> {
  if (!isSqliteName(path)) return;
  for (const end of ['-wal', '-journal']) {
    if (((await sizeOf(path + end)) ?? 0) === 0) continue;
    const what = `${path} was not closed: ${path}${end} holds a part of it; sqlite3 ${path} .tables takes that in`;
    throw new ConfigError('source', what, { path });
  }
}

/** Throws ConfigError `source` for a file of this machine that no reader here takes. */
export async function checkRecordingFile(path: string): Promise<void> {
  checkRecordingName(path);
  try {
    await statRegularFile(path);
  } catch (error) {
    throw new ConfigError('source', `${path} ${readFault(error)}`, { path });
  }
  await refuseUnfinished(path, (beside) =>
    stat(beside).then(
      ({ size }) => size,
      () => null,
    ),
  );
}

/** What a recording is called: its file without the suffix, or its folder. */
export function recordingName(path: string): string {
  return basename(resolve(path)).replace(recordingNames, '');
}

/** True for a folder that rosbag2 has written. */
export async function isBagFolder(folder: string): Promise<boolean> {
  return (await stat(join(folder, metadataName)).catch(() => null)) !== null;
}

/** The files that such metadata names, in order, inside of their folder. Throws ConfigError `source`. @param path Names the text. */
export function parseBagMetadata(text: string, path: string): string[] {
  const { rosbag2_bagfile_information: information } = checkedDocument(
    () => parseYaml(text),
    metadataForm,
    (why) => new ConfigError('source', `${path} is not what rosbag2 writes: ${why}`, { path }),
  );
  return information.relative_file_paths;
}

/** The files that the metadata of a folder names, in order. Throws ConfigError `source`. */
export async function readBagFiles(folder: string): Promise<string[]> {
  const path = join(folder, metadataName);
  return parseBagMetadata(await readTextFile(path), path).map((name) => join(folder, name));
}
