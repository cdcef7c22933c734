// Makes a model of the stand-in for libdnn.so (native/fakednn) from an ONNX model and pictures:
//
//   node tools/fakednn/record.mjs MODEL.onnx INFO.txt PICTURES_FOLDER NAME.bin [SCALES.json]
import { mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { OnnxModel } from '../../dist/backends/onnx/model.js';
import { inputHash } from '../../dist/backends/replay/inputHash.js';
import { preparePicture, rgbOf } from '../../dist/backends/replay/picture.js';
import { parseScales } from '../../dist/backends/replay/scales.js';
import { listPictures, readWholePicture } from '../../dist/camera/pictureFolder.js';
import { ConfigError } from '../../dist/core/errors.js';

const numbers = (text) =>
  text
    .split(/[(),]+/)
    .filter(Boolean)
    .map(Number);

/** Name, valid shape, byte strides and size of each output of a model_info text. */
function outputsOf(infoText) {
  return infoText
    .split(/^output\[\d+\]:/m)
    .slice(1)
    .map((text) => {
      const field = (key) => new RegExp(`^${key}: *(.*?) *$`, 'm').exec(text)?.[1] ?? '';
      return {
        name: field('name'),
        dims: numbers(field('valid shape')),
        stridesBytes: numbers(field('stride')),
        sizeBytes: Number(field('aligned byte size')),
      };
    });
}

/** Copies packed elements to where the strides put them. */
function place(view, { dims, stridesBytes }, target) {
  const source = new Uint8Array(view.data.buffer, view.data.byteOffset, view.data.byteLength);
  const elementBytes = view.data.BYTES_PER_ELEMENT;
  let from = 0;
  const walk = (axis, to) => {
    if (axis === dims.length) {
      target.set(source.subarray(from, from + elementBytes), to);
      from += elementBytes;
      return;
    }
    for (let i = 0; i < dims[axis]; i++) walk(axis + 1, to + i * stridesBytes[axis]);
  };
  walk(0, 0);
}

function pack(outputs, views, names) {
  const parts = outputs.map((output) => {
    const wanted = names[output.name] ?? output.name;
    const view = views.find(({ spec }) => spec.name === wanted);
    const found = view?.spec.dims.join('x') ?? 'no such output';
    if (found !== output.dims.join('x')) {
      throw new ConfigError('output', `output ${wanted}: ${found}, expected ${output.dims.join('x')}`, {});
    }
    const bytes = new Uint8Array(output.sizeBytes);
    place(view, output, bytes);
    return bytes;
  });
  return Buffer.concat(parts);
}

/** The text with the scales of this model in place of those of the board's. */
function withScaleData(infoText, scales, names) {
  return infoText.replace(
    /^(name: *(.*?) *\n(?:(?!^output\[).*\n)*?scale data: ).*$/gm,
    (whole, head, name) => {
      const own = scales[names[name] ?? name];
      return own ? `${head}${own.join(',')},` : whole;
    },
  );
}

/** Records the outputs of `model` for each picture; the number of different inputs. */
export async function recordFakeModel({ path, infoText, model, preprocess, pictures, names = {}, scales = {} }) {
  const folder = resolve(path).replace(/\.bin$/, '.recordings');
  const unfinished = `${folder}.unfinished-${process.pid}`;
  const outputs = outputsOf(infoText);
  const hashes = new Set();
  await mkdir(unfinished);
  try {
    for await (const picture of pictures) {
      const input = await preparePicture(picture, 'nv12', model, preprocess);
      const hash = await inputHash(input);
      if (hashes.has(hash)) continue;
      await model.run(await rgbOf(input, 'nv12', model, preprocess.yuvRange));
      await writeFile(join(unfinished, `${hash}.bin`), pack(outputs, model.borrowedOutputs, names));
      hashes.add(hash);
    }
    await writeFile(`${unfinished}.bin`, `RDK FAKEDNN MODEL 1\n${withScaleData(infoText, scales, names)}`);
    await rename(unfinished, folder);
    await rename(`${unfinished}.bin`, path);
  } catch (error) {
    await rm(unfinished, { recursive: true, force: true });
    await rm(`${unfinished}.bin`, { force: true });
    throw error;
  }
  return hashes.size;
}

async function main([onnxPath, infoPath, picturesPath, path, scalesPath]) {
  const preprocess = { resizeMode: 'letterbox', yuvRange: 'full', scaleFilter: 'auto' };
  const model = await OnnxModel.open(onnxPath, 0);
  try {
    const pictures = (await listPictures(picturesPath)).map((name) =>
      readWholePicture(join(picturesPath, name), preprocess.yuvRange),
    );
    const infoText = await readFile(infoPath, 'utf8');
    const scales = scalesPath ? parseScales(await readFile(scalesPath, 'utf8'), scalesPath) : {};
    const count = await recordFakeModel({ path, infoText, model, preprocess, pictures, scales });
    console.log(`${path}: ${count} inputs`);
  } finally {
    await model.close();
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) await main(process.argv.slice(2));
