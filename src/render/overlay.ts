import { SegError } from '../core/errors.js';
import type { FrameHeader } from '../core/frame.js';
import type { Instances, PreviewImage } from '../core/result.js';
import type { FrameTracks } from '../core/tracks.js';
import { type OverlayWorker, overlayScript, startOverlayWorker } from './overlayLink.js';
import type { DrawRequest } from './protocol.js';

/** A frame with what was found in it, for the worker to paint over. */
export interface OverlayJob {
  /** Of the source frame; its size is the space of the instances. */
  readonly header: FrameHeader;
  /** Its bytes move to the worker. */
  readonly preview: PreviewImage;
  /** Its bytes are free again. */
  readonly onRecycle: (rgba: ArrayBuffer) => void;
  readonly instances: Instances;
  /** Null where nothing is followed. */
  readonly tracks: FrameTracks | null;
  /** As of OverlayContent. */
  readonly distancesM: Float32Array | null;
  /** Index = class id. */
  readonly classNames: readonly string[];
  /** Items of the status line, most wanted first. */
  readonly statusLine: readonly string[];
  /** Wants packed RGB bytes. */
  readonly raw: boolean;
  /** Wants a JPEG file of this quality, 1 to 100. */
  readonly jpegQuality: number | null;
}

/** The preview of a frame with its instances painted over, in the forms asked for. */
export interface OverlayImage {
  readonly header: FrameHeader;
  readonly widthPx: number;
  readonly heightPx: number;
  /** [heightPx * widthPx * 3] packed rows, where asked for. */
  readonly rgb: Uint8Array | null;
  readonly jpeg: Uint8Array | null;
}

/** Whom the renderer tells. */
export interface OverlayCallbacks {
  readonly onImage: (image: OverlayImage) => void;
  /** A job failed or the worker died; the next job is tried again. */
  readonly onError: (error: unknown) => void;
}

/** A worker that dies is not started again sooner than this. */
const restartDelayMs = 1000;

/**
 * Draws overlays in a worker of its own. One job is drawn and one waits, the latest: a replaced job is dropped and
 * its preview recycled. The worker starts with the first job and never keeps the process alive.
 */
export class OverlayRenderer {
  readonly #callbacks: OverlayCallbacks;
  readonly #script: URL;
  #worker: OverlayWorker | null = null;
  /** Until the worker can draw. */
  #opening: Promise<null> | null = null;
  #isDrawing = false;
  #waiting: OverlayJob | null = null;
  #mayStartMs = 0;
  #closed = false;

  /** @param script The worker's module; tests give workers that misbehave. */
  constructor(callbacks: OverlayCallbacks, script = overlayScript) {
    this.#callbacks = callbacks;
    this.#script = script;
  }

  /** Takes a job; the newest replaces one that waits. Does nothing but recycle after `close`. */
  submit(job: OverlayJob): void {
    if (this.#closed) {
      job.onRecycle(job.preview.rgba);
      return;
    }
    this.#waiting?.onRecycle(this.#waiting.preview.rgba);
    this.#waiting = job;
    this.#next();
  }

  /** Ends the worker at once; a job in it yields nothing any more. Safe to call again. */
  async close(): Promise<void> {
    this.#closed = true;
    this.#waiting?.onRecycle(this.#waiting.preview.rgba);
    this.#waiting = null;
    const worker = this.#worker;
    this.#worker = null;
    await worker?.terminate();
  }

  #next(): void {
    const job = this.#waiting;
    if (job === null || this.#isDrawing) return;
    const worker = this.#worker ?? this.#start();
    if (worker === null) return;
    this.#waiting = null;
    this.#isDrawing = true;
    void this.#draw(worker, job).finally(() => {
      this.#isDrawing = false;
      this.#next();
    });
  }

  #start(): OverlayWorker | null {
    if (performance.now() < this.#mayStartMs) return null;
    const { worker, opening } = startOverlayWorker({ script: this.#script, holdsProcess: false });
    this.#worker = worker;
    this.#opening = opening;
    return worker;
  }

  /** Draws one job and hands the picture out; never rejects. */
  async #draw(worker: OverlayWorker, job: OverlayJob): Promise<void> {
    const { header, preview } = job;
    try {
      await this.#opening;
      const { rgb, jpeg } = await worker.run(requestOf(job), [preview.rgba], ([rgba]) => {
        if (rgba !== undefined) job.onRecycle(rgba);
      });
      if (this.#closed) return;
      this.#callbacks.onImage({ header, widthPx: preview.widthPx, heightPx: preview.heightPx, rgb, jpeg });
    } catch (error) {
      if (this.#closed) return;
      // A debug picture that fails, or its receiver, must cost neither the process nor the next picture.
      this.#callbacks.onError(this.#explained(worker, error));
    }
  }

  #explained(worker: OverlayWorker, error: unknown): unknown {
    if (worker.death === null || !(error instanceof Error)) return error;
    this.#worker = null;
    this.#mayStartMs = performance.now() + restartDelayMs;
    return new SegError('overlay_worker', error.message, {}, error.cause);
  }
}

function requestOf({
  header,
  preview,
  instances,
  tracks,
  distancesM,
  classNames,
  statusLine,
  raw,
  jpegQuality,
}: OverlayJob): DrawRequest {
  const { rgba, widthPx, heightPx } = preview;
  const { widthPx: sourceWidthPx, heightPx: sourceHeightPx } = header;
  return {
    rgba,
    widthPx,
    heightPx,
    content: { instances, tracks, distancesM, sourceWidthPx, sourceHeightPx, classNames, statusLine },
    raw,
    jpegQuality,
  };
}
