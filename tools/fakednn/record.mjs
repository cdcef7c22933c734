// Makes a model of fakednn (native/fakednn) from an ONNX model and pictures.
//
// Usage: node tools/fakednn/record.mjs --model MODEL.onnx --images FOLDER -o NAME.bin
//                                      [--info TEXT] [--scales JSON] [--core-ms 5.5] [--host-ms 4.9]
import { existsSync } from 'node:fs';
import { readFile, rm } from 'node:fs/promises';
import { basename, extname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { stringify } from 'yaml';
import { OnnxModel } from '../../dist/backends/onnx/model.js';
import { recordTensors } from '../../dist/backends/replay/recordTensors.js';
import { readRecording } from '../../dist/backends/replay/recordingFile.js';
import { parseScales } from '../../dist/backends/replay/scales.js';
import { listPictures, readWholePicture } from '../../dist/camera/pictureFolder.js';
import { toSessionOptions } from '../../dist/config/options.js';
import { ParameterStore } from '../../dist/config/store.js';
import { ConfigError } from '../../dist/core/errors.js';
import { writeFileAtomically } from '../../dist/files/atomicFile.js';
import { boardTimes, fakednnHead, renderModelInfo, withRecordedScales } from './modelInfo.mjs';

/**
 * @typedef {import('../../dist/backends/replay/recordTensors.js').TensorSource} TensorSource
 * @typedef {import('../../dist/backends/replay/picture.js').Nv12Picture} Nv12Picture
 * @typedef {Iterable<Nv12Picture> | AsyncIterable<Nv12Picture>} Pictures
 *
 * @typedef {object} FakeModelOptions
 * @property {string | null} [infoText] What `hrt_model_exec model_info` printed; default: the outputs as recorded.
 * @property {number} [coreMs]
 * @property {number} [hostMs]
 *
 * @typedef {FakeModelOptions & { path: string, model: TensorSource, modelName: string, pictures: Pictures,
 *   scales?: import('../../dist/backends/replay/scales.js').OutputScales }} FakeModelRequest
 * `path` is `NAME.bin`, and the recording `NAME.replay`; `modelName` is for people.
 */

/** The node's defaults. */
const { preprocess } = toSessionOptions(new ParameterStore().values, '');

/**
 * Writes `NAME.bin`, which answers as the recording `NAME.replay` does, and its class names, `NAME.yaml`.
 *
 * @param {string} path
 * @param {FakeModelOptions} [options]
 */
export async function writeFakeModel(path, { infoText = null, coreMs = 0, hostMs = 0 } = {}) {
  const { recording } = readRecording(recordingPath(path));
  const { inputWidthPx: widthPx, inputHeightPx: heightPx, outputs, classNames, form } = recording;
  if (form !== 'nv12') throw new Error(`${recordingPath(path)} is recorded for ${form}; expected nv12`);
  const info =
    infoText === null
      ? renderModelInfo(basename(path, '.bin'), { widthPx, heightPx }, outputs)
      : withRecordedScales(infoText, outputs);
  await writeFileAtomically(path.replace(/\.bin$/, '.yaml'), stringify({ class_names: classNames }));
  await writeFileAtomically(path, `${fakednnHead({ coreMs, hostMs })}${info}`);
}

/**
 * Records in `NAME.replay` what `model` answers to the NV12 inputs of the pictures, beside `NAME.bin`.
 *
 * Outputs are matched by name with those of `infoText`, which lays them out; their scales are those of the
 * recording. Throws ConfigError for a taken or unfit name, Error for a text of other outputs, and what the
 * recorder throws; nothing is left then.
 *
 * @param {FakeModelRequest} request
 */
export async function recordFakeModel({ path, model, modelName, pictures, scales = {}, ...options }) {
  if (extname(path) !== '.bin')
    throw new ConfigError('output', `${path} is no name of a model; expected NAME.bin`, { path });
  if (existsSync(path)) throw new ConfigError('output', `${path} exists already`, { path });
  const summary = await recordTensors({
    path: recordingPath(path),
    model,
    modelName,
    scales,
    form: 'nv12',
    preprocess,
    pictures,
  });
  try {
    await writeFakeModel(path, options);
  } catch (error) {
    await rm(recordingPath(path), { recursive: true });
    throw error;
  }
  return summary;
}

/** @param {string} path */
const recordingPath = (path) => path.replace(/\.bin$/, '.replay');

/** @param {string} folder */
async function* readPictures(folder) {
  for (const name of await listPictures(folder))
    yield readWholePicture(join(folder, name), preprocess.yuvRange);
}

/** @param {string | undefined} path */
const readText = (path) => (path === undefined ? null : readFile(path, 'utf8'));

async function main() {
  const text = /** @type {const} */ ({ type: 'string' });
  const { values } = parseArgs({
    options: {
      ...{ model: text, images: text, info: text, scales: text, output: { ...text, short: 'o' } },
      'core-ms': { ...text, default: String(boardTimes.coreMs) },
      'host-ms': { ...text, default: String(boardTimes.hostMs) },
    },
  });
  const { model: onnxPath, images, output: path } = values;
  if (!onnxPath || !images || !path)
    throw new ConfigError('arguments', 'expected --model, --images and -o', {});
  const scalesText = await readText(values.scales);
  const model = await OnnxModel.open(onnxPath, 0);
  try {
    const { inputCount } = await recordFakeModel({
      path,
      model,
      modelName: basename(onnxPath),
      pictures: readPictures(images),
      scales: scalesText === null ? {} : parseScales(scalesText, values.scales ?? ''),
      infoText: await readText(values.info),
      coreMs: Number(values['core-ms']),
      hostMs: Number(values['host-ms']),
    });
    console.log(`${path}: ${inputCount} inputs`);
  } finally {
    await model.close();
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  await main().catch((error) => {
    console.error(error instanceof Error ? error.message : error);
    process.exitCode = 1;
  });
}
