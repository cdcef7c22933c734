import { basename } from 'node:path';
import { Command } from 'commander';
import { readManifest, unreadNames } from '../../backends/manifestFile.js';
import { backendOfFile, isTorchFile } from '../../backends/modelSuffix.js';
import { resolveOnnxHeads } from '../../backends/onnx/heads.js';
import { describeInputRange } from '../../backends/onnx/inputRange.js';
import { OnnxModel } from '../../backends/onnx/model.js';
import { readOnnxFileInfo } from '../../backends/onnx/modelFile.js';
import { recordedHeads } from '../../backends/replay/heads.js';
import { readRecording } from '../../backends/replay/recordingFile.js';
import { ConfigError, describeError, ModelContractError, SegError } from '../../core/errors.js';
import { openRegularFile } from '../../files/regularFile.js';
import { readTextFile } from '../../files/textFile.js';
import { isMapperLog } from '../../toolchain/logs/mapperLog.js';
import { looksLikeModelInfo, readModelInfo } from '../../toolchain/info/modelInfoText.js';
import {
  type ModelSummary,
  readingOf,
  summariseInfo,
  summariseOnnx,
  summariseUnread,
  summaryAsText,
} from '../../toolchain/info/modelSummary.js';
import { readOnnxFile } from '../../backends/onnx/graph/onnxFile.js';
import { parameterOption } from '../flags.js';
import { describeCompiledModel } from './compiledModel.js';
import { summariseOnPc } from './listedModel.js';
import { toolchainOption } from './toolchain.js';
import { dockerOption, type ToolFlags } from './toolRunner.js';

interface Flags extends ToolFlags {
  readonly json: boolean;
  readonly dnnLibrary: string;
  readonly modelName: string;
}

/** The model, or why the node cannot run it. Rejects with errors that are no judgement of the model. */
async function judged(name: string, summarise: () => Promise<ModelSummary>): Promise<ModelSummary> {
  try {
    return await summarise();
  } catch (error) {
    if (!(error instanceof ModelContractError)) throw error;
    return summariseUnread(name, describeError(error));
  }
}

async function summariseOnnxFile(path: string): Promise<ModelSummary> {
  // Says of weights in other files what is missing; the runtime says less. What is damaged is no model to be judged.
  await readOnnxFile(path);
  return judged(basename(path), () => summariseOnnxModel(path));
}

async function summariseOnnxModel(path: string): Promise<ModelSummary> {
  const model = await OnnxModel.open(path, 0);
  try {
    return summariseOnnx({
      name: basename(path),
      inputName: model.inputName,
      widthPx: model.inputWidthPx,
      heightPx: model.inputHeightPx,
      notes: describeInputRange(model.inputRange),
      outputs: model.borrowedOutputs.map((view) => view.spec),
      reading: readingOf(() => resolveOnnxHeads(model, readManifest(path))),
    });
  } finally {
    await model.close();
  }
}

async function summariseText(path: string): Promise<ModelSummary[]> {
  const text = await readTextFile(path);
  if (!looksLikeModelInfo(text)) {
    const expected = 'a .onnx model or the text of `hrt_model_exec model_info`';
    const begin = JSON.stringify(text.trim().slice(0, 60));
    const found = isMapperLog(text)
      ? 'it is a log of the conversion, try `model log`'
      : `it begins with ${begin}`;
    throw new ConfigError('no_model', `${path} is no model: expected ${expected}; ${found}`, { path });
  }
  return readModelInfo(text, path).models.map((model) => summariseInfo(model));
}

/** True for ONNX, whose first field is the IR version, a small number; no text begins so. */
async function beginsLikeOnnx(path: string): Promise<boolean> {
  const file = await openRegularFile(path).catch(() => null);
  if (file === null) return false;
  try {
    const { buffer, bytesRead } = await file.read(Buffer.alloc(2), 0, 2, 0);
    return bytesRead === 2 && buffer.readUInt8(0) === 8 && buffer.readUInt8(1) < 32;
  } catch {
    return false;
  } finally {
    await file.close();
  }
}

/** Throws ConfigError `model_bin` for a file that the vendor's library does not load, and as `summariseOnPc`. */
async function summariseCompiled(path: string, flags: Flags): Promise<ModelSummary> {
  try {
    const { model, reading } = describeCompiledModel(path, flags.dnnLibrary, flags.modelName);
    return summariseInfo(model, reading);
  } catch (error) {
    const isLacking = error instanceof ConfigError && error.code === 'dnn_library';
    if (!isLacking || flags.dnnLibrary !== '') throw error;
    return summariseOnPc(path, flags, error);
  }
}

/** Throws ModelContractError for a recording that is damaged. */
function summariseRecording(path: string): ModelSummary {
  const { recording } = readRecording(path);
  const { inputWidthPx: widthPx, inputHeightPx: heightPx, form, outputs, classNames } = recording;
  return summariseOnnx({
    name: basename(path),
    inputName: form,
    widthPx,
    heightPx,
    notes: [],
    outputs,
    reading: readingOf(() => ({
      heads: recordedHeads(recording, classNames),
      classNames,
    })),
  });
}

interface FileSummary {
  readonly models: readonly ModelSummary[];
  /** The file is a text about models, beside which no names are looked for. */
  readonly isListing: boolean;
}

async function summariseFile(path: string, flags: Flags): Promise<FileSummary> {
  const one = (model: ModelSummary) => ({ models: [model], isListing: false });
  const backend = backendOfFile(path);
  if (backend === 'bpu') return one(await judged(basename(path), () => summariseCompiled(path, flags)));
  if (backend === 'replay') return one(summariseRecording(path));
  // Refuses weights of PyTorch by name.
  if (isTorchFile(path)) readOnnxFileInfo(path);
  if (backend === 'onnx' || (await beginsLikeOnnx(path))) return one(await summariseOnnxFile(path));
  return { models: await summariseText(path), isListing: true };
}

async function run(path: string, flags: Flags): Promise<void> {
  const { models, isListing } = await summariseFile(path, flags);
  console.log(
    flags.json ? JSON.stringify({ models }, null, 2) : models.map(summaryAsText).join('\n').trimEnd(),
  );
  const isNameless = models.some(({ classNames }) => classNames === null);
  const unread = isListing ? null : unreadNames(path, isNameless);
  if (unread !== null) console.error(unread);
  const unfit = models.filter(({ obstacle }) => obstacle !== null).map(({ name }) => name);
  if (unfit.length === 0) return;
  throw new SegError('model_unfit', `this node cannot run ${unfit.join(', ')}; the reason is above`, {
    unfit,
  });
}

/** `rdk-yolo-seg model info`: a model's tensors, what its heads mean, and whether the node can run it; ends with 1 if it cannot. */
export function infoCommand(): Command {
  return new Command('info')
    .summary('tensors, scales and heads of a model, and whether this node can run it')
    .argument(
      '<file>',
      '.onnx, .bin, the text of `hrt_model_exec model_info`, a .replay folder, or .hbm on a board',
    )
    .addOption(parameterOption('--dnn-library', 'backend.dnn_library'))
    .addOption(parameterOption('--model-name', 'backend.model_name'))
    .addOption(dockerOption())
    .addOption(toolchainOption())
    .option('--json', 'print everything as JSON', false)
    .action(run);
}
