/** Room in /dev/shm, and what ended processes left there. */
import { join } from 'node:path';
import { describeError } from '../core/errors.js';
import { counted, megabytes } from '../core/words.js';
import { refuseBlindContainer, surveySharedMemory } from '../files/sharedMemoryFiles.js';
import { describeRoom, describeShortage, roomRemedy, segmentBytes } from '../files/sharedMemoryRoom.js';
import { type Check, fault, notApplicable, ok, warning } from './check.js';
import type { Machine } from './machine.js';

const memoryFolder = 'dev/shm';

function checkRoom({ root, roomOf }: Machine): Check {
  const id = 'shm.room';
  const folder = join(root, memoryFolder);
  const room = roomOf(folder);
  if (room === null) return notApplicable(id, 'no such folder: /dev/shm');
  const details = { ...room };
  const shortage = describeShortage(room);
  if (shortage === null) return ok(id, describeRoom(room), details);
  const isFull = room.freeBytes < segmentBytes;
  return (isFull ? fault : warning)(id, shortage, roomRemedy, details);
}

function checkStale({ root }: Machine): Check {
  const id = 'shm.stale';
  const folders = { memory: join(root, memoryFolder), processes: join(root, 'proc') };
  try {
    refuseBlindContainer(folders);
    const { stale, used } = surveySharedMemory(folders);
    const sizeBytes = stale.reduce((sum, file) => sum + file.sizeBytes, 0);
    const details = { files: stale.length, sizeBytes, filesInUse: used.length };
    if (stale.length === 0) return ok(id, `none; ${counted(used.length, 'file')} in use`, details);
    const found = `${counted(stale.length, 'file')} of ended processes, ${megabytes(sizeBytes)}`;
    return warning(id, found, 'rdk-yolo-seg clean-shm', details);
  } catch (error) {
    return notApplicable(id, `cannot be told: ${describeError(error)}`);
  }
}

/** The checks of this family. */
export function checkSharedMemory(machine: Machine): Check[] {
  return [checkRoom(machine), checkStale(machine)];
}
