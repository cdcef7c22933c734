// What integers cost in box and mask AP, all heads together and each by itself; the figures of docs/accuracy.md.
//
//   node tools/accuracy/measure.mjs [--heads] [--python PYTHON] TRUTH.json FLOAT.replay OTHER.replay...
//
// TRUTH.json is a COCO file; the recordings, by `tensors` and `model simulate`, are of its pictures in their own sizes.
// PYTHON has the packages of requirements.txt (default python3). The first recording is what the others are compared
// with. --heads also decodes each of the others with the heads of one kind exchanged.
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { viewFrame } from '../../dist/backends/replay/frameLayout.js';
import { framePath, readRecording } from '../../dist/backends/replay/recordingFile.js';
import { solveLetterbox } from '../../dist/core/geometry.js';
import { spansToRle } from '../../dist/evaluate/cocoRle.js';
import { resolveHeads, withClassScores } from '../../dist/model/heads.js';
import { Postprocessor } from '../../dist/postprocess/postprocess.js';

/**
 * @typedef {import('../../dist/core/tensor.js').TensorView} TensorView
 * @typedef {import('../../dist/model/rawHeads.js').RawHeads} RawHeads
 * @typedef {{ id: number, file_name: string, width: number, height: number }} Picture
 * @typedef {'cls' | 'box' | 'coef' | 'proto'} Kind
 * @typedef {ReturnType<typeof openRecording>} Opened
 * @typedef {{ name: string, file: string }} Row
 */

const kindNames = { box: 'boxes', cls: 'classes', coef: 'coefficients', proto: 'prototypes' };
const kinds = /** @type {Kind[]} */ (Object.keys(kindNames));

/**
 * The node's way of choosing, at the lower of the two thresholds; evaluate.py leaves out what the higher one would.
 *
 * @type {import('../../dist/core/result.js').PostprocessOptions}
 */
const options = {
  scoreThreshold: 0.001,
  everyClass: false,
  iouThreshold: 0.7,
  nms: 'auto',
  maxDetections: 300,
  classes: null,
  classAgnosticNms: false,
  contourTolerancePx: null,
};

/** @param {string} folder */
function openRecording(folder) {
  const { recording, layout } = readRecording(folder);
  const { classNames, classScores, outputs, preprocess } = recording;
  if (preprocess.resizeMode !== 'letterbox') {
    throw new Error(`${folder} was recorded with ${preprocess.resizeMode}; letterbox is expected`);
  }
  const input = { widthPx: recording.inputWidthPx, heightPx: recording.inputHeightPx };
  const heads = withClassScores(resolveHeads(outputs, input, { classNames }), classScores);
  if (heads.kind !== 'raw') throw new Error(`${folder} has no raw heads`);
  const hashes = new Map(recording.frames.map(({ hash, source }) => [basename(source), hash]));
  return {
    folder,
    name: basename(folder, '.replay'),
    classNames,
    input,
    heads,
    /**
     * @param {string} fileName
     * @returns {TensorView[]}
     */
    read(fileName) {
      const hash = hashes.get(fileName);
      if (hash === undefined) throw new Error(`${folder} has no ${fileName}`);
      // A small Buffer may lie in memory that it shares; a frame is read into its own.
      const { buffer, byteOffset, byteLength } = readFileSync(framePath(folder, hash));
      return viewFrame(buffer.slice(byteOffset, byteOffset + byteLength), outputs, layout);
    },
  };
}

/**
 * Where the heads of one kind lie among the outputs, coarse levels last.
 *
 * @param {RawHeads} heads
 * @param {Kind} kind
 */
function placesOf(heads, kind) {
  return kind === 'proto' ? [heads.proto.outputIndex] : heads.levels.map((level) => level[kind].outputIndex);
}

/**
 * The outputs of `base` with the heads of `kind` as `donor` gives them, under the names that `base` has for them.
 *
 * @param {Opened} base
 * @param {readonly TensorView[]} tensors
 * @param {Opened} donor
 * @param {readonly TensorView[]} others
 * @param {Kind} kind
 */
function exchanged(base, tensors, donor, others, kind) {
  const from = placesOf(donor.heads, kind);
  const mixed = [...tensors];
  placesOf(base.heads, kind).forEach((place, index) => {
    const { spec, data } = others[from[index]];
    mixed[place] = { spec: { ...spec, name: tensors[place].spec.name }, data };
  });
  return mixed;
}

