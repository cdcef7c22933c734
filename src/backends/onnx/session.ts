import type { FrameLease } from '../../core/frame.js';
import type {
  BackendSession,
  ModelInfo,
  PreparedFrame,
  PreviewRequest,
  SessionOptions,
} from '../../core/ports.js';
import type { FrameResult, PostprocessOptions } from '../../core/result.js';
import { type BufferInput, BufferInputs } from '../session/bufferInputs.js';
import { FramePreparer } from '../session/framePreparer.js';
import { frameResult } from '../session/frameResult.js';
import { SessionLife } from '../session/sessionLife.js';
import { settledWithin } from '../../core/deadline.js';
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
  readonly #inputs: BufferInputs;
  readonly #preparer: FramePreparer<BufferInput>;
  readonly #life = new SessionLife('an ONNX session');

  constructor(options: SessionOptions, worker: InferenceWorker, opened: OpenedModel) {
    this.#worker = worker;
    this.framesInFlight = options.tasksInFlight || defaultTasksInFlight;
    this.inputsInFlight = this.framesInFlight;
    this.model = { ...opened, path: options.modelPath, backend: 'onnx' };
    this.#inputs = new BufferInputs('rgb', opened, this.framesInFlight);
    this.#preparer = new FramePreparer({
      size: opened,
      preprocess: options.preprocess,
      inputs: this.#inputs,
      assertOpen: (call) => this.#assertOpen(call),
    });
  }

  /** Model inputs that are written, prepared or in the worker; 0 when nothing is in flight. */
  get inputsInUse(): number {
    return this.#inputs.taken;
  }

  prepare(frame: FrameLease, preview: PreviewRequest | null): Promise<PreparedFrame> {
    return this.#preparer.prepare(frame, preview);
  }

  async run(prepared: PreparedFrame, options: PostprocessOptions): Promise<FrameResult> {
    const { input, preparedMs } = this.#preparer.claim(prepared);
    const run = { input, geometry: prepared.geometry, options, preparedMs };
    try {
      const outcome = await this.#worker.run(run, [input], ([returned]) => {
        if (returned !== undefined) this.#inputs.giveBack({ input: returned, preparedMs });
      });
      return frameResult(prepared, outcome, outcome);
    } catch (error) {
      throw this.#life.noteError(error);
    }
  }

  discard(prepared: PreparedFrame): void {
    this.#preparer.discard(prepared);
  }

  recyclePreview(rgba: ArrayBuffer): void {
    this.#preparer.recyclePreview(rgba);
  }

  close(): Promise<void> {
    return this.#life.close(async () => {
      await settledWithin(this.#worker.settled(), closeTimeoutMs);
      await this.#worker.close(closeTimeoutMs);
    });
  }

  #assertOpen(call: string): void {
    if (this.#worker.death !== null) this.#life.noteError(this.#worker.death);
    this.#life.assertOpen(call);
  }
}
