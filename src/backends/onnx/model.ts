import { counted } from '../../core/words.js';
import './telemetry.js';

import { InferenceSession, Tensor } from 'onnxruntime-node';
import { BackendError, ModelContractError } from '../../core/errors.js';
import { type ElementType, packedSpec, type TensorData, type TensorView } from '../../core/tensor.js';
import { parseClassNames } from '../../model/classNames.js';
import type { OutputAliases } from '../../model/headRoles.js';
import type { ResolvedHeads } from '../../model/heads.js';
import { paddingGrey } from '../session/inputForm.js';
import { GraphIndex } from './graph/graphIndex.js';
import { readNodes } from './graph/onnxFile.js';
import { type InputRange, readInputRange } from './inputRange.js';
import { readOnnxFileInfo } from './modelFile.js';
import { areMadeBySigmoid, makerNames } from './outputMakers.js';
import type { PictureInput } from './pictureProbe.js';

const elementTypes: Readonly<Record<string, ElementType>> = {
  float32: 'f32',
  int32: 's32',
  int16: 's16',
  int8: 's8',
};

interface ModelParts {
  readonly session: InferenceSession;
  readonly input: PictureInput;
  readonly range: InputRange;
  readonly outputs: Outputs;
  readonly graph: GraphIndex;
  readonly namesText: string | undefined;
  readonly path: string;
}

/** A loaded segmentation model up to its output tensors; what they mean is not looked at. */
export class OnnxModel {
  readonly takes = 'rgb';
  readonly inputName: string;
  readonly inputWidthPx: number;
  readonly inputHeightPx: number;
  /** What its input holds; `run` takes 0..1 all the same. */
  readonly inputRange: InputRange;
  readonly #parts: ModelParts;
  /** The input in the model's own range where that is not 0..1. */
  readonly #scaled: Float32Array | null;

  private constructor(parts: ModelParts) {
    const { name, widthPx, heightPx } = parts.input;
    this.#parts = parts;
    this.inputName = name;
    this.inputWidthPx = widthPx;
    this.inputHeightPx = heightPx;
    this.inputRange = parts.range;
    this.#scaled = parts.range.whiteValue === 1 ? null : new Float32Array(3 * heightPx * widthPx);
  }

  /**
   * Loads and checks the model and runs it once on grey, whose outputs are then in `borrowedOutputs`. `threads` 0
   * leaves their number to the runtime.
   *
   * Throws ConfigError for a path that cannot be read, ModelContractError for a file that is no segmentation
   * model with one float input of fixed size and known range, BackendError if the runtime itself fails.
   */
  static async open(modelPath: string, threads: number): Promise<OnnxModel> {
    const { metadata } = readOnnxFileInfo(modelPath);
    checkTask(modelPath, metadata.get('task'));
    const session = await loadSession(modelPath, threads);
    try {
      const input = checkInput(modelPath, session);
      const graph = new GraphIndex(readNodes(modelPath));
      const range = await readInputRange(graph, input, modelPath);
      const outputs = await shapeOutputs(modelPath, session, input, range);
      const namesText = metadata.get('names');
      return new OnnxModel({ session, input, range, outputs, graph, namesText, path: modelPath });
    } catch (error) {
      await session.release();
      throw error;
    }
  }

  /**
   * The exporter's names by class id; null where the file has none. Read when asked for, so that a file whose
   * names cannot be read works with names given from outside: throws ModelContractError `class_names`.
   */
  get classNames(): readonly string[] | null {
    const { namesText, path } = this.#parts;
    // An exporter that has no names writes what Python calls nothing.
    if (namesText === undefined || namesText === 'None') return null;
    try {
      return parseClassNames(namesText);
    } catch (error) {
      if (!(error instanceof ModelContractError)) throw error;
      const remedy = 'give the names as class_names in NAME.yaml beside it, or as model.class_names';
      const what = `names in the metadata of model ${path}: ${error.message}; ${remedy}`;
      throw new ModelContractError(error.code, what, { ...error.details, path });
    }
  }

  /** Names of the nodes that make each output. */
  get outputAliases(): OutputAliases {
    const { graph } = this.#parts;
    return new Map(
      this.borrowedOutputs.map(({ spec }) => [spec.name, makerNames(graph, spec.name)] as const),
    );
  }

  /** True if raw class heads end in a Sigmoid. Throws ModelContractError `class_scores` if some do. */
  endsInSigmoid(heads: ResolvedHeads): boolean {
    if (heads.kind !== 'raw') return false;
    return areMadeBySigmoid(
      this.#parts.graph,
      heads.levels.map(({ cls }) => cls.spec.name),
    );
  }

  /** The output tensors as the last run left them; borrowed until the next run. The views stay the same. */
  get borrowedOutputs(): readonly TensorView[] {
    return this.#parts.outputs.views;
  }

