import type { LetterboxGeometry } from '../../core/geometry.js';
import type { PostprocessOptions } from '../../core/result.js';
import type { TensorView } from '../../core/tensor.js';
import { defaultClassNames } from '../../model/classNames.js';
import type { ResolvedHeads } from '../../model/heads.js';
import { Postprocessor } from '../../postprocess/postprocess.js';
import { warmUp } from '../../postprocess/warmUp.js';
import { readManifest } from '../manifestFile.js';
import { sharedClockMs } from '../session/time.js';
import { resolveOnnxHeads } from './heads.js';
import { OnnxModel } from './model.js';
import type { OpenedModel, OpenRequest, RunOutcome } from './protocol.js';

/** The model and its post-processing, in the thread that calls it: `run` blocks it for the time of the inference. */
export class OnnxEngine {
  readonly model: OpenedModel;
  readonly #onnx: OnnxModel;
  readonly #postprocessor: Postprocessor;

  private constructor(onnx: OnnxModel, heads: ResolvedHeads, classNames: readonly string[]) {
    this.#onnx = onnx;
    this.#postprocessor = new Postprocessor(heads);
    this.model = {
      inputWidthPx: onnx.inputWidthPx,
      inputHeightPx: onnx.inputHeightPx,
      classNames,
      outputs: onnx.borrowedOutputs.map((view) => view.spec),
      headForm: heads.form,
    };
  }

  /**
   * Loads and checks the model and runs it once, so that the first frame is not the slowest.
   *
   * Throws ConfigError for a path that cannot be read, ModelContractError for a file that is no model of the
   * form this package runs or a manifest that does not fit it, BackendError if the runtime itself fails.
   */
  static async open(request: OpenRequest): Promise<OnnxEngine> {
    const onnx = await OnnxModel.open(request.modelPath, request.threads);
    try {
      const { heads, classNames } = resolveOnnxHeads(
        onnx,
        readManifest(request.modelPath),
        request.classNames,
      );
      const engine = new OnnxEngine(onnx, heads, classNames ?? defaultClassNames(heads.classCount));
      warmUp(engine.#postprocessor);
      return engine;
    } catch (error) {
      await onnx.close();
      throw error;
    }
  }

  /**
   * Runs the model on one letterboxed picture.
   *
   * @param input [1, 3, H, W] f32 RGB 0..1
   * @param preparedMs `sharedClockMs()` when the input was ready
   */
  async run(
    input: ArrayBuffer,
    geometry: LetterboxGeometry,
    options: PostprocessOptions,
    preparedMs: number,
  ): Promise<RunOutcome> {
    const startMs = sharedClockMs();
    await this.#onnx.run(input);
    const inferMs = sharedClockMs() - startMs;
    const { instances, candidateCount, candidatesCut, decodeMs, masksMs } = this.#postprocessor.run(
      this.#onnx.borrowedOutputs,
      geometry,
      options,
    );
    return {
      instances,
      candidateCount,
      candidatesCut,
      queueMs: startMs - preparedMs,
      inferMs,
      decodeMs,
      masksMs,
    };
  }

  /** The output tensors as the last run left them; borrowed until the next run. */
  get borrowedOutputs(): readonly TensorView[] {
    return this.#onnx.borrowedOutputs;
  }

  async close(): Promise<void> {
    await this.#onnx.close();
  }
}
