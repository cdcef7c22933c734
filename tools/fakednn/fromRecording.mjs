// Makes models of the stand-in for libdnn.so (native/fakednn) that answer as a recording of tensors does.
import { symlinkSync, writeFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { stringify } from 'yaml';
import { framesPath, readRecording } from '../../dist/backends/replay/recordingFile.js';
import { spannedBytes } from '../../dist/model/tensorCheck.js';

/** The line every model file of the stand-in begins with. */
export const fakednnMagic = 'RDK FAKEDNN MODEL 1\n';

const list = (values) => `(${[...values].map((value) => `${value},`).join('')})`;

/** Frames of recordings begin each output at a multiple of 64 bytes; the model's memory is as large. */
const alignedBytes = (spec) => Math.ceil(spannedBytes(spec) / 64) * 64;

function outputText(spec, index) {
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
export function fakednnText(name, { widthPx, heightPx }, outputs) {
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

/** Makes `NAME.bin`, which answers NV12 inputs as the recording does, and `NAME.yaml` with its class names. */
export function writeFakednnModel(recordingFolder, modelPath) {
  const { recording } = readRecording(recordingFolder);
  const size = { widthPx: recording.inputWidthPx, heightPx: recording.inputHeightPx };
  writeFileSync(modelPath, fakednnMagic + fakednnText('recorded', size, recording.outputs));
  symlinkSync(framesPath(resolve(recordingFolder)), modelPath.replace(/bin$/, 'recordings'));
  writeFileSync(modelPath.replace(/bin$/, 'yaml'), stringify({ class_names: recording.classNames }));
}
