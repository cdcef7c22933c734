import { WorkerLink } from '../threads/workerLink.js';
import type { DrawnPicture, DrawRequest } from './protocol.js';

/** The thread that draws overlays, one after the other. */
export type OverlayWorker = WorkerLink<DrawRequest, null, DrawnPicture>;

/** The worker's module. */
export const overlayScript = new URL('./overlayWorker.js', import.meta.url);

/** How long a worker may take to load. */
const openTimeoutMs = 30_000;

/** Starts the thread; draws are taken once `opening` has resolved. */
export function startOverlayWorker({ script, holdsProcess }: { script: URL; holdsProcess: boolean }): {
  readonly worker: OverlayWorker;
  readonly opening: Promise<null>;
} {
  const worker: OverlayWorker = new WorkerLink({
    script,
    name: 'overlay',
    title: 'the overlay worker',
    setup: {},
    holdsProcess,
  });
  return { worker, opening: worker.ready(openTimeoutMs) };
}
