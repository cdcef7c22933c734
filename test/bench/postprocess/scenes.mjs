// What the post-processing is measured on: tensors of real pictures if the data set is there, else made-up ones.
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { solveLetterbox } from '#dist/core/geometry.js';
import { packedSpec } from '#dist/core/tensor.js';
import { resolveHeads } from '#dist/model/heads.js';
import { makeTensors } from '#dist/postprocess/warmUp.js';
import { openModel } from '../../oracle/models.mjs';

/**
 * @typedef {import('#dist/core/tensor.js').TensorSpec} TensorSpec
 * @typedef {import('#dist/core/tensor.js').TensorView} TensorView
 * @typedef {{ name: string, geometry: import('#dist/core/geometry.js').LetterboxGeometry, tensors: TensorView[] }} Picture
 * @typedef {keyof typeof paths} PictureName
 */

/** @type {import('#dist/core/result.js').PostprocessOptions} */
export const options = {
  scoreThreshold: 0.25,
  everyClass: false,
  iouThreshold: 0.7,
  nms: 'auto',
  maxDetections: 300,
  classes: null,
  classAgnosticNms: false,
  contourTolerancePx: null,
};
const input = { widthPx: 640, heightPx: 640 };
const classCount = 80;
/** The picture as from a full-HD camera, whatever its own size. */
export const fullHd = solveLetterbox(1920, 1080, input.widthPx, input.heightPx);

/** @param {string} id */
const coco = (id) => `coco24/images/${id.padStart(12, '0')}.jpg`;
const paths = {
  'coco 557172': coco('557172'),
  'coco 519208': coco('519208'),
  'coco 397133': coco('397133'),
  'coco 520707': coco('520707'),
  'coco 184324': coco('184324'),
  'coco 183709': coco('183709'),
  bus: 'images/bus.jpg',
  zidane: 'images/zidane.jpg',
};
/**
 * Pictures with 1 to 3, 8 to 15 and more than 20 objects, with small and with large ones.
 *
 * @type {{ stages: PictureName[], comparison: Record<string, PictureName> }}
 */
export const pictures = {
  stages: ['coco 557172', 'coco 397133', 'coco 184324', 'bus', 'zidane'],
  comparison: {
    'sparse 557172': 'coco 557172',
    'sparse 519208': 'coco 519208',
    'medium 397133': 'coco 397133',
    'medium 520707': 'coco 520707',
    'crowded 184324': 'coco 184324',
    'crowded 183709': 'coco 183709',
  },
};

/**
 * Where and how the model's outputs lie.
 *
 * @param {readonly TensorView[]} tensors
 */
export function headsOf(tensors) {
  return resolveHeads(
    tensors.map((view) => view.spec),
    input,
    { classCount },
  );
}

/**
 * Scenes by picture name, of a model of the data set; without the data set a single made-up one, `synthetic`.
 *
 * @param {readonly PictureName[]} names
 * @param {string} file of the model
 * @returns {Promise<Picture[]>}
 */
export async function loadScenes(names, file = 'yolov8n-seg-rdk-w8.onnx') {
  const folder = process.env.RDK_YOLO_SEG_DATA ?? '';
  const modelPath = join(folder, 'models', file);
  if (folder === '' || !existsSync(modelPath)) return [syntheticScene()];
  const model = await openModel(modelPath);
  /** @type {Picture[]} */
  const scenes = [];
  for (const name of names) scenes.push({ name, ...(await model.run(join(folder, paths[name]))) });
  await model.close();
  return scenes;
}

/** @returns {TensorSpec[]} */
function syntheticSpecs() {
  /**
   * @param {string} name
   * @param {number} size
   * @param {number} channels
   */
  const head = (name, size, channels) => packedSpec(name, [1, size, size, channels]);
  return [
    ...[classCount, 64, 32].flatMap((channels) =>
      [80, 40, 20].map((size) => head(`${channels}x${size}`, size, channels)),
    ),
    head('proto', 160, 32),
  ];
}

/** @returns {Picture} */
function syntheticScene() {
  const tensors = makeTensors(resolveHeads(syntheticSpecs(), input, { classCount }));
  return { name: 'synthetic', geometry: solveLetterbox(640, 480, input.widthPx, input.heightPx), tensors };
}

/** Every class of every cell is above the threshold, boxes and masks are noise: the most work a frame can be. */
export function worstScene() {
  const { tensors } = syntheticScene();
  let state = 1;
  for (const { spec, data } of tensors) {
    if (spec.dims[3] !== classCount) continue;
    for (let at = 0; at < data.length; at++) {
      state = (Math.imul(state, 1664525) + 1013904223) | 0;
      data[at] = 1 + state / 0x80000000;
    }
  }
  return { name: 'worst', geometry: fullHd, tensors };
}

/** Scales are such that the greatest value of a channel is this integer. */
const peaks = { s32: 100_000, s16: 32767 };

/** @typedef {'cls' | 'box' | 'coef' | 'proto'} Role */

/**
 * @param {TensorSpec} spec
 * @returns {Role}
 */
export function roleOf({ dims: [, size, , channels] }) {
  if (channels === classCount) return 'cls';
  if (channels === 64) return 'box';
  return size === 160 ? 'proto' : 'coef';
}

/**
 * One tensor as the X5 gives it: heads int32 with a scale per channel, the prototype int16 with one.
 *
 * @param {TensorView} view
 * @returns {TensorView}
 */
export function toIntegers({ spec, data }) {
  const isProto = roleOf(spec) === 'proto';
  const type = isProto ? 's16' : 's32';
  const channels = isProto ? 1 : spec.dims[3];
  const quantScales = new Float32Array(channels);
  for (let at = 0; at < data.length; at++) {
    const channel = at % channels;
    quantScales[channel] = Math.max(quantScales[channel], Math.abs(data[at]) / peaks[type]);
  }
  const values = isProto ? new Int16Array(data.length) : new Int32Array(data.length);
  for (let at = 0; at < values.length; at++) {
    values[at] = Math.round(data[at] / (quantScales[at % channels] || 1));
  }
  const strideBytes = spec.strideBytes.map((bytes) => (isProto ? bytes / 2 : bytes));
  /** @type {TensorSpec['quantisation']} */
  const quantisation = { kind: 'scale', quantScales, zeroPoints: new Int32Array(0), axis: 3 };
  return { spec: { ...spec, type, strideBytes, quantisation }, data: values };
}

/**
 * Heads that the X5 gives as integers when Dequantize nodes are removed, by how many they are.
 *
 * @type {Readonly<Record<string, readonly Role[]>>}
 */
export const removals = {
  none: [],
  six: ['box', 'coef'],
  nine: ['box', 'coef', 'cls'],
  ten: ['box', 'coef', 'cls', 'proto'],
};

/**
 * The tensors with the heads of these roles as integers.
 *
 * @param {readonly TensorView[]} tensors
 * @param {readonly Role[]} roles
 */
export function withIntegers(tensors, roles) {
  return tensors.map((view) => (roles.includes(roleOf(view.spec)) ? toIntegers(view) : view));
}
