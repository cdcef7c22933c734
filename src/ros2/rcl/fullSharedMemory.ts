import { TransportError } from '../../core/errors.js';
import { describeFullness, roomOf, roomRemedy, sharedMemoryFolder } from '../../files/sharedMemoryRoom.js';

/** Throws TransportError where shared memory is so full that loading ROS would end the process without a word. */
export function refuseFullSharedMemory(): void {
  const room = roomOf(sharedMemoryFolder);
  const fullness = room === null ? null : describeFullness(room);
  if (fullness === null) return;
  throw new TransportError('shared_memory', `${sharedMemoryFolder} has ${fullness}. ${roomRemedy}`, {
    freeBytes: room?.freeBytes,
  });
}
