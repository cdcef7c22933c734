import { openSession } from '../backends/registry.js';
import type { SizedPicture } from '../camera/frames.js';
import type { ModelInfo, SessionOptions } from '../core/ports.js';
import type { PostprocessOptions } from '../core/result.js';
import { readClocks } from './clocks.js';
import { figuresOf, type TaskFigures } from './figures.js';
import { measure } from './measure.js';
import { type BenchReport, buildReport } from './report.js';

/** Least and most frames before each measurement, so that code is compiled and caches and clocks are up. */
const warmUpLimits = { least: 16, most: 64 } as const;

/** What `rdk-yolo-seg bench` is to measure. */
export interface BenchRequest {
  readonly backend: string;
  readonly session: Omit<SessionOptions, 'tasksInFlight'>;
  /** Ascending; not empty. */
  readonly taskCounts: readonly number[];
  /** Per number of tasks. */
  readonly frames: number;
  readonly pictures: readonly SizedPicture[];
  readonly options: (model: ModelInfo) => PostprocessOptions;
  readonly signal: AbortSignal;
  readonly onProgress: (tasksInFlight: number, done: number) => void;
}

/** How many pictures are shown. */
function shownPictures({ pictures, frames }: BenchRequest): number {
  return Math.min(pictures.length, frames);
}

/** Frames of warm-up, which do not count: each picture once, within limits. */
function warmUpFramesOf(request: BenchRequest): number {
  return Math.min(Math.max(shownPictures(request), warmUpLimits.least), warmUpLimits.most);
}

async function measureWith(
  request: BenchRequest,
  tasksInFlight: number,
): Promise<{ readonly figures: TaskFigures; readonly model: ModelInfo }> {
  const { backend, pictures, frames, signal, onProgress } = request;
  const session = await openSession(backend, { ...request.session, tasksInFlight });
  try {
    const common = { session, pictures, options: request.options(session.model), signal };
    await measure({ ...common, frames: warmUpFramesOf(request), onFrame: () => {} });
    signal.throwIfAborted();
    const run = await measure({ ...common, frames, onFrame: (done) => onProgress(tasksInFlight, done) });
    signal.throwIfAborted();
    return { figures: figuresOf(tasksInFlight, run), model: session.model };
  } finally {
    await session.close();
  }
}

/**
 * Measures a model with each number of tasks in flight, each in a session of its own.
 *
 * Rejects as opening and running a session do, and with the signal's reason after an abort; the session is closed
 * by then.
 */
export async function runBench(request: BenchRequest): Promise<BenchReport> {
  const levels: TaskFigures[] = [];
  let lastModel: ModelInfo | null = null;
  const clocks = await readClocks();
  for (const tasksInFlight of request.taskCounts) {
    request.signal.throwIfAborted();
    const { figures, model } = await measureWith(request, tasksInFlight);
    levels.push(figures);
    lastModel = model;
  }
  const { path, backend, inputWidthPx, inputHeightPx } = lastModel!;
  return buildReport(
    {
      model: path,
      backend,
      inputWidthPx,
      inputHeightPx,
      pictures: shownPictures(request),
      warmUpFrames: warmUpFramesOf(request),
      clocks,
    },
    levels,
  );
}
