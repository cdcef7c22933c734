import { stat } from 'node:fs/promises';
import { basename, extname, join, resolve } from 'node:path';
import { z } from 'zod';
import { checkedDocument } from '../../core/documentFault.js';
import { ConfigError } from '../../core/errors.js';
import { parseYaml } from '../../core/yamlDocument.js';
import { readFault } from '../../files/fault.js';
import { readTextFile } from '../../files/textFile.js';

/** What rosbag2 writes beside the files of a recording. */
const metadataName = 'metadata.yaml';
const recordingNames = /\.(?:mcap|db3)$/i;

const metadataForm = z.object({
  rosbag2_bagfile_information: z.object({ relative_file_paths: z.array(z.string()).min(1) }),
});

/** True for the name of a file that may be one of a recording. */
export function isRecordingName(name: string): boolean {
  return recordingNames.test(name) && !name.startsWith('.');
}

/** Files of SQLite beside one that was not closed: what they hold is not in it yet. */
async function refuseUnfinished(path: string): Promise<void> {
  for (const end of ['-wal', '-journal']) {
    const found = await stat(path + end).catch(() => null);
    if (found === null || found.size === 0) continue;
    const what = `${path} was not closed: ${path}${end} holds a part of it; sqlite3 ${path} .tables takes that in`;
    throw new ConfigError('source', what, { path });
  }
}

/** Throws ConfigError `source` for a file that no reader here takes. */
export async function checkRecordingFile(path: string): Promise<void> {
  const suffix = extname(path).toLowerCase();
  if (suffix === '.zstd' || suffix === '.zst') {
    const what = `${path} is compressed as a whole: decompress it first (zstd -d ${path})`;
    throw new ConfigError('source', what, { path });
  }
  if (!isRecordingName(path)) {
    throw new ConfigError('source', `${path} is no file of a recording: expected .mcap or .db3`, { path });
  }
  const found = await stat(path).catch((error: unknown) => {
    throw new ConfigError('source', `${path} ${readFault(error)}`, { path });
  });
  if (!found.isFile()) throw new ConfigError('source', `${path} is no file`, { path });
  if (suffix === '.db3') await refuseUnfinished(path);
}

/** What a recording is called: its file without the suffix, or its folder. */
export function recordingName(path: string): string {
  return basename(resolve(path)).replace(recordingNames, '');
}

/** True for a folder that rosbag2 has written. */
export async function isBagFolder(folder: string): Promise<boolean> {
  return (await stat(join(folder, metadataName)).catch(() => null)) !== null;
}

/** The files that the metadata of a folder names, in order. Throws ConfigError `source`. */
export async function readBagFiles(folder: string): Promise<string[]> {
  const path = join(folder, metadataName);
  const text = await readTextFile(path);
  const { rosbag2_bagfile_information: information } = checkedDocument(
    () => parseYaml(text),
    metadataForm,
    (why) => new ConfigError('source', `${path} is not what rosbag2 writes: ${why}`, { path }),
  );
  return information.relative_file_paths.map((name) => join(folder, name));
}
