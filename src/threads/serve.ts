import type { MessagePort } from 'node:worker_threads';
import { serialiseError } from '../core/serialisedError.js';
import type { FromWorker, ToWorker } from './protocol.js';

/** What a worker does for the thread that uses it. */
export interface Service<Run, Outcome> {
  /** An error thrown here reaches the caller. Null sends no answer, for runs that nobody waits for any more. */
  run(run: Run): Promise<Outcome | null> | Outcome | null;
  /** Buffers that came with a run and go back with its answer, also where that is a failure. */
  returned?(run: Run): readonly ArrayBuffer[];
  /** Buffers of an outcome that are transferred to the caller. */
  transferred(outcome: Outcome): readonly ArrayBuffer[];
  close?(): Promise<void> | void;
}

/**
 * The worker's side of a WorkerLink: answers `ready`, then serves runs one after the other until it is closed.
 *
 * @param port the one in `workerData`, see LinkSetup
 */
export function serve<Run, Ready, Outcome>(
  port: MessagePort,
  ready: Ready,
  service: Service<Run, Outcome>,
): void {
  const post = (message: FromWorker<Ready, Outcome>, transfer: readonly ArrayBuffer[]) =>
    port.postMessage(message, transfer);

  const answer = async (id: number, run: Run): Promise<void> => {
    const returned = service.returned?.(run) ?? [];
    try {
      const outcome = await service.run(run);
      if (outcome === null) return;
      post({ kind: 'done', id, outcome, returned }, [...returned, ...service.transferred(outcome)]);
    } catch (error) {
      post({ kind: 'failed', id, error: serialiseError(error), returned }, returned);
    }
  };

  let last: Promise<void> = Promise.resolve();
  port.on('message', (message: ToWorker<Run>) => {
    last = last.then(async () => {
      if (message.kind === 'run') return answer(message.id, message.run);
      await service.close?.();
      port.close();
    });
  });
  post({ kind: 'ready', ready }, []);
}
