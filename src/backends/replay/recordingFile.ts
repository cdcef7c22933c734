import { statSync } from 'node:fs';
import { join } from 'node:path';
import { Document, isScalar, visit } from 'yaml';
import { z } from 'zod';
import { describeFaults, parseFault } from '../../core/documentFault.js';
import { ConfigError, ModelContractError } from '../../core/errors.js';
import { resizeModes } from '../../core/geometry.js';
import { scaleFilters, yuvRanges } from '../../core/ports.js';
import { limits } from '../../core/limits.js';
import { parseYaml } from '../../core/yamlDocument.js';
import { describeTensor, elementTypes, type Quantisation, type TensorSpec } from '../../core/tensor.js';
import { readFault } from '../../files/fault.js';
import { readTextBytesSync } from '../../files/textFile.js';
import { classScoreForms } from '../../model/rawHeads.js';
import type { RoleLists } from '../../model/roleLists.js';
import { tensorFault } from '../../model/tensorCheck.js';
import { inputForms } from '../session/inputForm.js';
import { type FrameLayout, frameLayout } from './frameLayout.js';
import { inputHashName, inputHashPattern, type Recording } from './recording.js';

/** Goes up when a reader of the older form would misread a newer recording. */
const formatVersion = 1;

const count = z.int().positive();
const axis = z.int().nonnegative();
const quantisation = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('none') }),
  z.strictObject({
    kind: z.literal('scale'),
    scales: z.array(z.number()),
    zeroPoints: z.array(z.int32()),
    axis,
  }),
  z.strictObject({ kind: z.literal('shift'), shifts: z.array(z.int().min(0).max(255)), axis }),
]);

const outputNames = z.array(z.string()).min(1);
const namesOf = (lists: Partial<RoleLists>) => Object.values(lists).flat();

/**
 * The document `recording.yaml`, which docs/replay.md explains.
 *
 * @internal Exported for the test of that page.
 */
export const recordingSchema = z.strictObject({
  version: z.literal(formatVersion),
  model: z.string(),
  input: z.strictObject({ form: z.enum(inputForms), widthPx: count, heightPx: count }),
  preprocess: z.strictObject({
    resizeMode: z.enum(resizeModes),
    yuvRange: z.enum(yuvRanges),
    scaleFilter: z.enum(scaleFilters),
  }),
  hash: z.literal(inputHashName),
  classNames: z.array(z.string()).min(1),
  classScores: z.enum(classScoreForms).default('logits'),
  oneToOne: z.boolean().default(false),
  heads: z
    .strictObject({ classes: outputNames, boxes: outputNames, coefficients: outputNames })
    .refine((lists) => new Set(namesOf(lists)).size === namesOf(lists).length, 'names an output twice')
    .nullable()
    .default(null),
  outputs: z
    .array(
      z.strictObject({
        name: z.string(),
        type: z.enum(elementTypes),
        dims: z.array(count).min(1),
        strideBytes: z.array(z.int().nonnegative()),
        quantisation,
      }),
    )
    .min(1),
  frames: z.array(z.strictObject({ hash: z.string().regex(inputHashPattern), source: z.string() })).min(1),
});

type RecordingDocument = z.infer<typeof recordingSchema>;

/** The file in a recording's folder that describes model, tensors and frames. */
export function recordingPath(folder: string): string {
  return join(folder, 'recording.yaml');
}

/** The folder in a recording's folder that holds its frames. */
export function framesPath(folder: string): string {
  return join(folder, 'frames');
}

/** The file of the output tensors of one input, which is known by its hash. */
export function framePath(folder: string, hash: string): string {
  return join(framesPath(folder), `${hash}.bin`);
}

/** A recording whose files are all there with the right sizes. */
export interface CheckedRecording {
  readonly recording: Recording;
  readonly layout: FrameLayout;
}

/**
 * Reads `recording.yaml` and checks that every frame it lists has a file of the right size; blocking.
 *
 * Throws ConfigError `model_missing` or `model_unreadable` for a path that is no readable folder, `text_too_large`
 * for a `recording.yaml` that is no text of ours, and
 * ModelContractError `recording_invalid`, `recording_version`, `recording_incomplete` (a file is missing) or
 * `recording_size` (a frame file has the wrong number of bytes).
 */
export function readRecording(folder: string): CheckedRecording {
  checkFolder(folder);
  const recording = fromDocument(checkDocument(folder, parseDocument(folder)));
  for (const spec of recording.outputs) {
    const fault = tensorFault(spec);
    if (fault !== null) throw invalid(folder, `output ${describeTensor(spec)}: ${fault}`);
  }
  const names = recording.outputs.map(({ name }) => name);
  const foreign = namesOf(recording.heads ?? {}).find((name) => !names.includes(name));
  if (foreign !== undefined) {
    throw invalid(folder, `heads: ${foreign} is no output; they are ${names.join(', ')}`);
  }
  const layout = frameLayout(recording.outputs);
  if (layout.sizeBytes > limits.recordedFrameBytes) {
    const why = `the outputs of a frame have ${layout.sizeBytes} bytes; at most ${limits.recordedFrameBytes} are read`;
    throw invalid(folder, why);
  }
  for (const { hash } of recording.frames) checkFrameFile(framePath(folder, hash), layout.sizeBytes);
  return { recording, layout };
}

