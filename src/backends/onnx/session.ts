import { ClosedError } from '../../core/errors.js';
import type { FrameLease } from '../../core/frame.js';
import type {
  BackendSession,
  ModelInfo,
  PreparedFrame,
  PreviewRequest,
  SessionOptions,
} from '../../core/ports.js';
import type { FrameResult, PostprocessOptions } from '../../core/result.js';
import { FramePreparer } from '../prepare/framePreparer.js';
import { settledWithin } from '../prepare/settledWithin.js';
import type { InferenceWorker } from './inferenceWorker.js';
import type { OpenedModel } from './protocol.js';

/** How long `close` waits for runs in flight, and again for the worker to end. */
const closeTimeoutMs = 3000;

/**
 * One inference fills the CPU and preparing a frame takes a millisecond, so a second frame in flight gains no
 * rate and ages by a whole inference.
 */
const defaultTasksInFlight = 1;

/** An opened ONNX model: letterboxes on the libuv pool, infers and post-processes in one worker thread. */
export class OnnxSession implements BackendSession {
  readonly model: ModelInfo;
  readonly framesInFlight: number;
  readonly inputsInFlight: number;
  readonly #worker: InferenceWorker;
  readonly #preparer: FramePreparer;
  #closing: Promise<void> | null = null;

  constructor(options: SessionOptions, worker: InferenceWorker, opened: OpenedModel) {
    this.#worker = worker;
    this.framesInFlight = options.tasksInFlight || defaultTasksInFlight;
    this.inputsInFlight = this.framesInFlight;
    this.model = { ...opened, path: options.modelPath, backend: 'onnx' };
    this.#preparer = new FramePreparer({
      size: opened,
      form: 'rgb',
      preprocess: options.preprocess,
      framesInFlight: this.framesInFlight,
      assertOpen: (call) => this.#assertOpen(call),
    });
  }

  /** Model inputs that are written, prepared or in the worker; 0 when nothing is in flight. */
  get inputsInUse(): number {
    return this.#preparer.inputsInUse;
  }

  prepare(frame: FrameLease, preview: PreviewRequest | null): Promise<PreparedFrame> {
    return this.#preparer.prepare(frame, preview);
  }

  async run(prepared: PreparedFrame, options: PostprocessOptions): Promise<FrameResult> {
    const { input, preparedMs } = this.#preparer.claim(prepared, 'run');
    if (this.#closing !== null || this.#worker.death !== null) {
      this.#preparer.giveInput(input);
      this.#assertOpen('run');
    }
    const { header, geometry } = prepared;
    const run = { input, geometry, options, preparedMs };
    const outcome = await this.#worker.run(run, [input], ([returned]) => {
      if (returned !== undefined) this.#preparer.giveInput(returned);
    });
    return {
      header,
      instances: outcome.instances,
      stageTimesMs: {
        wait: prepared.waitMs,
        prepare: prepared.prepareMs,
        queue: outcome.queueMs,
        infer: outcome.inferMs,
        decode: outcome.decodeMs,
        masks: outcome.masksMs,
      },
      candidateCount: outcome.candidateCount,
      candidatesCut: outcome.candidatesCut,
    };
  }

  discard(prepared: PreparedFrame): void {
    this.#preparer.discard(prepared);
  }

  recyclePreview(rgba: ArrayBuffer): void {
    this.#preparer.recyclePreview(rgba);
  }

  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  async #close(): Promise<void> {
    await settledWithin(this.#worker.settled(), closeTimeoutMs);
    await this.#worker.close(closeTimeoutMs);
  }

  #assertOpen(call: string): void {
    if (this.#closing !== null) throw new ClosedError('session_closed', `${call}() on a closed ONNX session`);
    if (this.#worker.death !== null) throw this.#worker.death;
  }
}
