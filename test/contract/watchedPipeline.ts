import type { BackendSession } from '#dist/core/ports.js';
import { Pipeline } from '#dist/pipeline/pipeline.js';
import { defaultOptions } from '../support/defaultOptions.js';

/** An active pipeline on a session, with the sequences it has published and the errors it has died of. */
export function watchedPipeline(session: BackendSession) {
  const errors: unknown[] = [];
  const published: number[] = [];
  const pipeline = new Pipeline({
    session,
    onResult: (result) => published.push(result.header.sequence),
    onError: (error) => errors.push(error),
    previewRequest: () => null,
    postprocessOptions: () => defaultOptions,
  });
  pipeline.activate();
  return { pipeline, errors, published };
}
