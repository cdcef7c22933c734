import { Command } from 'commander';
import { ConfigError } from '../core/errors.js';
import { counted, megabytes, shown } from '../core/words.js';
import {
  refuseBlindContainer,
  removeSharedMemory,
  type SharedMemoryFile,
  surveySharedMemory,
} from '../files/sharedMemoryFiles.js';

function sizeText(files: readonly SharedMemoryFile[]): string {
  const sizeBytes = files.reduce((sum, file) => sum + file.sizeBytes, 0);
  return `${counted(files.length, 'file')}, ${megabytes(sizeBytes)}`;
}

/** Removes what is stale unless it is a dry run, and tells what it found. */
function clean({ dryRun }: { dryRun: boolean }): void {
  refuseBlindContainer();
  const { stale, used, users } = surveySharedMemory();
  const left = dryRun ? [] : removeSharedMemory(stale);
  const removed = stale.filter((file) => !left.includes(file));
  console.log(`${dryRun ? 'would remove' : 'removed'} what ended processes left: ${sizeText(removed)}`);
  const names = [...users].map(([pid, name]) => `${name} (${pid})`).sort();
  console.log(`in use: ${sizeText(used)}${names.length === 0 ? '' : `, by ${names.map(shown).join(', ')}`}`);
  if (left.length > 0) {
    const owners = [...new Set(left.map(({ ownerUid }) => ownerUid))].join(', ');
    const what = `clean-shm: ${sizeText(left)}, cannot be removed: they belong to user ${owners}; run it as that user, or with sudo`;
    throw new ConfigError('shared_memory', what, { files: left.length });
  }
}

/** `rdk-yolo-seg clean-shm`: what killed ROS processes left in shared memory, of which Fast DDS's own tool leaves the frames. */
export function cleanSharedMemoryCommand(): Command {
  return new Command('clean-shm')
    .option('--dry-run', 'tell what would be removed, and remove nothing', false)
    .action(clean);
}
