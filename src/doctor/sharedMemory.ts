/** Room in /dev/shm, and what ended processes left there. */
import { join } from 'node:path';
import { hbmMessages } from '../core/hbmMessages.js';
import { describeError } from '../core/errors.js';
import { counted } from '../core/words.js';
import { refuseBlindContainer, surveySharedMemory } from '../files/sharedMemoryFiles.js';
import { type Check, fault, notApplicable, ok, warning } from './check.js';
import type { Machine } from './machine.js';

const memoryFolder = 'dev/shm';
/** A camera of TROS keeps so many messages in shared memory. */
const cameraDepth = 5;
/** What Fast DDS makes of the built-in profile's send buffer, for each process. */
const segmentBytes = 8 * 2 ** 20;

const megabytes = (bytes: number) => `${(bytes / 1e6).toFixed(1)} MB`;

function checkRoom({ root, roomOf }: Machine): Check {
  const id = 'shm.room';
  const folder = join(root, memoryFolder);
  const room = roomOf(folder);
  if (room === null) return notApplicable(id, 'no such folder: /dev/shm');
  const details = { ...room };
  const found = `${megabytes(room.freeBytes)} of ${megabytes(room.totalBytes)} free`;
  const largest = hbmMessages.at(-1)!;
  const neededBytes = cameraDepth * largest.capacityBytes + 2 * segmentBytes;
  if (room.freeBytes >= neededBytes) return ok(id, found, details);
  const needs = `a camera of ${largest.name} and the node need ${megabytes(neededBytes)}`;
  const remedy =
    'rdk-yolo-seg clean-shm removes what ended processes left; a container gets more by --shm-size=256m, a board by: sudo mount -o remount,size=50% /dev/shm';
  const isFull = room.freeBytes < segmentBytes;
  return (isFull ? fault : warning)(id, `${found}; ${needs}`, remedy, details);
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
