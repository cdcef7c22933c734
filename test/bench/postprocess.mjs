// Post-processing alone, on tensors of real pictures. Usage: node test/bench/postprocess.mjs   (needs a build)
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { solveLetterbox } from '../../dist/core/geometry.js';
import { resolveHeads } from '../../dist/model/heads.js';
import { Postprocessor } from '../../dist/postprocess/postprocess.js';
import { makeTensors } from '../../dist/postprocess/warmUp.js';
import { openModel } from '../oracle/models.mjs';

const options = {
  scoreThreshold: 0.25,
  iouThreshold: 0.7,
  maxDetections: 300,
  classes: null,
  classAgnosticNms: false,
};
const coco = (id) => `coco24/images/${id.padStart(12, '0')}.jpg`;
const pictures = [coco('557172'), coco('397133'), coco('184324'), 'images/bus.jpg', 'images/zidane.jpg'];

/** Tensors to run on: real pictures if the data set is there, else made-up ones. */
async function loadScenes() {
  const folder = process.env.RDK_YOLO_SEG_DATA ?? '';
  const modelPath = join(folder, 'models/yolov8n-seg-rdk-w8.onnx');
  if (folder === '' || !existsSync(modelPath)) return [syntheticScene()];
  const model = await openModel(modelPath);
  const scenes = [];
  for (const path of pictures) {
    const { geometry, tensors } = await model.run(join(folder, path));
    const name = path.replace(/^.*\/0*|\.jpg$/g, '');
    scenes.push({ name, geometry, tensors, input: { widthPx: 640, heightPx: 640 } });
  }
  await model.close();
  return scenes;
}

function syntheticScene() {
  const input = { widthPx: 640, heightPx: 640 };
  const head = (name, size, channels) => ({
    name,
    type: 'f32',
    dims: [1, size, size, channels],
    strideBytes: [size * size * channels * 4, size * channels * 4, channels * 4, 4],
    quantisation: { kind: 'none' },
  });
  const specs = [
    ...[80, 64, 32].flatMap((channels) =>
      [80, 40, 20].map((size) => head(`${channels}x${size}`, size, channels)),
    ),
    head('proto', 160, 32),
  ];
  const tensors = makeTensors(resolveHeads(specs, input));
  return { name: 'synthetic', geometry: solveLetterbox(640, 480, 640, 640), tensors, input };
}

/** The same tensors as the X5's integer heads: int32 boxes and coefficients with a scale per channel, int16 prototype. */
function toIntegers(tensors) {
  return tensors.map(({ spec, data }) => {
    const channels = spec.dims[3];
    const isProto = spec.dims[1] === 160;
    if (channels === 80) return { spec, data };
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

function median(values) {
  return values.sort((a, b) => a - b)[values.length >> 1];
}

/**
 * One row per picture and source size: median milliseconds of the stages, pictures rotating so that no picture's
 * tensors stay in the cache. Float heads first, then integer ones.
 */
export async function run({ repeats = 200 } = {}) {
  const scenes = await loadScenes();
  const rows = [];
  for (const heads of ['float', 'int32']) {
    let shared;
    const prepared = scenes.map(({ name, geometry, tensors: floats, input }) => {
      const tensors = heads === 'float' ? floats : toIntegers(floats);
      const specs = tensors.map((view) => view.spec);
      // Integer tensors have scales of their own in every picture; float ones share one Postprocessor.
      const own = heads === 'float' ? shared : undefined;
      const postprocessor = own ?? new Postprocessor(resolveHeads(specs, input, { classCount: 80 }));
      shared ??= postprocessor;
      const geometries = {
        source: geometry,
        '1080p': solveLetterbox(1920, 1080, input.widthPx, input.heightPx),
      };
      return { name, postprocessor, tensors, geometries };
    });
    for (const size of ['source', '1080p']) {
      const measured = prepared.map(() => ({ total: [], decode: [], masks: [], last: null }));
      for (let repeat = -30; repeat < repeats; repeat++) {
        prepared.forEach(({ postprocessor, tensors, geometries }, index) => {
          const startMs = performance.now();
          const result = postprocessor.run(tensors, geometries[size], options);
          const totalMs = performance.now() - startMs;
          measured[index].last = result;
          if (repeat < 0) return;
          measured[index].total.push(totalMs);
          measured[index].decode.push(result.decodeMs);
          measured[index].masks.push(result.masksMs);
        });
      }
      measured.forEach(({ total, decode, masks, last }, index) => {
        rows.push({
          name: `postprocess ${heads} ${size} ${prepared[index].name}`,
          medianMs: median(total),
          decodeMs: median(decode),
          masksMs: median(masks),
          instances: last.instances.count,
          candidates: last.candidateCount,
          spanBytes: last.instances.spans.byteLength,
        });
      });
    }
  }
  return rows;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const rows = await run();
  console.table(
    rows.map((row) =>
      Object.fromEntries(
        Object.entries(row).map(([key, value]) => [key, key.endsWith('Ms') ? value.toFixed(3) : value]),
      ),
    ),
  );
}
