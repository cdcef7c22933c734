import { existsSync, symlinkSync, writeFileSync } from 'node:fs';
import { stringify } from 'yaml';
import { framesPath, readRecording } from '#dist/backends/replay/recordingFile.js';
import type { TensorSpec } from '#dist/core/tensor.js';
import { spannedBytes } from '#dist/model/tensorCheck.js';
import { repoPath } from './frames.js';

/** The stand-in for the vendor's library, native/fakednn. */
export const fakednnLibrary = repoPath('native/bin/fakednn/libdnn.so');

if (!existsSync(fakednnLibrary)) throw new Error(`found no ${fakednnLibrary}; remedy: npm run setup`);

const list = (values: Iterable<number>) => `(${[...values].map((value) => `${value},`).join('')})`;

/** Frames of recordings begin each output at a multiple of 64 bytes; the model's memory is as large. */
const alignedBytes = (spec: TensorSpec) => Math.ceil(spannedBytes(spec) / 64) * 64;

function outputText(spec: TensorSpec, index: number): string[] {
  const { name, type, dims, strideBytes, quantisation } = spec;
  const isScaled = quantisation.kind === 'scale';
  return [
    `output[${index}]: `,
    `name: ${name}`,
    `valid shape: ${list(dims)}`,
    `aligned shape: ${list(dims)}`,
    `aligned byte size: ${alignedBytes(spec)}`,
    `tensor type: HB_DNN_TENSOR_TYPE_${type.toUpperCase()}`,
    // As on real models, whatever the strides say.
    'tensor layout: HB_DNN_LAYOUT_NCHW',
    `quanti type: ${isScaled ? 'SCALE' : 'NONE'}`,
    `stride: ${list(strideBytes)}`,
    ...(isScaled
      ? [`scale data: ${quantisation.quantScales.join(',')},`, `quantizeAxis: ${quantisation.axis}`]
      : []),
    '',
  ];
}

/** A model in the words of `hrt_model_exec model_info`, as the stand-in loads it; NV12 input. */
export function fakednnText(
  name: string,
  { widthPx, heightPx }: { readonly widthPx: number; readonly heightPx: number },
  outputs: readonly TensorSpec[],
): string {
  const shape = list([1, 3, heightPx, widthPx]);
  const lines = [
    `[model name]: ${name}`,
    'input[0]: ',
    'name: images',
    'input source: HB_DNN_INPUT_FROM_PYRAMID',
    `valid shape: ${shape}`,
    `aligned shape: ${shape}`,
    `aligned byte size: ${(widthPx * heightPx * 3) / 2}`,
    'tensor type: HB_DNN_IMG_TYPE_NV12',
    'tensor layout: HB_DNN_LAYOUT_NCHW',
    'quanti type: NONE',
    'stride: (0,0,0,0,)',
    '',
    ...outputs.flatMap(outputText),
  ];
  return `${lines.join('\n')}\n`;
}

/** The line every model file of the stand-in begins with. */
export const fakednnMagic = 'RDK FAKEDNN MODEL 1\n';

/** Makes `NAME.bin`, which answers NV12 inputs as the recording does, and `NAME.yaml` with its class names. */
export function writeFakednnModel(recordingFolder: string, modelPath: string): void {
  const { recording } = readRecording(recordingFolder);
  const size = { widthPx: recording.inputWidthPx, heightPx: recording.inputHeightPx };
  writeFileSync(modelPath, fakednnMagic + fakednnText('recorded', size, recording.outputs));
  symlinkSync(framesPath(recordingFolder), modelPath.replace(/bin$/, 'recordings'));
  writeFileSync(modelPath.replace(/bin$/, 'yaml'), stringify({ class_names: recording.classNames }));
}