/**
 * The results of one recording, or of a mixture, as a COCO result file has them.
 *
 * @param {Opened} base
 * @param {(fileName: string) => TensorView[]} read
 * @param {readonly Picture[]} pictures
 * @param {ReadonlyMap<string, number>} categories
 */
function resultsOf({ classNames, input, heads: { classScores } }, read, pictures, categories) {
  /** @type {Postprocessor | null} */
  let postprocessor = null;
  return pictures.flatMap(({ id, file_name: fileName, width, height }) => {
    const tensors = read(fileName);
    const specs = tensors.map((view) => view.spec);
    postprocessor ??= makePostprocessor(
      withClassScores(resolveHeads(specs, input, { classNames }), classScores),
    );
    // NV12 has even sizes: an odd last row or column was cut off.
    const geometry = solveLetterbox(width & ~1, height & ~1, input.widthPx, input.heightPx);
    const { instances } = postprocessor.run(tensors, geometry, options);
    const { boxesImage, scores, classIds, spans, spanStarts } = instances;
    return Array.from({ length: instances.count }, (_, index) => {
      const [x1, y1, x2, y2] = boxesImage.subarray(index * 4, index * 4 + 4);
      return {
        image_id: id,
        category_id: categories.get(classNames[classIds[index]]),
        score: scores[index],
        bbox: [x1, y1, x2 - x1, y2 - y1],
        segmentation: spansToRle(
          spans.subarray(spanStarts[index] * 3, spanStarts[index + 1] * 3),
          width,
          height,
        ),
      };
    });
  });
}

/** @param {import('../../dist/model/heads.js').ResolvedHeads} heads */
function makePostprocessor(heads) {
  return new Postprocessor(heads, { maxCandidates: heads.cellCount });
}

/**
 * Every row of the table with the way its outputs are read, the reference first.
 *
 * @param {readonly Opened[]} recordings
 * @param {boolean} withHeads
 */
function* rowsOf([reference, ...others], withHeads) {
  yield { name: reference.name, base: reference, read: reference.read };
  for (const other of others) {
    yield { name: other.name, base: other, read: other.read };
    if (!withHeads) continue;
    for (const kind of kinds) {
      yield {
        name: `${reference.name}, ${kindNames[kind]} of ${other.name}`,
        base: reference,
        /** @param {string} file */
        read: (file) => exchanged(reference, reference.read(file), other, other.read(file), kind),
      };
    }
    for (const kind of kinds) {
      yield {
        name: `${other.name}, ${kindNames[kind]} of ${reference.name}`,
        base: other,
        /** @param {string} file */
        read: (file) => exchanged(other, other.read(file), reference, reference.read(file), kind),
      };
    }
  }
}

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { heads: { type: 'boolean', default: false }, python: { type: 'string', default: 'python3' } },
});
const [truthPath, ...folders] = positionals;
if (truthPath === undefined || folders.length === 0) {
  throw new Error('usage: measure.mjs [--heads] [--python PYTHON] TRUTH.json FLOAT.replay OTHER.replay...');
}
const recordings = folders.map(openRecording);
/** @type {{ images: Picture[], categories: { id: number, name: string }[] }} */
const truth = JSON.parse(readFileSync(truthPath, 'utf8'));
const categories = new Map(truth.categories.map(({ id, name }) => [name, id]));
for (const { folder, classNames } of recordings) {
  const unknown = classNames.filter((name) => !categories.has(name));
  if (unknown.length > 0)
    throw new Error(`${folder} has classes that ${truthPath} lacks: ${unknown.join(', ')}`);
}
const scratch = mkdtempSync(join(tmpdir(), 'accuracy-'));
try {
  /** @type {Row[]} */
  const rows = [];
  for (const { name, base, read } of rowsOf(recordings, values.heads)) {
    const file = `${rows.length}.json`;
    writeFileSync(join(scratch, file), JSON.stringify(resultsOf(base, read, truth.images, categories)));
    rows.push({ name, file });
  }
  writeFileSync(join(scratch, 'rows.json'), JSON.stringify(rows));
  const script = fileURLToPath(new URL('evaluate.py', import.meta.url));
  execFileSync(values.python, ['-B', script, scratch, truthPath], { stdio: 'inherit' });
} finally {
  rmSync(scratch, { recursive: true });
}
