import { setImmediate } from 'node:timers/promises';
import type { CocoFile, CocoImage } from '../../evaluate/cocoFile.js';
import { type TruthPicture, truthSteps } from '../../evaluate/groundTruth.js';

/** For so long the event loop may stand still while objects are read. */
const turnMs = 50;

/**
 * Reads the objects of one picture at a time. A picture may have a million of them: reading gives way to other work, and ends with
 * the reason of an abort.
 *
 * The function throws what the steps of `truthSteps` throw.
 */
export function truthReader(
  file: CocoFile,
  path: string,
  signal: AbortSignal,
): (image: CocoImage) => Promise<TruthPicture> {
  const begin = truthSteps(file, path);
  return async (image) => {
    const steps = begin(image);
    let turnStartMs = performance.now();
    for (;;) {
      const { done, value } = steps.next();
      if (done === true) return value;
      if (performance.now() - turnStartMs < turnMs) continue;
      await setImmediate();
      signal.throwIfAborted();
      turnStartMs = performance.now();
    }
  };
}
