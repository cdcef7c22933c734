import { statfsSync } from 'node:fs';
import { hbmMessages } from '../core/hbmMessages.js';
import { megabytes } from '../core/words.js';

/** Where Linux keeps named shared memory. */
export const sharedMemoryFolder = '/dev/shm';

/** Of a file system, bytes. */
export interface Room {
  readonly totalBytes: number;
  readonly freeBytes: number;
}

/** A camera of TROS keeps so many messages in shared memory. */
const cameraDepth = 5;
/** What Fast DDS makes of the built-in profile's send buffer, for each process; with less than one of them free nothing is shared. */
export const segmentBytes = 8 * 2 ** 20;

/** The room of the file system that holds a folder; null where it cannot be told. */
export function roomOf(folder: string): Room | null {
  try {
    const { blocks, bavail, bsize } = statfsSync(folder);
    return { totalBytes: blocks * bsize, freeBytes: bavail * bsize };
  } catch {
    return null;
  }
}

/** `2.4 MB of 20.5 MB free` */
export function describeRoom({ freeBytes, totalBytes }: Room): string {
  return `${megabytes(freeBytes)} of ${megabytes(totalBytes)} free`;
}

/** What is missing for a camera of the largest message and the node, in words; null where the room is enough. */
export function describeShortage(room: Room): string | null {
  const largest = hbmMessages.at(-1)!;
  const neededBytes = cameraDepth * largest.capacityBytes + 2 * segmentBytes;
  if (room.freeBytes >= neededBytes) return null;
  return `${describeRoom(room)}; a camera of ${largest.name} and the node need ${megabytes(neededBytes)}`;
}

/**
 * What is missing for ROS to be loaded at all, in words; null where there is enough. Its tracing library (lttng-ust) writes to two pages
 * there while it is loaded, and a page that finds no room ends the process by SIGBUS, without a word.
 */
export function describeFullness(room: Room): string | null {
  const neededBytes = 64 * 1024;
  if (room.freeBytes >= neededBytes) return null;
  return `${describeRoom(room)}; with less than ${neededBytes / 1024} KiB the libraries of ROS end the process by a bus error`;
}

/** How to have more room in shared memory. */
export const roomRemedy =
  'rdk-yolo-seg clean-shm removes what ended processes left; a container gets more by --shm-size=256m, a board by: sudo mount -o remount,size=50% /dev/shm';
