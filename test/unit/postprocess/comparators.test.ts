import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { solveLetterbox } from '#dist/core/geometry.js';
import { resolveHeads } from '#dist/model/heads.js';
import { defaultLimits } from '#dist/postprocess/postprocess.js';
import { compileBaseline } from '../../bench/postprocess/compile.mjs';
import { type ContestantResult, runBaseline, runNumpy } from '../../bench/postprocess/contestants.mjs';
import { type Scene, writeScenes } from '../../bench/postprocess/sceneFiles.mjs';
import { openModel } from '../../oracle/models.mjs';
import { numpyPython, type OracleDetection, type OracleResult, runOracle } from '../../oracle/oracle.js';
import { buildModel, defaultOptions, fillProto, plainGeometry, putObject } from './build.js';
import { loadGolden } from './fixtures.js';

const maxScoreError = 0.001;
const maxBoxErrorPx = 0.05;
const minMaskIou = 0.995;
const request = { withDetections: true };

const dataFolder = process.env.RDK_YOLO_SEG_DATA ?? '';
const modelPath = join(dataFolder, 'models/yolov8n-seg-rdk-w8.onnx');
const noData = dataFolder === '' || !existsSync(modelPath) ? ' (skipped: RDK_YOLO_SEG_DATA not set)' : '';
const noNumpy = numpyPython === null ? ' (skipped: no python3 with numpy)' : '';

type Spans = OracleDetection['spans'];

function pixelCount(spans: Spans): number {
  return spans.reduce((sum, [, x1, x2]) => sum + x2 - x1, 0);
}

function maskIou(a: Spans, b: Spans): number {
  const pixels = new Set(
    b.flatMap(([y, x1, x2]) => Array.from({ length: x2 - x1 }, (_, i) => y * 65536 + x1 + i)),
  );
  let shared = 0;
  for (const [y, x1, x2] of a) {
    for (let x = x1; x < x2; x++) shared += pixels.has(y * 65536 + x) ? 1 : 0;
  }
  const union = pixelCount(a) + pixelCount(b) - shared;
  return union === 0 ? 1 : shared / union;
}

function expectAlike(found: ContestantResult, expected: OracleResult): void {
  const label = found.name;
  expect(found.candidateCount, `${label}: candidates`).toBe(expected.candidateCount);
  expect(
    found.detections.map((one) => one.classId),
    `${label}: classes`,
  ).toEqual(expected.detections.map((one) => one.classId));
  expected.detections.forEach((one, index) => {
    const { score, box, spans } = found.detections[index];
    expect(Math.abs(score - one.score), `${label}: score ${index}`).toBeLessThan(maxScoreError);
    one.box.forEach((edge, side) => {
      expect(Math.abs(box[side] - edge), `${label}: box ${index}`).toBeLessThan(maxBoxErrorPx);
    });
    expect(maskIou(spans, one.spans), `${label}: mask ${index}`).toBeGreaterThan(minMaskIou);
  });
}

function goldenScene(): Scene {
  const { views, geometry } = loadGolden('wide-float');
  const heads = resolveHeads(
    views.map((view) => view.spec),
    { widthPx: 320, heightPx: 320 },
  );
  return { name: 'wide-float', heads, tensors: views, geometry, options: defaultOptions, ...defaultLimits };
}

/** Three boxes over each other, one of them of another class. */
function overlapScene(): Scene {
  const model = buildModel();
  fillProto(model);
  [0, 0, 1].forEach((classId, index) => {
    putObject(model, 0, 8, 7 + index, { classId, logit: 2 - index, cells: [6, 6, 6, 6] });
  });
  const { tensors, input } = model;
  const heads = resolveHeads(
    tensors.map((view) => view.spec),
    input,
  );
  const common = { heads, tensors, options: { ...defaultOptions, scoreThreshold: 0.4 }, ...defaultLimits };
  return { ...common, name: 'overlap', geometry: plainGeometry(model) };
}

async function pictureScenes(): Promise<Scene[]> {
  const input = { widthPx: 640, heightPx: 640 };
  const model = await openModel(modelPath);
  const scenes: Scene[] = [];
  for (const id of ['557172', '397133', '184324']) {
    const path = join(dataFolder, `coco24/images/000000${id}.jpg`);
    const { tensors, geometry: own } = await model.run(path);
    const specs = tensors.map((view) => view.spec);
    const heads = resolveHeads(specs, input, { classCount: 80 });
    const common = { heads, tensors, options: defaultOptions, ...defaultLimits };
    scenes.push({ ...common, name: `${id}-own-size`, geometry: own });
    scenes.push({ ...common, name: `${id}-full-hd`, geometry: solveLetterbox(1920, 1080, 640, 640) });
  }
  await model.close();
  return scenes;
}

describe.skipIf(numpyPython === null)(`what the benchmark compares with${noNumpy}`, () => {
  const folder = mkdtempSync(join(tmpdir(), 'rdk-yolo-seg-comparators-'));
  afterAll(() => rmSync(folder, { recursive: true }));

  describe.each([
    { title: 'fixtures', isSkipped: false, load: async () => [goldenScene(), overlapScene()] },
    { title: `real pictures${noData}`, isSkipped: noData !== '', load: pictureScenes },
  ])('on $title', ({ isSkipped, load }) => {
    let scenes: Scene[] = [];
    let expected: OracleResult[] = [];

    beforeAll(async () => {
      if (isSkipped) return;
      scenes = await load();
      expected = runOracle(scenes);
      writeScenes(folder, scenes);
    }, 60_000);

    it.skipIf(isSkipped).each([
      { contestant: 'C++', run: () => runBaseline(compileBaseline(folder, ['-O2']), folder, request) },
      {
        contestant: 'C++ with its own loop',
        run: () => runBaseline(compileBaseline(folder, ['-O2', '-DBEST_CLASS_BY_LOOP']), folder, request),
      },
      { contestant: 'numpy, lean', run: () => runNumpy(numpyPython!, folder, 'lean', request) },
      { contestant: 'numpy, plain', run: () => runNumpy(numpyPython!, folder, 'plain', request) },
    ])('$contestant finds what the oracle finds', { timeout: 60_000 }, ({ run }) => {
      const results = run();
      expect(results.map((result) => result.name)).toEqual(scenes.map((scene) => scene.name));
      expect(expected.every((result) => result.detections.length > 0)).toBe(true);
      results.forEach((result, index) => {
        expectAlike(result, expected[index]);
      });
    });
  });
});
