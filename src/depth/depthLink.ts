import { WorkerLink } from '../threads/workerLink.js';
import type { MeasureOutcome, MeasureRequest } from './protocol.js';

/** The thread that reads depth pictures, one after the other. */
export type DepthWorker = WorkerLink<MeasureRequest, null, MeasureOutcome>;

/** How long a worker may take to load. */
const openTimeoutMs = 30_000;

/** Starts the thread; requests are taken once `opening` has resolved. It never keeps the process alive. */
export function startDepthWorker(): { readonly worker: DepthWorker; readonly opening: Promise<null> } {
  const worker: DepthWorker = new WorkerLink({
    script: new URL('./depthWorker.js', import.meta.url),
    name: 'depth',
    title: 'the depth worker',
    setup: {},
    holdsProcess: false,
  });
  return { worker, opening: worker.ready(openTimeoutMs) };
}
