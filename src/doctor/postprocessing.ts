/** What a frame's post-processing takes on this CPU, and how many workers keep up with the model. */
import { availableParallelism } from 'node:os';
import { chooseWorkers, mostWorkersSet } from '../backends/bpu/workerChoice.js';
import { openSession } from '../backends/registry.js';
import { measure } from '../bench/measure.js';
import { toPostprocessOptions, toSessionOptions } from '../config/options.js';
import type { ModelInfo } from '../core/ports.js';
import { percentile } from '../core/percentile.js';
import type { StageTimesMs } from '../core/result.js';
import { type Check, ok, warning } from './check.js';
import { readScenes } from './pictures.js';
import type { ModelRequest, ProbeSteps } from './probeMessages.js';

const pictureCount = 4;
/** Code is compiled by then; a slow model has done fewer in the time. */
const warmUp = { frames: 12, ms: 3000 } as const;
const measured = { frames: 20, ms: 5000 } as const;

/** What frames of pictures took in a session, post-processing in one worker. */
export interface TimedFrames {
  readonly model: ModelInfo;
  readonly stageTimesMs: readonly StageTimesMs[];
  readonly instancesPerFrame: number;
}

/** The middle of several milliseconds. */
export const middleOf = (values: readonly number[]) => percentile(values, 0.5)!;

/** Runs the bundled scenes; `onOpen` is told how long opening took. */
export async function timeFrames(
  { backend, modelPath, values }: ModelRequest,
  onOpen: (model: ModelInfo, openMs: number) => void = () => undefined,
): Promise<TimedFrames> {
  const pictures = await readScenes(pictureCount, values['input.yuv_range']);
  const startMs = performance.now();
  const session = await openSession(backend, {
    ...toSessionOptions(values, modelPath),
    postprocessWorkers: 1,
  });
  try {
    onOpen(session.model, performance.now() - startMs);
    const common = {
      session,
      pictures,
      options: toPostprocessOptions(values, session.model.classNames),
      onFrame: () => undefined,
    };
    const run = ({ frames, ms: limitMs }: typeof warmUp | typeof measured) =>
      measure({ ...common, frames, signal: AbortSignal.timeout(limitMs) });
    await run(warmUp);
    const { stageTimesMs, instanceCount } = await run(measured);
    return { model: session.model, stageTimesMs, instancesPerFrame: instanceCount / stageTimesMs.length };
  } finally {
    await session.close();
  }
}

const ms = (value: number) => `${value.toFixed(2)} ms`;

/** The time of one frame in one worker; returns it. */
export function tellPostprocessTime(frames: TimedFrames, steps: ProbeSteps): number {
  const decodeMs = middleOf(frames.stageTimesMs.map(({ decode }) => decode));
  const masksMs = middleOf(frames.stageTimesMs.map(({ masks }) => masks));
  const { instancesPerFrame } = frames;
  const found = `${ms(decodeMs + masksMs)} a frame (decode ${ms(decodeMs)}, masks ${ms(masksMs)}) of the bundled scenes, ${instancesPerFrame.toFixed(1)} instances each`;
  const details = { decodeMs, masksMs, instancesPerFrame, frames: frames.stageTimesMs.length };
  steps.tell(ok('postprocess.time', found, details));
  return decodeMs + masksMs;
}

/** What decides how many workers are needed. */
export interface WorkerNeed {
  readonly postprocessMs: number;
  /** Frames a second that the model does. */
  readonly modelRate: number;
  /** -1 where it is left to the node. */
  readonly configured: number;
  readonly cores: number;
}

/** Judges the number of workers. */
export function checkWorkers({ postprocessMs, modelRate, configured, cores }: WorkerNeed): Check {
  const id = 'postprocess.workers';
  const needed = Math.max(1, Math.ceil((postprocessMs * modelRate) / 1000));
  const details = { needed, configured, cores, postprocessMs, modelRate };
  const isLeft = configured < 0;
  const workers = isLeft ? chooseWorkers({ frameMs: postprocessMs, cores }) : configured;
  const configuredText = isLeft ? `-1, which takes ${workers} at this time of a frame` : String(workers);
  const found = `${needed} needed for ${modelRate.toFixed(1)} frames/s; postprocess.workers is ${configuredText}, ${cores} cores`;
  if (needed > cores) {
    const remedy = `this CPU keeps up with ${((cores * 1000) / postprocessMs).toFixed(0)} frames/s at most: raise score_threshold, or take a smaller model`;
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
