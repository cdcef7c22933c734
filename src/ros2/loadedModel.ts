import type { CameraPlan } from '../config/cameras.js';
import { type FrameError, describeError } from '../core/errors.js';
import type { FrameHeader } from '../core/frame.js';
import type { BackendSession, ModelInfo, PostprocessThreads } from '../core/ports.js';
import type { PostprocessOptions } from '../core/result.js';
import type { EndedTracks, TrackIds, TrackingOptions } from '../core/tracks.js';
import { FrameScheduler } from '../pipeline/frameScheduler.js';
import { Pipeline } from '../pipeline/pipeline.js';
import type { DropReason, PipelineClock } from '../pipeline/stats.js';
import { classText } from '../messages/classText.js';
import { SwitchedTracking } from '../tracking/switchedTracking.js';
import type { UntoldTracks } from '../tracking/untoldTracks.js';
import type { Outputs } from './outputs/outputs.js';

/** What the parameters ask of the results of a model. */
export interface ResultOptions {
  readonly postprocess: PostprocessOptions;
  /** Null where nothing is followed. */
  readonly tracking: TrackingOptions | null;
}

/** A session that is open, and what the parameters ask of its results. */
export interface OpenModel extends ResultOptions {
  readonly session: BackendSession;
}

/** What of objects that are followed outlives a model. */
export interface TrackHistory {
  /** Of the node: no model gives an id that another one has given. */
  readonly ids: TrackIds;
  /** Of each camera. */
  readonly untold: readonly UntoldTracks[];
}

/** What a loaded model tells the node. */
export interface LoadedModelEvents {
  /** As of the pipeline of this camera. */
  readonly onDrop: (
    camera: CameraPlan,
    reason: DropReason,
    header: FrameHeader,
    error: FrameError | null,
  ) => void;
  /** The session is dead, for all cameras; called at most once. */
  readonly onDeath: (death: string) => void;
}

/** What one camera has of a loaded model: a pipeline of its own, whose results go to outputs of its own. */
export interface CameraLine {
  readonly camera: CameraPlan;
  readonly outputs: Outputs;
  readonly pipeline: Pipeline;
  readonly tracking: SwitchedTracking;
}

/**
 * A model with a line in front of it for each camera: from configure to cleanup, or until another model takes its place.
 *
 * The lines share the session's places by one scheduler, and nothing else: each has its order, counters and timings.
 */
export class LoadedModel {
  readonly model: ModelInfo;
  /** As of the session. */
  readonly postprocess: PostprocessThreads | null;
  /** In the order of the cameras. */
  readonly lines: readonly CameraLine[];
  readonly #session: BackendSession;
  readonly #clock: PipelineClock;
  readonly #events: LoadedModelEvents;
  readonly #scheduler: FrameScheduler;
  #postprocess: PostprocessOptions;
  #death: string | null = null;

  /**
   * The results of each camera go to its outputs. The session is this object's to close from here on.
   *
   * @param clock Of the node, which stamps are compared with.
   */
  constructor(
    { session, ...options }: OpenModel,
    outputs: readonly Outputs[],
    clock: PipelineClock,
    tracks: TrackHistory,
    events: LoadedModelEvents,
  ) {
    this.model = session.model;
    this.postprocess = session.postprocess;
    this.#session = session;
    this.#clock = clock;
    this.#events = events;
    this.#scheduler = new FrameScheduler(session);
    this.#postprocess = options.postprocess;
    const { classNames } = this.model;
    const nameOf = (classId: number) => classText(classId, { classNames, classIdText: 'name' });
    this.lines = outputs.map((ofCamera, camera) =>
      this.#lineOf(ofCamera, new SwitchedTracking(tracks.ids, nameOf, tracks.untold[camera]!)),
    );
    this.use(options);
  }

  /** Why the session is dead; null while it lives. */
  get death(): string | null {
    return this.#death;
  }

  /** Takes effect with the next frame of each camera that is started; what is followed, with the next result. */
  use({ postprocess, tracking }: ResultOptions): void {
    this.#postprocess = postprocess;
    for (const line of this.lines) line.tracking.use(tracking);
  }

  /** Waits for frames in work, within a time limit, and ends the session; rejects where that fails. */
  async close(): Promise<void> {
    await Promise.all(this.lines.map(({ pipeline }) => pipeline.close()));
    await this.#session.close();
  }

  #lineOf(outputs: Outputs, tracking: SwitchedTracking): CameraLine {
    const { camera } = outputs;
    const session = this.#session;
    const { model } = session;
    const recyclePreview = (rgba: ArrayBuffer) => session.recyclePreview(rgba);
    const tellAgain = (tracks: EndedTracks | null) => tracking.tellAgain(tracks);
    const snapshot = () => pipeline.stats.snapshot();
    const pipeline = new Pipeline({
      session,
      scheduler: this.#scheduler,
      clock: this.#clock,
      previewRequest: (header) => outputs.overlay.previewRequest(header),
      postprocessOptions: () => {
        const options = this.#postprocess;
        return outputs.contoursWanted ? options : { ...options, contourTolerancePx: null };
      },
      onResult: (found, preview) => {
        const result = tracking.follow(found, this.#postprocess.scoreThreshold, preview !== null);
        outputs.publish(result, { model, preview, recyclePreview, tellAgain, snapshot });
      },
      onDrop: (reason, header, error) => this.#events.onDrop(camera, reason, header, error),
      onError: (error) => this.#die(error),
    });
    return { camera, outputs, pipeline, tracking };
  }

  /** Every camera's pipeline meets the dead session; it is told once. */
  #die(error: unknown): void {
    if (this.#death !== null) return;
    this.#death = `inference failed: ${describeError(error)}`;
    this.#events.onDeath(this.#death);
  }
}
