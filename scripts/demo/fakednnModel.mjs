// The model of bpu-sim: tensors recorded from an ONNX model on pictures, a model of fakednn
// that answers with them, and what the node must find in each picture.
import { existsSync, mkdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import sharp from 'sharp';
import { openReplaySession } from '../../dist/backends/replay/open.js';
import { pictureAsFrame } from '../../dist/camera/pictureFrame.js';
import { listPictures } from '../../dist/camera/pictureFolder.js';
import { loadFrames } from '../../dist/camera/source.js';
import { toPostprocessOptions, toSessionOptions } from '../../dist/config/options.js';
import { ParameterStore } from '../../dist/config/store.js';
import { spansToRle } from '../../dist/evaluate/cocoRle.js';
import { boxOf } from '../../dist/core/spans.js';
import { writeFakeModel } from '../../tools/fakednn/record.mjs';
import { root } from '../setup/paths.mjs';
import { DemoFailure, Program } from './program.mjs';

/** Some 40 inferences on the CPU. */
const RECORD_LIMIT_S = 300;

/** The defaults of the node, which reports every class. */
const { values } = new ParameterStore();
const { preprocess } = toSessionOptions(values, '');
const postprocess = toPostprocessOptions(values, []);

/** The colour of the first inference of a session. */
const grey = { r: 114, g: 114, b: 114 };

/**
 * @typedef {{ onnx: string, scales: string | null, pictures: string }} Source
 * @typedef {{ widthPx: number, heightPx: number }} SizePx
 */

/**
 * Real pictures and a model of them where there are any.
 *
 * @returns {Source}
 */
function sources() {
  const data = process.env.RDK_YOLO_SEG_DATA;
  if (data) {
    const model = join(data, 'models', 'yolov8n-seg-rdk-bpuemu');
    const real = {
      onnx: `${model}.onnx`,
      scales: `${model}.scales.json`,
      pictures: join(data, 'coco24', 'images'),
    };
    if (Object.values(real).every((path) => existsSync(path))) return real;
  }
  return {
    onnx: join(root, 'assets', 'models', 'shapes-seg.onnx'),
    scales: null,
    pictures: join(root, 'assets', 'scenes'),
  };
}

/**
 * A folder with every picture and a grey one, which a session runs at its opening.
 *
 * @param {string} folder
 * @param {string} source
 * @param {SizePx} size
 */
async function gatherPictures(folder, source, { widthPx, heightPx }) {
  mkdirSync(folder);
  for (const name of await listPictures(source)) symlinkSync(join(source, name), join(folder, name));
  await sharp({ create: { width: widthPx, height: heightPx, channels: 3, background: grey } })
    .png()
    .toFile(join(folder, 'grey.png'));
}

/**
 * @param {Source} source
 * @param {string} pictures
 * @param {string} recording
 * @param {SizePx} size
 * @param {NodeJS.ProcessEnv} env
 */
async function recordTensors(source, pictures, recording, { widthPx, heightPx }, env) {
  const args = ['tensors', '--model', source.onnx, '--images', pictures, '--input', 'nv12', '-o', recording];
  args.push('--width', String(widthPx), '--height', String(heightPx));
  if (source.scales !== null) args.push('--scales', source.scales);
  const code = await new Program('tensors', args, env).end(RECORD_LIMIT_S);
  if (code !== 0) throw new DemoFailure(`recording the tensors ended with ${code}`);
}

/**
 * What the replay backend finds in a picture.
 *
 * @param {import('../../dist/backends/replay/session.js').ReplaySession} session
 * @param {Parameters<typeof pictureAsFrame>[0]} picture
 */
async function findInstances(session, picture) {
  const frame = pictureAsFrame(picture, 0);
  try {
    const { instances } = await session.run(await session.prepare(frame, null), postprocess);
    return instances;
  } finally {
    frame.close();
  }
}

/**
 * The expected outputs of all pictures as a COCO file.
 *
 * @param {string} recording
 * @param {string} pictures
 * @param {SizePx} size
 */
async function expectedOutputs(recording, pictures, size) {
  const session = await openReplaySession(toSessionOptions(values, recording));
  /** @type {import('../../dist/evaluate/cocoFile.js').CocoFile} */
  const coco = { images: [], categories: [], annotations: [] };
  try {
    coco.categories = session.model.classNames.map((name, id) => ({ id, name }));
    const frames = await loadFrames(pictures, { ...size, fit: 'contain', yuvRange: preprocess.yuvRange });
    for (const [image_id, picture] of frames.pictures.entries()) {
      const found = await findInstances(session, { ...picture, ...size });
      coco.images.push({
        id: image_id,
        file_name: picture.name,
        width: size.widthPx,
        height: size.heightPx,
      });
      for (let i = 0; i < found.count; i++) {
        const { x1, y1, x2, y2 } = boxOf(found, i);
        const spans = found.spans.subarray(found.spanStarts[i] * 3, found.spanStarts[i + 1] * 3);
        coco.annotations.push({
          id: coco.annotations.length,
          image_id,
          category_id: found.classIds[i],
          bbox: [x1, y1, x2 - x1, y2 - y1],
          iscrowd: 0,
          visible_fraction: 1,
          score: found.scores[i],
          segmentation: spansToRle(spans, size.widthPx, size.heightPx),
        });
      }
    }
  } finally {
    await session.close();
  }
  return coco;
}

/**
 * Makes everything that bpu-sim needs in `folder`, which is emptied; frames of the camera have `size`.
 *
 * @param {string} folder
 * @param {SizePx} size
 * @param {NodeJS.ProcessEnv} env
 */
export async function makeFakednnModel(folder, size, env) {
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  const source = sources();
  const pictures = join(folder, 'pictures');
  const recording = join(folder, 'model.replay');
  const model = join(folder, 'model.bin');
  const expected = join(folder, 'expected.json');
  await gatherPictures(pictures, source.pictures, size);
  await recordTensors(source, pictures, recording, size, env);
  await writeFakeModel(model);
  const coco = await expectedOutputs(recording, pictures, size);
  writeFileSync(expected, JSON.stringify(coco));
  return {
    source,
    pictures,
    model,
    expected,
    pictureCount: coco.images.length,
    objectCount: coco.annotations.length,
  };
}
