import { type FrameError, describeError } from '../core/errors.js';
import type { FrameHeader } from '../core/frame.js';
import type { BackendSession, ModelInfo, PostprocessThreads } from '../core/ports.js';
import type { PostprocessOptions } from '../core/result.js';
import { Pipeline } from '../pipeline/pipeline.js';
import type { DropReason, PipelineClock } from '../pipeline/stats.js';
import type { Outputs } from './outputs/outputs.js';

/** A session that is open, and what the parameters ask of its results. */
export interface OpenModel {
  readonly session: BackendSession;
  readonly postprocess: PostprocessOptions;
}

/** What a loaded model tells the node. */
export interface LoadedModelEvents {
  /** As of the pipeline. */
  readonly onDrop: (reason: DropReason, header: FrameHeader, error: FrameError | null) => void;
  /** The session is dead; called at most once. */
  readonly onDeath: (death: string) => void;
}

/** A model with the pipeline in front of it: from configure to cleanup, or until another model takes its place. */
export class LoadedModel {
  readonly model: ModelInfo;
  /** As of the session. */
  readonly postprocess: PostprocessThreads | null;
  readonly pipeline: Pipeline;
  readonly #session: BackendSession;
  #postprocess: PostprocessOptions;
  #death: string | null = null;

  /**
   * Its results go to these outputs. The session is this object's to close from here on.
   *
   * @param clock Of the node, which stamps are compared with.
   */
  constructor(
    { session, postprocess }: OpenModel,
    outputs: Outputs,
    clock: PipelineClock,
    events: LoadedModelEvents,
  ) {
    const { model } = session;
    this.model = model;
    this.postprocess = session.postprocess;
    this.#session = session;
    this.#postprocess = postprocess;
    const recyclePreview = (rgba: ArrayBuffer) => session.recyclePreview(rgba);
    const snapshot = () => this.pipeline.stats.snapshot();
    this.pipeline = new Pipeline({
      session,
      clock,
      previewRequest: (header) => outputs.overlay.previewRequest(header),
      postprocessOptions: () => {
        const options = this.#postprocess;
        return outputs.contoursWanted ? options : { ...options, contourTolerancePx: null };
      },
      onResult: (result, preview) => outputs.publish(result, { model, preview, recyclePreview, snapshot }),
      onDrop: events.onDrop,
      onError: (error) => {
        this.#death = `inference failed: ${describeError(error)}`;
        events.onDeath(this.#death);
      },
    });
  }

  /** Why the session is dead; null while it lives. */
  get death(): string | null {
    return this.#death;
  }

  /** Takes effect with the next frame. */
  use(postprocess: PostprocessOptions): void {
    this.#postprocess = postprocess;
  }

  /** Waits for frames in work, within a time limit, and ends the session; rejects where that fails. */
  async close(): Promise<void> {
    await this.pipeline.close();
    await this.#session.close();
  }
}
