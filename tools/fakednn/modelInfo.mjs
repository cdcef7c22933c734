// Text as `hrt_model_exec model_info` prints it, from which native/fakednn takes the tensors of its models.
import { spannedBytes } from '../../dist/model/tensorCheck.js';

/**
 * @typedef {import('../../dist/core/tensor.js').TensorSpec} TensorSpec
 *
 * @typedef {object} InputInfo
 * @property {'NV12' | 'NV12_SEPARATE' | 'RGB'} [type] Default: NV12.
 * @property {number} widthPx
 * @property {number} heightPx
 * @property {number} [pitchBytes] Bytes per row of a plane; default: the width.
 *
 * @typedef {TensorSpec & { readonly alignedDims?: readonly number[] }} OutputInfo
 * `alignedDims`: where rows have room for more than their elements.
 */

/** The line every model file of fakednn begins with. */
export const fakednnMagic = 'RDK FAKEDNN MODEL 1\n';

/** Milliseconds of a task of YOLOv8n-seg on the X5: the core is its alone, the rest overlaps with other tasks. */
export const boardTimes = { coreMs: 5.5, hostMs: 4.9 };

/**
 * The first lines of a model file, before what describes its tensors.
 *
 * @param {{ coreMs: number, hostMs: number }} times Milliseconds of a task on the core and beside it.
 */
export const fakednnHead = ({ coreMs, hostMs }) => `${fakednnMagic}core_ms: ${coreMs}\nhost_ms: ${hostMs}\n`;

/** @param {ArrayLike<number> & Iterable<number>} values */
const items = (values) => Array.from(values, (value) => `${value},`).join('');
/** @param {readonly number[]} values */
const list = (values) => `(${items(values)})`;
/** @param {{ quantScales: ArrayLike<number> & Iterable<number> }} rule */
const scaleText = ({ quantScales }) => `scale data: ${items(quantScales)}`;

/** @param {InputInfo} input */
function inputText({ widthPx, heightPx, pitchBytes = widthPx, type = 'NV12' }) {
  const planeBytes = pitchBytes * heightPx;
  return [
    'input[0]: ',
    'name: images',
    'input source: HB_DNN_INPUT_FROM_PYRAMID',
    `valid shape: ${list([1, 3, heightPx, widthPx])}`,
    `aligned shape: ${list([1, 3, heightPx, pitchBytes])}`,
    `aligned byte size: ${type === 'NV12' ? (planeBytes * 3) / 2 : planeBytes * 3}`,
    `tensor type: HB_DNN_IMG_TYPE_${type}`,
    'tensor layout: HB_DNN_LAYOUT_NCHW',
    'quanti type: NONE',
    'stride: (0,0,0,0,)',
    '',
  ];
}

/** @param {TensorSpec['quantisation']} rule */
function quantisationText(rule) {
  if (rule.kind === 'none') return ['quanti type: NONE'];
  const data =
    rule.kind === 'shift'
      ? [`shift data: ${items(rule.shifts)}`]
      : [
          scaleText(rule),
          ...(rule.zeroPoints.length > 0 ? [`zero point data: ${items(rule.zeroPoints)}`] : []),
        ];
  return [`quanti type: ${rule.kind.toUpperCase()}`, ...data, `quantizeAxis: ${rule.axis}`];
}

/**
 * @param {OutputInfo} spec
 * @param {number} index
 */
function outputText(spec, index) {
  const { name, type, dims, strideBytes, quantisation, alignedDims = dims } = spec;
  return [
    `output[${index}]: `,
    `name: ${name}`,
    `valid shape: ${list(dims)}`,
    `aligned shape: ${list(alignedDims)}`,
    `aligned byte size: ${Math.max(strideBytes[0] * alignedDims[0], spannedBytes(spec))}`,
    `tensor type: HB_DNN_TENSOR_TYPE_${type.toUpperCase()}`,
    // As on real models, whatever the strides say.
    'tensor layout: HB_DNN_LAYOUT_NCHW',
    ...quantisationText(quantisation),
    `stride: ${list(strideBytes)}`,
    '',
  ];
}

/**
 * Model `name` with one input picture and these outputs: TensorSpec, with `alignedDims` where they differ.
 *
 * @param {string} name
 * @param {InputInfo} input
 * @param {readonly OutputInfo[]} outputs
 */
export function renderModelInfo(name, input, outputs) {
  return [`[model name]: ${name}`, '', ...inputText(input), ...outputs.flatMap(outputText)].join('\n');
}

/**
 * The text with the scales of the recorded outputs, as two quantisations of a network differ.
 *
 * Throws an Error for an output that was not recorded.
 *
 * @param {string} infoText
 * @param {readonly TensorSpec[]} outputs
 */
export function withRecordedScales(infoText, outputs) {
  return infoText
    .split(/^(?=output\[)/m)
    .map((section) => {
      if (!section.startsWith('output[')) return section;
      const name = /^name: *(.*?) *$/m.exec(section)?.[1];
      const spec = outputs.find((output) => output.name === name);
      if (spec === undefined) {
        const names = outputs.map((output) => output.name).join(', ');
        throw new Error(`the text has an output ${name}; recorded are ${names}`);
      }
      const { quantisation } = spec;
      return quantisation.kind === 'scale'
        ? section.replace(/^scale data: .*$/m, scaleText(quantisation))
        : section;
    })
    .join('');
}
