/** What a frame's post-processing takes on this CPU, and how many workers keep up with the model. */
import { availableParallelism } from 'node:os';
import { chooseWorkers, mostWorkersSet, workersFor } from '../backends/bpu/workerChoice.js';
import type { ResolvedHeads } from '../model/heads.js';
import { Postprocessor } from '../postprocess/postprocess.js';
import { warmUp } from '../postprocess/warmUp.js';
import { type Check, ok, warning } from './check.js';

/** Times the made-up, crowded frame by which the node chooses its workers; `details.frameMs` has the milliseconds. */
export function checkPostprocessTime(heads: ResolvedHeads): Check {
  const frameMs = warmUp(new Postprocessor(heads));
  const found = `${frameMs.toFixed(2)} ms: a made-up, crowded frame of this model in one worker, by which the node chooses their number`;
  return ok('postprocess.time', found, { frameMs });
}

/** What decides how many workers are needed. */
export interface WorkerNeed {
  /** Of {@link checkPostprocessTime}. */
  readonly frameMs: number;
  /** Frames a second that the model does. */
  readonly modelRate: number;
  /** -1 where it is left to the node. */
  readonly configured: number;
  readonly cores: number;
}

/** Judges the number of workers. */
export function checkWorkers({ frameMs, modelRate, configured, cores }: WorkerNeed): Check {
  const id = 'postprocess.workers';
  const needed = workersFor(frameMs, modelRate);
  const details = { needed, configured, cores, frameMs, modelRate };
  const isLeft = configured < 0;
  const workers = isLeft ? chooseWorkers({ frameMs, cores }) : configured;
  const configuredText = isLeft ? `-1, which takes ${workers} at this time of a frame` : String(workers);
  const found = `${needed} needed for ${modelRate.toFixed(1)} crowded frames/s; postprocess.workers is ${configuredText}, ${cores} cores`;
  if (needed > cores) {
    const remedy = `this CPU keeps up with ${((cores * 1000) / frameMs).toFixed(0)} such frames/s at most: raise score_threshold, or take a smaller model`;
    return warning(id, found, remedy, details);
  }
  if (needed > mostWorkersSet) {
    const remedy = `set postprocess.workers: ${mostWorkersSet}, the most there are, and raise score_threshold`;
    return warning(id, found, remedy, details);
  }
  if (needed > workers) return warning(id, found, `set postprocess.workers: ${needed}`, details);
  return ok(id, found, details);
}

/** The machine's part of {@link WorkerNeed}. */
export const coresHere = () => availableParallelism();
