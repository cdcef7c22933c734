// The model of bpu-sim: tensors recorded from a model on pictures, a model of fakednn
// that answers with them, and what the node must find in each picture.
import { existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { openReplaySession } from '../../dist/backends/replay/open.js';
import { pictureAsFrame } from '../../dist/camera/pictureFrame.js';
import { loadFrames } from '../../dist/camera/source.js';
import { toPostprocessOptions, toSessionOptions } from '../../dist/config/options.js';
import { ParameterStore } from '../../dist/config/store.js';
import { spansToRle } from '../../dist/evaluate/cocoRle.js';
import { boxOf } from '../../dist/core/spans.js';
import { defaultToolchainFolder } from '../../dist/toolchain/install/toolchainFolder.js';
import { writeCompiledFakeModel } from '../../tools/fakednn/compiled.mjs';
import { writeFakeModel } from '../../tools/fakednn/record.mjs';
import { root } from '../setup/paths.mjs';
import { DemoFailure, Program } from './program.mjs';

/** Some 40 inferences on the CPU; those of a compiled model of 640 px take 4 s each. */
const RECORD_LIMIT_S = 900;

const scenes = join(root, 'assets', 'scenes');

/** The defaults of the node, which reports every class. */
const { values } = new ParameterStore();
const { preprocess } = toSessionOptions(values, '');
const postprocess = toPostprocessOptions(values, []);

/**
 * @typedef {{ model: string, record: string[], pictures: string }} Source
 * `record`: the command that records the model's outputs, without the pictures.
 * @typedef {{ compiled: string | null, images: string | null }} Choices
 * @typedef {{ widthPx: number, heightPx: number }} SizePx
 */

/**
 * Real pictures and a model of them where there are any.
 *
 * @returns {Source}
 */
function usualSource() {
  const data = process.env.RDK_YOLO_SEG_DATA;
  const tensors = (/** @type {string} */ onnx) => ['tensors', '--input', 'nv12', '--model', onnx];
  if (data) {
    const model = join(data, 'models', 'yolov8n-seg-rdk-bpuemu.onnx');
    const scales = model.replace('.onnx', '.scales.json');
    const pictures = join(data, 'coco24', 'images');
    if ([model, scales, pictures].every((path) => existsSync(path)))
      return { model, record: [...tensors(model), '--scales', scales], pictures };
  }
  const model = join(root, 'assets', 'models', 'shapes-seg.onnx');
  return { model, record: tensors(model), pictures: scenes };
}

/**
 * @param {Choices} choices
 * @returns {Source}
 */
function sourceOf({ compiled, images }) {
  const source =
    compiled === null
      ? usualSource()
      : { model: compiled, record: ['model', 'simulate', compiled], pictures: scenes };
  return images === null ? source : { ...source, pictures: images };
}

/**
 * @param {Source} source
 * @param {string} recording
 * @param {SizePx} size
 * @param {NodeJS.ProcessEnv} env
 */
async function recordTensors({ record, pictures }, recording, { widthPx, heightPx }, env) {
  const args = [...record, '--images', pictures, '-o', recording];
  args.push('--width', String(widthPx), '--height', String(heightPx));
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
 * @param {Choices} choices
 * @param {SizePx} size
 * @param {NodeJS.ProcessEnv} env
 */
export async function makeFakednnModel(folder, choices, size, env) {
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  const source = sourceOf(choices);
  const recording = join(folder, 'model.replay');
  const model = join(folder, 'model.bin');
  const expected = join(folder, 'expected.json');
  await recordTensors(source, recording, size, env);
  if (choices.compiled === null) await writeFakeModel(model);
  else await writeCompiledFakeModel(choices.compiled, model, { toolchain: defaultToolchainFolder(env) });
  const coco = await expectedOutputs(recording, source.pictures, size);
  writeFileSync(expected, JSON.stringify(coco));
  return {
    source,
    model,
    expected,
    pictureCount: coco.images.length,
    objectCount: coco.annotations.length,
  };
}