  /**
   * Runs the model on one letterboxed picture. Throws BackendError `onnx_run`.
   *
   * @param input [1, 3, H, W] f32 RGB 0..1
   */
  async run(input: ArrayBuffer): Promise<void> {
    const { session, outputs } = this.#parts;
    try {
      await session.run(feedsOf(this.#parts.input, this.#inRange(input)), outputs.fetches);
    } catch (error) {
      throw new BackendError('onnx_run', `onnxruntime failed to run the model: ${textOf(error)}`, {}, error);
    }
  }

  async close(): Promise<void> {
    await this.#parts.session.release();
  }

  #inRange(input: ArrayBuffer): Float32Array {
    const values = new Float32Array(input);
    const scaled = this.#scaled;
    if (scaled === null) return values;
    const { whiteValue } = this.inputRange;
    for (let at = 0; at < scaled.length; at++) scaled[at] = values[at]! * whiteValue;
    return scaled;
  }
}

function textOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

function checkTask(modelPath: string, task: string | undefined): void {
  if (task === undefined || task === 'segment') return;
  throw new ModelContractError(
    'wrong_task',
    `model ${modelPath} was exported for the task "${task}"; expected "segment" (a YOLOv8-seg model)`,
    { modelPath, found: task, expected: 'segment' },
  );
}

async function loadSession(modelPath: string, threads: number): Promise<InferenceSession> {
  try {
    return await InferenceSession.create(modelPath, {
      logSeverityLevel: 3,
      // Two threads on a PC, 6 frames/s: 50 ms of CPU a frame with spinning, 12 ms without, and no faster.
      extra: { session: { intra_op: { allow_spinning: '0' } } },
      ...(threads > 0 ? { intraOpNumThreads: threads } : {}),
    });
  } catch (error) {
    throw new ModelContractError(
      'model_not_loadable',
      `onnxruntime cannot load model ${modelPath}: ${textOf(error)}`,
      { modelPath },
      error,
    );
  }
}

function checkInput(modelPath: string, session: InferenceSession): PictureInput {
  const inputs = session.inputMetadata;
  const found = inputs
    .map(
      (input) =>
        `${input.name} ${input.isTensor ? `${input.type} [${input.shape.join(', ')}]` : 'no tensor'}`,
    )
    .join('; ');
  const expected = 'one input float32 [1, 3, height, width]';
  const refuse = (code: string, why: string) =>
    new ModelContractError(code, `model ${modelPath}: ${why}; expected ${expected}, found ${found}`, {
      modelPath,
      expected,
      found,
    });
  const input = inputs[0];
  if (inputs.length !== 1 || input === undefined || !input.isTensor) {
    throw refuse('model_input', `it has ${counted(inputs.length, 'input')}`);
  }
  const [batch, channels, heightPx, widthPx] = input.shape;
  if (input.type === 'float16') {
    throw refuse('model_input', 'it takes half floats; `model heads` writes it in 32-bit floats');
  }
  if (input.type !== 'float32' || input.shape.length !== 4) throw refuse('model_input', 'wrong input');
  if (channels === 1) {
    throw refuse('model_input', 'it takes grey pictures of one channel; train it with three (channels: 3)');
  }
  if (typeof heightPx !== 'number' || typeof widthPx !== 'number' || typeof batch !== 'number') {
    throw refuse(
      'model_input_dynamic',
      'its input size is not fixed; `model heads` fixes it where the file tells its imgsz, or export it with a fixed size (dynamic=False)',
    );
  }
  if (batch !== 1)
    throw refuse('model_input', `it takes ${batch} pictures at a time; export it with batch=1`);
  if (channels !== 3) throw refuse('model_input', `it takes ${channels} channels`);
  return { name: input.name, widthPx, heightPx };
}

function feedsOf(input: PictureInput, data: Float32Array): Record<string, Tensor> {
  const { name, widthPx, heightPx } = input;
  return { [name]: new Tensor('float32', data, [1, 3, heightPx, widthPx]) };
}

interface Outputs {
  /** Kept for good: onnxruntime writes every run into them, so the views are made once. */
  readonly fetches: Readonly<Record<string, Tensor>>;
  readonly views: readonly TensorView[];
}

/** Runs the model once on grey: the real output shapes, also where the file leaves them open, and a warm-up. */
async function shapeOutputs(
  modelPath: string,
  session: InferenceSession,
  input: PictureInput,
  { whiteValue }: InputRange,
): Promise<Outputs> {
  const grey = new Float32Array(3 * input.heightPx * input.widthPx).fill((paddingGrey / 255) * whiteValue);
  let results: InferenceSession.OnnxValueMapType;
  try {
    results = await session.run(feedsOf(input, grey));
  } catch (error) {
    // It loaded, and what it was shown is what it asks for.
    throw new ModelContractError(
      'onnx_run',
      `model ${modelPath} fails on a grey picture: ${textOf(error)}`,
      { modelPath },
      error,
    );
  }
  const fetches: Record<string, Tensor> = {};
  const views = session.outputNames.map((name): TensorView => {
    const result = results[name]!;
    const type = elementTypes[result.type];
    if (type === undefined) {
      const expected = Object.keys(elementTypes).join(', ');
      const remedy = result.type === 'float16' ? '; `model heads` writes it in 32-bit floats' : '';
      throw new ModelContractError(
        'model_output_type',
        `output ${name} of model ${modelPath} has type ${result.type}; expected one of ${expected}${remedy}`,
        { modelPath, name, found: result.type, expected },
      );
    }
    fetches[name] = result;
    return { spec: packedSpec(name, result.dims, type), data: result.data as TensorData };
  });
  return { fetches, views };
}
