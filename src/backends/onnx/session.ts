import type { FrameLease } from '../../core/frame.js';
import type {
  BackendSession,
  ModelInfo,
  PreparedFrame,
  PreviewRequest,
  SessionOptions,
} from '../../core/ports.js';
import type { FrameResult, PostprocessOptions } from '../../core/result.js';
import type { BufferInput, BufferInputs } from '../session/bufferInputs.js';
import { makeBufferIntake } from '../session/bufferIntake.js';
import { fileTitle } from '../session/fileTitle.js';
import type { FramePreparer } from '../session/framePreparer.js';
import { frameResult } from '../session/frameResult.js';
import { SessionLife } from '../session/sessionLife.js';
import { settledWithin } from '../../core/deadline.js';
import { stopLimitsMs } from '../../core/stopLimits.js';
import type { InferenceWorker } from './inferenceWorker.js';
import type { OpenedModel } from './protocol.js';

/** An opened ONNX model: letterboxes on the libuv pool, infers and post-processes in one worker thread. */
export class OnnxSession implements BackendSession {
  readonly model: ModelInfo;
  readonly framesInFlight: number;
  readonly inputsInFlight: number;
  readonly inferencesInFlight = 1;
  readonly postprocess = null;
  readonly #worker: InferenceWorker;
  readonly #inputs: BufferInputs;
  readonly #preparer: FramePreparer<BufferInput>;
  readonly #life = new SessionLife('an ONNX session');

  constructor(options: SessionOptions, worker: InferenceWorker, opened: OpenedModel) {
    this.#worker = worker;
    this.model = { ...opened, path: options.modelPath, name: fileTitle(options.modelPath), backend: 'onnx' };
    const intake = makeBufferIntake('rgb', opened, options, (call) => this.#assertOpen(call));
    this.framesInFlight = intake.framesInFlight;
    this.inputsInFlight = intake.framesInFlight;
    this.#inputs = intake.inputs;
    this.#preparer = intake.preparer;
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
      await settledWithin(this.#worker.settled(), stopLimitsMs.onnx.runs);
      await this.#worker.close(stopLimitsMs.onnx.worker);
    });
  }

  #assertOpen(call: string): void {
    if (this.#worker.death !== null) this.#life.noteError(this.#worker.death);
    this.#life.assertOpen(call);
  }
}
