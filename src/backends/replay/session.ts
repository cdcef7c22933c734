import { SegError } from '../../core/errors.js';
import type { FrameLease } from '../../core/frame.js';
import type {
  BackendSession,
  ModelInfo,
  PreparedFrame,
  PreviewRequest,
  SessionOptions,
} from '../../core/ports.js';
import type { FrameResult, PostprocessOptions } from '../../core/result.js';
import type { TensorView } from '../../core/tensor.js';
import { readFault } from '../../files/fault.js';
import { openRegularFile } from '../../files/regularFile.js';
import { recordedHeads } from './heads.js';
import { Postprocessor } from '../../postprocess/postprocess.js';
import { warmUp } from '../../postprocess/warmUp.js';
import type { BufferInput, BufferInputs } from '../session/bufferInputs.js';
import { makeBufferIntake } from '../session/bufferIntake.js';
import { fileTitle } from '../session/fileTitle.js';
import type { FramePreparer } from '../session/framePreparer.js';
import { frameResult } from '../session/frameResult.js';
import { SessionLife } from '../session/sessionLife.js';
import { settledWithin } from '../../core/deadline.js';
import { stopLimitsMs } from '../../core/stopLimits.js';
import { sharedClockMs } from '../session/time.js';
import { viewFrame } from './frameLayout.js';
import { describePreprocess, inputHash, type Recording } from './recording.js';
import { type CheckedRecording, framePath } from './recordingFile.js';

/**
 * A recording as a session: the outputs of an input are looked up by its hash instead of computed. `infer` is
 * the time of hashing and reading; post-processing runs in the calling thread.
 *
 * `run` rejects with SegError `unknown_input` for an input that was not recorded, `recording_read` when its
 * file cannot be read any more. The session itself stays usable, so that a caller may skip such a frame. The
 * pipeline ends on it, as on everything but a FrameError: a replay that passes over frames would prove nothing.
 */
export class ReplaySession implements BackendSession {
  readonly model: ModelInfo;
  readonly framesInFlight: number;
  readonly inputsInFlight: number;
  readonly inferencesInFlight = 1;
  readonly postprocess = null;
  readonly #options: SessionOptions;
  readonly #recording: Recording;
  readonly #hashes: ReadonlySet<string>;
  readonly #inputs: BufferInputs;
  readonly #preparer: FramePreparer<BufferInput>;
  readonly #life = new SessionLife('a replay session');
  readonly #postprocessor: Postprocessor;
  /** Every frame is read into this memory; the views over it are made once. */
  readonly #frameBytes: Uint8Array;
  readonly #views: readonly TensorView[];
  #lastRun: Promise<unknown> = Promise.resolve();

  /** Throws ModelContractError `heads` or `too_many_cells` for outputs this package cannot decode. */
  constructor(options: SessionOptions, { recording, layout }: CheckedRecording) {
    const { inputWidthPx, inputHeightPx, outputs } = recording;
    const classNames = options.classNames ?? recording.classNames;
    const heads = recordedHeads(recording, classNames);
    this.#options = options;
    this.#recording = recording;
    this.#hashes = new Set(recording.frames.map((frame) => frame.hash));
    this.#postprocessor = new Postprocessor(heads);
    warmUp(this.#postprocessor);
    const buffer = new ArrayBuffer(layout.sizeBytes);
    this.#frameBytes = new Uint8Array(buffer);
    this.#views = viewFrame(buffer, outputs, layout);
    this.model = {
      path: options.modelPath,
      name: fileTitle(options.modelPath),
      backend: 'replay',
      inputWidthPx,
      inputHeightPx,
      classNames,
      outputs,
      headForm: heads.form,
    };
    const intake = makeBufferIntake(recording.form, recording, options, (call) =>
      this.#life.assertOpen(call),
    );
    this.framesInFlight = intake.framesInFlight;
    this.inputsInFlight = intake.framesInFlight;
    this.#inputs = intake.inputs;
    this.#preparer = intake.preparer;
  }

  /** Model inputs that are written, prepared or looked up; 0 when nothing is in flight. */
  get inputsInUse(): number {
    return this.#inputs.taken;
  }

  prepare(frame: FrameLease, preview: PreviewRequest | null): Promise<PreparedFrame> {
    return this.#preparer.prepare(frame, preview);
  }

  async run(prepared: PreparedFrame, options: PostprocessOptions): Promise<FrameResult> {
    const claimed = this.#preparer.claim(prepared);
    // One frame at a time: they share the memory that is read into.
    const result = this.#lastRun
      .then(() => this.#replay(prepared, claimed, options))
      .catch((error: unknown) => {
        throw this.#life.noteError(error);
      });
    this.#lastRun = result.catch(() => {});
    return result;
  }

  discard(prepared: PreparedFrame): void {
    this.#preparer.discard(prepared);
  }

  recyclePreview(rgba: ArrayBuffer): void {
    this.#preparer.recyclePreview(rgba);
  }

  close(): Promise<void> {
    return this.#life.close(async () => {
      await settledWithin(this.#lastRun, stopLimitsMs.replay.runs);
    });
  }

  async #replay(
    prepared: PreparedFrame,
    held: BufferInput,
    options: PostprocessOptions,
  ): Promise<FrameResult> {
    const startMs = sharedClockMs();
    try {
      await this.#readOutputs(await inputHash(held.input));
    } finally {
      this.#inputs.giveBack(held);
    }
    const times = { queueMs: startMs - held.preparedMs, inferMs: sharedClockMs() - startMs };
    return frameResult(prepared, times, this.#postprocessor.run(this.#views, prepared.geometry, options));
  }

  async #readOutputs(hash: string): Promise<void> {
    if (!this.#hashes.has(hash)) throw this.#unknownInput(hash);
    const path = framePath(this.model.path, hash);
    const expectedBytes = this.#frameBytes.length;
    const foundBytes = await readInto(path, this.#frameBytes);
    if (foundBytes !== expectedBytes) {
      throw new SegError(
        'recording_read',
        `frame ${path} ended after ${foundBytes} of ${expectedBytes} bytes; it has changed since the recording was opened`,
        { path, foundBytes, expectedBytes },
      );
    }
  }

  #unknownInput(hash: string): SegError {
    const recordedFrames = this.#hashes.size;
    const recorded = describePreprocess(this.#recording.preprocess);
    const prepared = describePreprocess(this.#options.preprocess);
    const why =
      recorded === prepared
        ? ': it is of another picture, or of one in another size or fit than it was recorded in (docs/replay.md)'
        : `; they were prepared with ${recorded}, this one with ${prepared}`;
    return new SegError(
      'unknown_input',
      `input ${hash} is not among the ${recordedFrames} recorded frames of ${this.model.path}${why}`,
      { hash, recordedFrames },
    );
  }
}

/** Reads the beginning of a file into `bytes`; returns how many there were. Rejects with SegError. */
async function readInto(path: string, bytes: Uint8Array): Promise<number> {
  try {
    const file = await openRegularFile(path);
    try {
      return (await file.read(bytes, 0, bytes.length, 0)).bytesRead;
    } finally {
      await file.close();
    }
  } catch (error) {
    throw new SegError('recording_read', `frame ${path} ${readFault(error)}`, { path });
  }
}
