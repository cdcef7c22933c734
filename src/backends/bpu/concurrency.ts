import type { SessionAim } from '../../core/ports.js';
import { spareSlots } from './taskFailures.js';

/**
 * How many frames each stage may hold, so that the BPU never waits for the CPU and no frame waits longer than it must.
 */
export interface BpuConcurrency {
  /** Tasks on the BPU at once. */
  readonly taskCount: number;
  /** As in BackendSession: the tasks, and what is prepared while they run. */
  readonly inputsInFlight: number;
  /** As in BackendSession: one more for each thread that post-processes. */
  readonly framesInFlight: number;
  /** One for each frame, and the spare ones for tasks that never end: see TaskFailures. */
  readonly slotCount: number;
}

/** Two fill the BPU: while one computes, the other's CPU side is done. */
const defaultTasksInFlight = 2;

/**
 * How many frames are prepared while the tasks run. One is enough where results are to be young. Of files more are, so that the
 * BPU has work while this process reads and writes: 170 instead of 130 frames/s of 1080p with the stand-in, two cores, load 3.
 */
const preparedInputs: Record<SessionAim, number> = { age: 1, rate: 3 };

/** What the numbers of frames are planned from. */
export interface ConcurrencyRequest {
  readonly aim: SessionAim;
  /** 0 takes the default. */
  readonly tasksInFlight: number;
  /** 0 is the caller's thread. */
  readonly postprocessWorkers: number;
  /** For how many workers there are slots, where the number of workers is chosen once these are there. */
  readonly slotWorkers?: number;
}

/** How many frames may be in work, and how many of them up to their inference. */
export function planConcurrency({
  aim,
  tasksInFlight,
  postprocessWorkers,
  slotWorkers = postprocessWorkers,
}: ConcurrencyRequest): BpuConcurrency {
  const taskCount = tasksInFlight || defaultTasksInFlight;
  const inputsInFlight = taskCount + preparedInputs[aim];
  const framesInFlight = inputsInFlight + Math.max(1, postprocessWorkers);
  const slotCount = inputsInFlight + Math.max(1, slotWorkers) + spareSlots;
  return { taskCount, inputsInFlight, framesInFlight, slotCount };
}
