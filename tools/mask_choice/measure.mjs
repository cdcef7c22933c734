// What the way a mask is cut does to mask AP; the figures of docs/masks.md.
//
//   node tools/mask_choice/measure.mjs DATA [PYTHON]
//
// DATA holds coco24/ and models/. PYTHON has the packages of requirements.txt (default python3). Writes the outputs of
// the model and the results of the Postprocessor into a temporary folder, then has evaluate.py read them.
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, parse } from 'node:path';
import { fileURLToPath } from 'node:url';
import { spansToRle } from '../../dist/evaluate/cocoRle.js';
import { packedStrideBytes } from '../../dist/core/tensor.js';
import { resolveHeads } from '../../dist/model/heads.js';
import { Postprocessor } from '../../dist/postprocess/postprocess.js';
import { openModel } from '../../test/oracle/models.mjs';

/**
 * @typedef {import('../../dist/core/geometry.js').LetterboxGeometry} LetterboxGeometry
 * @typedef {import('../../dist/core/tensor.js').TensorView} TensorView
 * @typedef {import('../../dist/model/rawHeads.js').RawHeads} RawHeads
 * @typedef {import('../../dist/model/headLayout.js').GridHead} GridHead
 */

const maxDetections = 300;
/** @type {import('../../dist/core/result.js').PostprocessOptions} */
const options = {
  scoreThreshold: 0.001,
  everyClass: false,
  iouThreshold: 0.7,
  nms: 'auto',
  maxDetections,
  classes: null,
  classAgnosticNms: false,
  contourTolerancePx: null,
};

/**
 * Detections as plain objects, masks as COCO has them.
 *
 * @param {import('../../dist/postprocess/postprocess.js').PostprocessResult} result
 * @param {LetterboxGeometry} geometry
 */
function detections({ instances }, { sourceWidthPx, sourceHeightPx }) {
  const { count, boxesImage, scores, classIds, spans, spanStarts } = instances;
  return Array.from({ length: count }, (_, index) => ({
    box: [...boxesImage.subarray(index * 4, index * 4 + 4)],
    score: scores[index],
    classId: classIds[index],
    segmentation: spansToRle(
      spans.subarray(spanStarts[index] * 3, spanStarts[index + 1] * 3),
      sourceWidthPx,
      sourceHeightPx,
    ),
  }));
}

/**
 * The tensors with the logits of one class only.
 *
 * @param {readonly TensorView[]} tensors
 * @param {RawHeads} heads
 * @param {number} classId
 * @returns {TensorView[]}
 */
function oneClass(tensors, heads, classId) {
  const classIndices = new Set(heads.levels.map((level) => level.cls.outputIndex));
  return tensors.map((view, index) => {
    if (!classIndices.has(index)) return view;
    const [, height, width] = view.spec.dims;
    const dims = [1, height, width, 1];
    const data = Float32Array.from(
      { length: height * width },
      (_, cell) => view.data[cell * heads.classCount + classId],
    );
    return { spec: { ...view.spec, dims, strideBytes: packedStrideBytes(dims, 'f32') }, data };
  });
}

/** The Postprocessor with one detection per cell, and, class by class, with one per cell and class. */
class Runner {
  #input;
  /** @type {Postprocessor | null} */
  #best = null;
  /** @type {Postprocessor | null} */
  #single = null;

  /** @param {{ widthPx: number, heightPx: number }} input */
  constructor(input) {
    this.#input = input;
  }

  /** @param {readonly TensorView[]} tensors */
  #make(tensors) {
    const specs = tensors.map((view) => view.spec);
    const heads = resolveHeads(specs, this.#input);
    return new Postprocessor(heads, { maxCandidates: heads.cellCount });
  }

  /**
   * @param {readonly TensorView[]} tensors
   * @param {LetterboxGeometry} geometry
   */
  bestClass(tensors, geometry) {
    this.#best ??= this.#make(tensors);
    return detections(this.#best.run(tensors, geometry, options), geometry);
  }

  /**
   * @param {readonly TensorView[]} tensors
   * @param {LetterboxGeometry} geometry
   */
  everyClass(tensors, geometry) {
    const { heads } = this;
    const found = [];
    for (let classId = 0; classId < heads.classCount; classId++) {
      const slice = oneClass(tensors, heads, classId);
      this.#single ??= this.#make(slice);
      const ofClass = detections(this.#single.run(slice, geometry, options), geometry);
      found.push(...ofClass.map((one) => ({ ...one, classId })));
    }
    return found.sort((a, b) => b.score - a.score).slice(0, maxDetections);
  }

  /** Of the model, once `bestClass` has seen its outputs. */
  get heads() {
    const heads = this.#best?.heads;
    if (heads?.kind !== 'raw') throw new Error('bestClass comes first, and the heads must be raw');
    return heads;
  }
}

/**
 * Float64 files of the tensors, named as test/oracle/decode.py reads them.
 *
 * @param {string} folder
 * @param {number} id
 * @param {RawHeads} heads
 * @param {readonly TensorView[]} tensors
 */
function saveTensors(folder, id, heads, tensors) {
  /**
   * @param {string} role
   * @param {GridHead} head
   */
  const save = (role, { outputIndex }) => {
    const name = `${id}-${role}.f64`;
    writeFileSync(join(folder, name), Float64Array.from(tensors[outputIndex].data));
    return name;
  };
  return {
    classCount: heads.classCount,
    coefCount: heads.coefCount,
    regMax: heads.regMax,
    protoDownsample: heads.proto.downsample,
    protoHeight: heads.proto.heightCells,
    protoWidth: heads.proto.widthCells,
    proto: save('proto', heads.proto),
    levels: heads.levels.map(({ downsample, heightCells, widthCells, cls, box, coef }) => ({
      downsample,
      heightCells,
      widthCells,
      cls: save(`cls${downsample}`, cls),
      box: save(`box${downsample}`, box),
      coef: save(`coef${downsample}`, coef),
    })),
  };
}

/**
 * @param {string} data
 * @param {string} folder
 */
async function exportPictures(data, folder) {
  const session = await openModel(join(data, 'models/yolov8n-seg-rdk-w8.onnx'));
  const runner = new Runner({ widthPx: session.inputWidthPx, heightPx: session.inputHeightPx });
  const cases = [];
  for (const file of readdirSync(join(data, 'coco24/images')).sort()) {
    const imageId = Number(parse(file).name);
    const { geometry, tensors } = await session.run(join(data, 'coco24/images', file));
    const best = runner.bestClass(tensors, geometry);
    const every = runner.everyClass(tensors, geometry);
    cases.push({
      imageId,
      geometry,
      ours: { best, every },
      ...saveTensors(folder, imageId, runner.heads, tensors),
    });
  }
  await session.close();
  writeFileSync(join(folder, 'cases.json'), JSON.stringify(cases));
}

const [data, python = 'python3'] = process.argv.slice(2);
if (data === undefined) throw new Error('usage: measure.mjs DATA [PYTHON]');
const folder = mkdtempSync(join(tmpdir(), 'mask-choice-'));
try {
  await exportPictures(data, folder);
  const script = fileURLToPath(new URL('evaluate.py', import.meta.url));
  const truth = join(data, 'coco24/instances_val2017_subset.json');
  execFileSync(python, ['-B', script, folder, truth], { stdio: 'inherit' });
} finally {
  rmSync(folder, { recursive: true });
}
