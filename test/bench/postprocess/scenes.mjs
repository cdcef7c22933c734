// What the post-processing is measured on: tensors of real pictures if the data set is there, else made-up ones.
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { solveLetterbox } from '#dist/core/geometry.js';
import { resolveHeads } from '#dist/model/heads.js';
import { makeTensors } from '#dist/postprocess/warmUp.js';
import { openModel } from '../../oracle/models.mjs';

export const options = {
  scoreThreshold: 0.25,
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

const coco = (id) => `coco24/images/${id.padStart(12, '0')}.jpg`;
const paths = {
  557172: coco('557172'),
  519208: coco('519208'),
  397133: coco('397133'),
  520707: coco('520707'),
  184324: coco('184324'),
  183709: coco('183709'),
  bus: 'images/bus.jpg',
  zidane: 'images/zidane.jpg',
};
/** Pictures with 1 to 3, 8 to 15 and more than 20 objects, with small and with large ones. */
export const pictures = {
  stages: ['557172', '397133', '184324', 'bus', 'zidane'],
  comparison: {
    'sparse 557172': '557172',
    'sparse 519208': '519208',
    'medium 397133': '397133',
    'medium 520707': '520707',
    'crowded 184324': '184324',
    'crowded 183709': '183709',
  },
};

/** Where and how the model's outputs lie. */
export function headsOf(tensors) {
  return resolveHeads(
    tensors.map((view) => view.spec),
    input,
    { classCount },
  );
}

/**
 * Scenes by picture name; without the data set a single made-up one, `synthetic`.
 * @param {readonly string[]} names of `paths`
 */
export async function loadScenes(names) {
  const folder = process.env.RDK_YOLO_SEG_DATA ?? '';
  const modelPath = join(folder, 'models/yolov8n-seg-rdk-w8.onnx');
  if (folder === '' || !existsSync(modelPath)) return [syntheticScene()];
  const model = await openModel(modelPath);
  const scenes = [];
  for (const name of names) scenes.push({ name, ...(await model.run(join(folder, paths[name]))) });
  await model.close();
  return scenes;
}

function syntheticSpecs() {
  const head = (name, size, channels) => ({
    name,
    type: 'f32',
    dims: [1, size, size, channels],
    strideBytes: [size * size * channels * 4, size * channels * 4, channels * 4, 4],
    quantisation: { kind: 'none' },
  });
  return [
    ...[classCount, 64, 32].flatMap((channels) =>
      [80, 40, 20].map((size) => head(`${channels}x${size}`, size, channels)),
    ),
    head('proto', 160, 32),
  ];
}

function syntheticScene() {
  const tensors = makeTensors(resolveHeads(syntheticSpecs(), input));
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

/** The same tensors as the X5's integer heads: int32 boxes and coefficients with a scale per channel, int16 prototype. */
export function toIntegers(tensors) {
  return tensors.map(({ spec, data }) => {
    const channels = spec.dims[3];
    const isProto = spec.dims[1] === 160;
    if (channels === classCount) return { spec, data };
    const peak = data.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
    const scale = peak / (isProto ? 32767 : 100_000);
    const type = isProto ? 's16' : 's32';
    const values = (isProto ? Int16Array : Int32Array).from(data, (value) => Math.round(value / scale));
    const quantScales = new Float32Array(isProto ? 1 : channels).fill(scale);
    const strideBytes = spec.strideBytes.map((bytes) => (isProto ? bytes / 2 : bytes));
    const quantisation = { kind: 'scale', quantScales, zeroPoints: new Int32Array(0), axis: 3 };
    return { spec: { ...spec, type, strideBytes, quantisation }, data: values };
  });
}
