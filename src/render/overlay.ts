import { Worker } from 'node:worker_threads';
import { SegError } from '../core/errors.js';
import type { FrameHeader } from '../core/frame.js';
import type { Instances, PreviewImage } from '../core/result.js';
import type { DrawAnswer, DrawRequest } from './protocol.js';

/** An overlay to draw. */
export interface OverlayJob {
  /** Of the source frame; its size is the space of the instances. */
  readonly header: FrameHeader;
  /** Its bytes move to the worker and come back through `onRecycle`. */
  readonly preview: PreviewImage;
  readonly instances: Instances;
  /** Index = class id. */
  readonly classNames: readonly string[];
  /** Items of the status line, most wanted first. */
  readonly statusLine: readonly string[];
  /** Wants packed RGB bytes. */
  readonly raw: boolean;
  /** Wants a JPEG file of this quality, 1 to 100. */
  readonly jpegQuality: number | null;
}

/** A drawn overlay. */
export interface OverlayImage {
  readonly header: FrameHeader;
  readonly widthPx: number;
  readonly heightPx: number;
  /** [heightPx * widthPx * 3] packed rows, where asked for. */
  readonly rgb: Uint8Array | null;
  readonly jpeg: Uint8Array | null;
}

export interface OverlayCallbacks {
  readonly onImage: (image: OverlayImage) => void;
  /** A job failed or the worker died; the next job is tried again. */
  readonly onError: (error: unknown) => void;
  /** The preview's bytes are free again. */
  readonly onRecycle: (rgba: ArrayBuffer) => void;
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
  #worker: Worker | null = null;
  #drawing: OverlayJob | null = null;
  #waiting: OverlayJob | null = null;
  #nextId = 0;
  #mayStartMs = 0;
  #closed = false;

  /** @param script The worker's module; tests give workers that misbehave. */
  constructor(callbacks: OverlayCallbacks, script = new URL('./overlayWorker.js', import.meta.url)) {
    this.#callbacks = callbacks;
    this.#script = script;
  }

  /** Takes a job; the newest replaces one that waits. Does nothing but recycle after `close`. */
  submit(job: OverlayJob): void {
    if (this.#closed) {
      this.#callbacks.onRecycle(job.preview.rgba);
      return;
    }
    if (this.#waiting !== null) this.#callbacks.onRecycle(this.#waiting.preview.rgba);
    this.#waiting = job;
    this.#next();
  }

  /** Ends the worker at once; a job in it yields nothing any more. Safe to call again. */
  async close(): Promise<void> {
    this.#closed = true;
    if (this.#waiting !== null) this.#callbacks.onRecycle(this.#waiting.preview.rgba);
    this.#waiting = null;
    const worker = this.#worker;
    this.#worker = null;
    this.#drawing = null;
    worker?.removeAllListeners();
    await worker?.terminate();
  }

  #next(): void {
    const job = this.#waiting;
    if (job === null || this.#drawing !== null) return;
    const worker = this.#worker ?? this.#start();
    if (worker === null) return;
    this.#waiting = null;
    this.#drawing = job;
    const { header, preview, instances, classNames, statusLine, raw, jpegQuality } = job;
    const request: DrawRequest = {
      id: this.#nextId++,
      rgba: preview.rgba,
      widthPx: preview.widthPx,
      heightPx: preview.heightPx,
      content: {
        instances,
        sourceWidthPx: header.widthPx,
        sourceHeightPx: header.heightPx,
        classNames,
        statusLine,
      },
      raw,
      jpegQuality,
    };
    try {
      worker.postMessage(request, [preview.rgba]);
    } catch (error) {
      // What cannot be copied to a worker loses this job, not the renderer.
      this.#drawing = null;
      this.#callbacks.onError(new SegError('overlay', 'a job could not be handed over', {}, error));
    }
  }

  #start(): Worker | null {
    if (performance.now() < this.#mayStartMs) return null;
    const worker = new Worker(this.#script, { name: 'overlay', execArgv: [] });
    worker.on('message', (answer: DrawAnswer) => this.#onAnswer(answer));
    worker.on('error', (error) => this.#onDeath(worker, `ended by ${error.message}`, error));
    worker.on('exit', (exitCode) => this.#onDeath(worker, `exited with code ${exitCode}`));
    // After the listeners: adding one for messages holds the process again.
    worker.unref();
    this.#worker = worker;
    return worker;
  }

  #onAnswer(answer: DrawAnswer): void {
    const job = this.#drawing;
    this.#drawing = null;
    this.#callbacks.onRecycle(answer.rgba);
    this.#next();
    if ('failure' in answer) {
      this.#callbacks.onError(new SegError('overlay', `drawing failed: ${answer.failure}`));
    } else if (job !== null) {
      const { header, preview } = job;
      const { rgb, jpeg } = answer;
      try {
        this.#callbacks.onImage({ header, widthPx: preview.widthPx, heightPx: preview.heightPx, rgb, jpeg });
      } catch (error) {
        // Thrown into the event loop it would end the process for the sake of a debug picture.
        this.#callbacks.onError(error);
      }
    }
  }

  #onDeath(worker: Worker, how: string, cause?: unknown): void {
    // The exit that follows an error is no second death.
    if (this.#worker !== worker) return;
    this.#worker = null;
    this.#drawing = null;
    this.#mayStartMs = performance.now() + restartDelayMs;
    this.#callbacks.onError(new SegError('overlay_worker', `the overlay worker ${how}`, {}, cause));
  }
}
