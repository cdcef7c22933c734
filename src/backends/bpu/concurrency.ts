import { spareSlots } from './taskFailures.js';

/**
 * How many frames each stage may hold, so that the BPU never waits for the CPU and no frame waits longer than it must.
 */
export interface BpuConcurrency {
  /** Tasks on the BPU at once. */
  readonly taskCount: number;
  /** As in BackendSession: one is prepared while the tasks run. */
  readonly inputsInFlight: number;
  /** As in BackendSession: one more for each thread that post-processes. */
  readonly framesInFlight: number;
  /** One for each frame, and the spare ones for tasks that never end: see TaskFailures. */
  readonly slotCount: number;
}

/** Two fill the BPU: while one computes, the other's CPU side is done. */
const defaultTasksInFlight = 2;

/**
 * How many frames may be in work, and how many of them up to their inference.
 *
 * @param tasksInFlight 0 takes the default.
 * @param postprocessWorkers 0 is the caller's thread.
 * @param slotWorkers For how many workers there are slots, where the number of workers is chosen once these are there.
 */
export function planConcurrency(
  tasksInFlight: number,
  postprocessWorkers: number,
  slotWorkers = postprocessWorkers,
): BpuConcurrency {
  const taskCount = tasksInFlight || defaultTasksInFlight;
  const inputsInFlight = taskCount + 1;
  const framesInFlight = inputsInFlight + Math.max(1, postprocessWorkers);
  const slotCount = inputsInFlight + Math.max(1, slotWorkers) + spareSlots;
  return { taskCount, inputsInFlight, framesInFlight, slotCount };
}