/** The text of `recording.yaml`. */
export function renderRecording(recording: Recording): string {
  const { model, form, inputWidthPx, inputHeightPx, preprocess, classNames, classScores } = recording;
  const { oneToOne, heads, outputs, frames } = recording;
  const content = {
    version: formatVersion,
    model,
    input: { form, widthPx: inputWidthPx, heightPx: inputHeightPx },
    preprocess,
    hash: inputHashName,
    classNames,
    // Left out where it is what older readers take for granted; they refuse the key otherwise.
    ...(classScores === 'logits' ? {} : { classScores }),
    ...(oneToOne ? { oneToOne } : {}),
    ...(heads === null ? {} : { heads }),
    outputs: outputs.map((spec) => ({ ...spec, quantisation: renderQuantisation(spec.quantisation) })),
    frames,
  };
  const document = new Document(content, { aliasDuplicateObjects: false });
  visit(document, {
    Seq(_key, list) {
      list.flow = list.items.every((item) => isScalar(item) && typeof item.value === 'number');
    },
  });
  return document.toString();
}

function renderQuantisation(rule: Quantisation) {
  if (rule.kind === 'none') return { kind: rule.kind };
  if (rule.kind === 'shift') return { kind: rule.kind, shifts: [...rule.shifts], axis: rule.axis };
  const { kind, quantScales, zeroPoints } = rule;
  return { kind, scales: [...quantScales], zeroPoints: [...zeroPoints], axis: rule.axis };
}

function invalid(folder: string, why: string): ModelContractError {
  const path = recordingPath(folder);
  return new ModelContractError('recording_invalid', `${path}: ${why}`, { path });
}

function checkFolder(folder: string): void {
  const found = statSync(folder, { throwIfNoEntry: false });
  if (found === undefined) {
    throw new ConfigError('model_missing', `recording ${folder} does not exist`, { path: folder });
  }
  if (!found.isDirectory()) {
    throw new ConfigError('model_unreadable', `recording ${folder} is not a folder`, { path: folder });
  }
}

function parseDocument(folder: string): unknown {
  const path = recordingPath(folder);
  let text: string;
  try {
    text = new TextDecoder().decode(readTextBytesSync(path));
  } catch (error) {
    if (error instanceof ConfigError) throw error;
    throw new ModelContractError('recording_incomplete', `recording ${folder}: ${path} ${readFault(error)}`, {
      path,
    });
  }
  try {
    return parseYaml(text);
  } catch (error) {
    throw invalid(folder, `not YAML: ${parseFault(error)}`);
  }
}

function checkDocument(folder: string, document: unknown): RecordingDocument {
  const version = (document as { version?: unknown } | null)?.version;
  if (version !== undefined && version !== formatVersion) {
    throw new ModelContractError(
      'recording_version',
      `${recordingPath(folder)} has version ${String(version)}; expected ${formatVersion}`,
      { found: version, expected: formatVersion },
    );
  }
  const checked = recordingSchema.safeParse(document);
  if (checked.success) return checked.data;
  throw invalid(folder, describeFaults(checked.error.issues));
}

function fromDocument({
  model,
  input,
  preprocess,
  classNames,
  classScores,
  oneToOne,
  heads,
  outputs,
  frames,
}: RecordingDocument): Recording {
  return {
    model,
    form: input.form,
    inputWidthPx: input.widthPx,
    inputHeightPx: input.heightPx,
    preprocess,
    classNames,
    classScores,
    oneToOne,
    heads,
    outputs: outputs.map((output): TensorSpec => ({ ...output, quantisation: ruleOf(output.quantisation) })),
    frames,
  };
}

function ruleOf(rule: RecordingDocument['outputs'][number]['quantisation']): Quantisation {
  if (rule.kind === 'none') return rule;
  if (rule.kind === 'shift') return { ...rule, shifts: Uint8Array.from(rule.shifts) };
  return {
    kind: 'scale',
    quantScales: Float32Array.from(rule.scales),
    zeroPoints: Int32Array.from(rule.zeroPoints),
    axis: rule.axis,
  };
}

function checkFrameFile(path: string, expectedBytes: number): void {
  const found = statSync(path, { throwIfNoEntry: false });
  if (found === undefined) {
    throw new ModelContractError('recording_incomplete', `frame ${path} is listed but missing`, { path });
  }
  if (found.size !== expectedBytes) {
    throw new ModelContractError(
      'recording_size',
      `frame ${path} has ${found.size} bytes; its outputs take ${expectedBytes}`,
      { path, foundBytes: found.size, expectedBytes },
    );
  }
}
