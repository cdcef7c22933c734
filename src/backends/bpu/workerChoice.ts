/** What the number of post-processing workers is chosen from. */
export interface WorkerFigures {
  /** What a made-up, crowded frame takes one worker, in milliseconds: see `warmUp`. */
  readonly frameMs: number;
  /** Cores that this process may use. */
  readonly cores: number;
}

/** The highest published rate of a segmentation model on an X5: 5.5 ms of its BPU, with two tasks in flight. */
const mostFramesPerSecond = 182;

/** The most that `postprocess.workers` takes; each has a slot of the 64 that the BPU's memory is divided into. */
export const mostWorkersSet = 8;

/** Half of the cores, at least one: the others are for the camera, the node and who takes its results. */
export const mostWorkers = (cores: number): number =>
  Math.min(mostWorkersSet, Math.max(1, Math.floor(cores / 2)));

/** How many workers keep up with so many frames a second; at least one. */
export const workersFor = (frameMs: number, framesPerSecond: number): number =>
  Math.max(1, Math.ceil((frameMs * framesPerSecond) / 1000));

/**
 * How many workers hold the X5's highest rate, as far as half of the cores and eight workers go.
 *
 * The same figures give the same number, but a frame is timed anew at every configure. Results do not depend on the number; a
 * worker too many costs memory only, one too few costs frames.
 */
export function chooseWorkers({ frameMs, cores }: WorkerFigures): number {
  return Math.min(workersFor(frameMs, mostFramesPerSecond), mostWorkers(cores));
}

/** The figures of a choice in words, for logs. */
export function describeChoice({ frameMs, cores }: WorkerFigures): string {
  return `a made-up frame takes one ${frameMs.toFixed(2)} ms; for ${mostFramesPerSecond} frames/s, with at most half of ${cores} cores`;
}
