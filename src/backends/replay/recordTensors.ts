import { existsSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { resolve } from 'node:path';
import { ConfigError, ModelContractError } from '../../core/errors.js';
import type { PreprocessOptions } from '../../core/ports.js';
import type { TensorView } from '../../core/tensor.js';
import { cannotWrite } from '../../files/atomicFile.js';
import { makeFolderAtomically, writePart } from '../../files/atomicFolder.js';
import { defaultClassNames } from '../../model/classNames.js';
import type { OutputAliases } from '../../model/headRoles.js';
import { type ResolvedHeads, resolveHeads } from '../../model/heads.js';
import { namedHeads } from '../../model/namedHeads.js';
import { type RoleLists, roleLists } from '../../model/roleLists.js';
import { settleClassScores } from '../../postprocess/classScores.js';
import type { LoadedManifest } from '../manifestFile.js';
import { backendOfFile } from '../modelSuffix.js';
import { greyInput, type InputForm, type InputSize } from '../session/inputForm.js';
import { type FrameLayout, frameLayout } from './frameLayout.js';
import { recordedHeads } from './heads.js';
import { inputHash, type RecordedFrame, type Recording } from './recording.js';
import { type Nv12Picture, preparePicture, rgbOf } from './picture.js';
import { framePath, framesPath, recordingPath, renderRecording } from './recordingFile.js';
import { type OutputScales, withScales } from './scales.js';

/** A model whose outputs are recorded. */
export interface TensorSource extends InputSize {
  /** Null where the model brings none. */
  readonly classNames: readonly string[] | null;
  /** The outputs of the last run; borrowed until the next one. Their specs stay the same. */
  readonly borrowedOutputs: readonly TensorView[];
  /** Names of the nodes that make its outputs. */
  readonly outputAliases: OutputAliases;
  /** True if its raw class heads end in a Sigmoid. */
  endsInSigmoid(heads: ResolvedHeads): boolean;
  /** The form of the input that it runs on; RGB planes are made of NV12, not the other way. */
  readonly takes: InputForm;
  run(input: ArrayBuffer): Promise<void>;
}

/** What is to be recorded, and where to. */
export interface RecordRequest {
  /** The folder to make, `NAME.replay`. */
  readonly path: string;
  readonly model: TensorSource;
  /** File name of the model, for people. */
  readonly modelName: string;
  /** What lies beside the model. */
  readonly manifest?: LoadedManifest;
  readonly scales: OutputScales;
  /** What the recording is asked with later: RGB planes, or the NV12 a model of the BPU takes. */
  readonly form: InputForm;
  readonly preprocess: PreprocessOptions;
  readonly pictures: Iterable<Nv12Picture> | AsyncIterable<Nv12Picture>;
}

/** What a recording came to. */
export interface RecordSummary {
  /** Different inputs of pictures that were recorded. */
  readonly frameCount: number;
  /** Pictures whose input was recorded before. */
  readonly repeatCount: number;
  /** All that was recorded: with the form `nv12` also the grey input. */
  readonly inputCount: number;
  readonly frameBytes: number;
}

/**
 * Runs a model on pictures and writes all its outputs down, by the hash of the prepared input.
 *
 * With the form `nv12` a model of RGB planes runs on the RGB of the prepared NV12 input, so that the outputs depend on the
 * hashed bytes alone, and what a session of the BPU runs at its opening is recorded too. Writes to a folder beside `path`, which gets that name when it is whole; where this throws,
 * nothing is left.
 *
 * Throws ConfigError `output` (the name is taken or unfit, or a file cannot be written), `scales` or `source` (there are no pictures),
 * ModelContractError `heads` (the outputs could not be decoded later) or `class_scores`, and what the model and the
 * pictures throw.
 */
export async function recordTensors(request: RecordRequest): Promise<RecordSummary> {
  const path = resolve(request.path);
  checkRecordingPath(path);
  const recording = describeModel(request);
  return makeFolderAtomically(path, async (folder) => {
    await mkdir(framesPath(folder)).catch((error: unknown) => {
      throw cannotWrite(framesPath(path), error);
    });
    return writeRecording({ folder, path }, request, recording);
  });
}

/** Throws ConfigError `output` for a name that is taken, or is none of a recording. */
export function checkRecordingPath(path: string): void {
  if (backendOfFile(path) !== 'replay') {
    throw new ConfigError('output', `${path} is no name of a recording; expected NAME.replay`, { path });
  }
  if (existsSync(path))
    throw new ConfigError('output', `${path} exists already: remove it, or give another name`, { path });
}

/** Everything but the frames. */
function describeModel({
  model,
  modelName,
  manifest,
  scales,
  form,
  preprocess,
}: RecordRequest): Omit<Recording, 'frames'> {
  const { inputWidthPx, inputHeightPx } = model;
  const classNames = manifest?.classNames ?? model.classNames;
  const outputs = withScales(
    model.borrowedOutputs.map((view) => view.spec),
    scales,
  );
  const size = { widthPx: inputWidthPx, heightPx: inputHeightPx };
  const hints = { ...manifest, classNames, aliases: model.outputAliases };
  const resolved = resolveHeads(outputs, size, hints);
  const evidence = { bySigmoid: model.endsInSigmoid(resolved), stated: manifest?.classScores };
  const heads = settleClassScores(resolved, evidence, model.borrowedOutputs);
  const recording = {
    model: modelName,
    form,
    inputWidthPx,
    inputHeightPx,
    preprocess,
    classNames: classNames ?? defaultClassNames(heads.classCount),
    classScores: heads.kind === 'raw' ? heads.classScores : 'logits',
    oneToOne: heads.oneToOneBy !== null,
    heads: null,
    outputs,
  } as const;
  // Names of nodes and the manifest are not recorded; what they decide is.
  return { ...recording, heads: listsIfNeeded(heads, recording) };
}

/** The meaning of raw heads; null where the recording is read so without it, as older readers do. */
function listsIfNeeded(heads: ResolvedHeads, recording: Omit<Recording, 'frames'>): RoleLists | null {
  if (heads.kind !== 'raw') return null;
  const lists = roleLists(namedHeads(heads));
  const read = headsOrNull(() => recordedHeads(recording, recording.classNames));
  if (read?.kind !== 'raw') return lists;
  return JSON.stringify(roleLists(namedHeads(read))) === JSON.stringify(lists) ? null : lists;
}

/** Null where the outputs alone are refused, as they may be read in more than one way. */
function headsOrNull(resolve: () => ResolvedHeads): ResolvedHeads | null {
  try {
    return resolve();
  } catch (error) {
    if (error instanceof ModelContractError && error.code === 'heads') return null;
    throw error;
  }
}

async function writeRecording(
  { folder, path }: { readonly folder: string; readonly path: string },
  { model, form, preprocess, pictures }: RecordRequest,
  recording: Omit<Recording, 'frames'>,
): Promise<RecordSummary> {
  const layout = frameLayout(recording.outputs);
  const frames = new Map<string, RecordedFrame>();
  /** False where the input was recorded before. */
  const record = async (input: ArrayBuffer, source: string): Promise<boolean> => {
    const hash = await inputHash(input);
    if (frames.has(hash)) return false;
    const isTaken = model.takes === form;
    await model.run(isTaken ? input : await rgbOf(input, form, model, preprocess.yuvRange));
    const frame = packFrame(model.borrowedOutputs, layout);
    await writePart(framePath(folder, hash), frame, framePath(path, hash));
    frames.set(hash, { hash, source });
    return true;
  };
  if (form === 'nv12') await record(greyInput(form, model), 'grey, at the opening');
  let frameCount = 0;
  let repeatCount = 0;
  for await (const picture of pictures) {
    const isNew = await record(await preparePicture(picture, form, model, preprocess), picture.name);
    if (isNew) frameCount++;
    else repeatCount++;
  }
  if (frameCount + repeatCount === 0) throw new ConfigError('source', 'there are no pictures to record', {});
  const text = renderRecording({ ...recording, frames: [...frames.values()] });
  await writePart(recordingPath(folder), text, recordingPath(path));
  return { frameCount, repeatCount, inputCount: frames.size, frameBytes: layout.sizeBytes };
}

function packFrame(outputs: readonly TensorView[], { offsetsBytes, sizeBytes }: FrameLayout): Uint8Array {
  const frame = new Uint8Array(sizeBytes);
  outputs.forEach(({ data }, index) => {
    frame.set(new Uint8Array(data.buffer, data.byteOffset, data.byteLength), offsetsBytes[index]!);
  });
  return frame;
}
