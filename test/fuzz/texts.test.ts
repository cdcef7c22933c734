// What people and the vendor's tools write: logs, listings, manifests, parameters, annotations. Whatever is done to such a
// text, it is read or refused with a reason, in bounded time and memory.
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, describe, expect } from 'vitest';
import { readRecording, recordingPath, renderRecording } from '#dist/backends/replay/recordingFile.js';
import { parseScales } from '#dist/backends/replay/scales.js';
import { parameterSpecs } from '#dist/config/schema.js';
import { checkParameter } from '#dist/config/validate.js';
import { parametersFor } from '#dist/doctor/parameterFile.js';
import { decodeText } from '#dist/files/textFile.js';
import { decodeCounts, rleToSpans, spansToRle } from '#dist/evaluate/cocoRle.js';
import { parseGroundTruth } from '#dist/evaluate/groundTruth.js';
import { parseClassNames, parseNameLines } from '#dist/model/classNames.js';
import { parseManifest } from '#dist/model/manifest.js';
import { readBagFiles } from '#dist/offline/recordings/bagFolder.js';
import { readModelInfo, specOfInfo } from '#dist/toolchain/info/modelInfoText.js';
import { summariseInfo, summaryAsText } from '#dist/toolchain/info/modelSummary.js';
import { readGraphInfo } from '#dist/toolchain/info/graphInfo.js';
import { headRoles } from '#dist/toolchain/logs/dequantChoice.js';
import { planDequant } from '#dist/toolchain/logs/dequantPlan.js';
import { dequantAsText } from '#dist/toolchain/logs/dequantText.js';
import { reportAsHtml } from '#dist/toolchain/logs/logHtml.js';
import { reportOn } from '#dist/toolchain/logs/logReport.js';
import { reportAsText } from '#dist/toolchain/logs/logText.js';
import { readMapperLog } from '#dist/toolchain/logs/mapperLog.js';
import { readRemovedScales } from '#dist/toolchain/logs/removedScales.js';
import { repoPath } from '../support/frames.js';
import { mutatedBytes, mutatedTexts } from './support/mutated.js';
import { fuzz, readOrRefused } from './support/target.js';

const folder = mkdtempSync(join(tmpdir(), 'fuzz-texts-'));
afterAll(() => rmSync(folder, { recursive: true }));

const logs = repoPath('test/fixtures/logs');
const logTexts = (pattern: RegExp) =>
  readdirSync(logs)
    .filter((name) => pattern.test(name))
    .map((name) => readFileSync(join(logs, name), 'utf8'));

describe('texts of the vendor', () => {
  fuzz('model_info', 400, mutatedTexts(logTexts(/^info/)), async (text) => {
    const info = await readOrRefused(() => readModelInfo(text, 'info.txt'));
    for (const model of info?.models ?? []) {
      await readOrRefused(() => summaryAsText(summariseInfo(model)));
      for (const tensor of [...model.inputs, ...model.outputs]) await readOrRefused(() => specOfInfo(tensor));
    }
  });

  fuzz('mapper log', 250, mutatedTexts(logTexts(/^(?:checker|makertbin|modifier)/)), async (text) => {
    const log = await readOrRefused(() => readMapperLog(text, 'log.txt'));
    if (log === null) return;
    const report = reportOn(log);
    expect(reportAsText(report, 10)).not.toBe('');
    expect(reportAsHtml(report, 'log.txt')).toContain('</html>');
  });

  fuzz('modifier log', 400, mutatedTexts(logTexts(/^modifier/)), async (text) => {
    const report = await readOrRefused(() =>
      planDequant([{ path: 'log.txt', text }], new Set(headRoles), 'model.bin'),
    );
    if (report !== null) expect(dequantAsText(report)).not.toBe('');
    await readOrRefused(() => readRemovedScales(text));
    await readOrRefused(() => readGraphInfo(text, 'log.txt'));
  });
});

const manifests = [
  'class_names: [ball, crate]\nclass_count: 2\nclass_scores: logits\nbox_form: dfl\none_to_one: false\nheads:\n  classes: [a, b, c]\n  boxes: [d, e, f]\n  coefficients: [g, h, i]\n',
  'train: images/train\nval: images/val\nnc: 3\nnames:\n  0: person\n  1: bicycle\n  2: car\n',
  '- person\n- bicycle\n- "traffic light"\n',
  'person\nbicycle\ntraffic light\n',
  '{"names": ["a", "b"], "nc": 2}',
];

describe('texts beside a model', () => {
  fuzz('manifest', 400, mutatedTexts(manifests), async (text) => {
    const manifest = await readOrRefused(() => parseManifest(text, 'model.yaml'));
    for (const name of manifest?.classNames ?? []) expect(name.trim()).not.toBe('');
  });

  fuzz('class names', 1500, mutatedTexts(['person\nbicycle\n"traffic light"\n', 'a']), async (text) => {
    const names = await readOrRefused(() => parseNameLines(text, 'model.names'));
    for (const name of names ?? []) expect(name.trim()).not.toBe('');
  });

  const metadata = ["{0: 'person', 1: \"driver's seat\"}", "['person', 'bi\\'cycle', '\\u00e4\\x41']"];
  fuzz('class names of an ONNX file', 1500, mutatedTexts(metadata), async (text) => {
    await readOrRefused(() => parseClassNames(text));
  });

  fuzz('scales', 800, mutatedTexts(['{"output0": [0.1, 0.25], "379": [1e-3]}']), async (text) => {
    const scales = await readOrRefused(() => parseScales(text, 'scales.json'));
    for (const list of Object.values(scales ?? {}))
      for (const scale of list) expect(scale).toBeGreaterThan(0);
  });
});

const recording = {
  model: 'good.onnx',
  form: 'rgb',
  inputWidthPx: 64,
  inputHeightPx: 32,
  preprocess: { resizeMode: 'letterbox', yuvRange: 'full', scaleFilter: 'auto' },
  classNames: ['ball', 'crate'],
  classScores: 'logits',
  oneToOne: false,
  heads: null,
  outputs: [
    {
      name: 'a',
      type: 'f32',
      dims: [1, 4, 8, 2],
      strideBytes: [256, 64, 8, 4],
      quantisation: { kind: 'none' },
    },
    {
      name: 'b',
      type: 's8',
      dims: [1, 2],
      strideBytes: [2, 1],
      quantisation: {
        kind: 'scale',
        quantScales: Float32Array.of(0.5, 2),
        zeroPoints: new Int32Array(0),
        axis: 1,
      },
    },
  ],
  frames: [{ hash: 'ab'.repeat(32), source: 'one.png' }],
} as const;

describe('recordings of tensors', () => {
  const text = renderRecording(recording);
  fuzz('recording.yaml', 250, mutatedTexts([text]), async (changed) => {
    writeFileSync(recordingPath(folder), changed);
    await readOrRefused(() => readRecording(folder));
  });

  fuzz(
    'metadata.yaml of rosbag2',
    250,
    mutatedTexts([
      'rosbag2_bagfile_information:\n  version: 9\n  storage_identifier: mcap\n  relative_file_paths:\n    - a_0.mcap\n    - a_1.mcap\n  message_count: 6\n',
    ]),
    async (changed) => {
      writeFileSync(join(folder, 'metadata.yaml'), changed);
      await readOrRefused(() => readBagFiles(folder));
    },
  );
});

const parameterText = `/**:
  ros__parameters:
    use_sim_time: false
/yolo_seg:
  ros__parameters:
    score_threshold: 0.4
    classes: [person, car]
    model: {path: /tmp/model.onnx, class_names: []}
    qos_overrides: {/hbmem_img: {subscription: {depth: 2}}}
`;

describe('parameters', () => {
  fuzz('parameter file', 250, mutatedTexts([parameterText]), async (text) => {
    await readOrRefused(() => parametersFor(text, 'params.yaml', '/yolo_seg'));
  });

  const values = fc.oneof(
    fc.anything(),
    fc.double(),
    fc.bigInt(),
    fc.string(),
    fc.array(fc.oneof(fc.string(), fc.integer(), fc.double())),
    fc.constantFrom(
      'x'.repeat(1_000_000),
      Array.from({ length: 100_000 }, (_, index) => index),
    ),
  );
  fuzz(
    'parameter values',
    4000,
    fc.tuple(fc.constantFrom(...parameterSpecs), values),
    async ([spec, value]) => {
      await readOrRefused(() => checkParameter(spec, value));
    },
  );
});

const truth = JSON.stringify({
  images: [{ id: 1, file_name: 'a.jpg', width: 6, height: 4 }],
  categories: [{ id: 3, name: 'ball' }],
  annotations: [
    {
      id: 1,
      image_id: 1,
      category_id: 3,
      bbox: [1, 1, 3, 2],
      iscrowd: 0,
      segmentation: [[1, 1, 4, 1, 4, 3, 1, 3]],
    },
    {
      id: 2,
      image_id: 1,
      category_id: 3,
      bbox: [0, 0, 6, 4],
      iscrowd: 1,
      segmentation: { size: [4, 6], counts: [5, 3, 16] },
    },
    {
      id: 3,
      image_id: 1,
      category_id: 3,
      bbox: [0, 0, 6, 4],
      iscrowd: 0,
      segmentation: { size: [4, 6], counts: '53`0' },
    },
  ],
});

describe('annotations', () => {
  fuzz('COCO file', 2500, mutatedTexts([truth]), async (text) => {
    await readOrRefused(() => parseGroundTruth(text, 'truth.json'));
  });

  fuzz('run lengths', 4000, mutatedTexts(['53`0', '0', 'PPYm1', 'o2f0']), async (text) => {
    const counts = await readOrRefused(() => decodeCounts(text));
    // Each character holds five bits of one number, so no number has more than they.
    for (const count of counts ?? []) expect(Number.isSafeInteger(count)).toBe(true);
  });

  const masks = fc
    .tuple(fc.integer({ min: 1, max: 40 }), fc.integer({ min: 1, max: 40 }), fc.infiniteStream(fc.boolean()))
    .map(([widthPx, heightPx, pixels]) => ({
      widthPx,
      heightPx,
      rows: Array.from({ length: heightPx }, () =>
        Array.from({ length: widthPx }, () => pixels.next().value as boolean),
      ),
    }));
  fuzz('masks written and read', 500, masks, ({ widthPx, heightPx, rows }) => {
    const spans = rows.flatMap((row, yPx) =>
      row.flatMap((isIn, xPx) => {
        if (!isIn || row[xPx - 1] === true) return [];
        const end = row.indexOf(false, xPx);
        return [yPx, xPx, end < 0 ? widthPx : end];
      }),
    );
    expect([...rleToSpans(spansToRle(Uint16Array.from(spans), widthPx, heightPx))]).toEqual(spans);
  });
});

describe('bytes that may be a text', () => {
  const bytes = ['class_names: [a]\n', 'größe\n'].map((text) => Buffer.from(text));
  fuzz('encodings', 2000, mutatedBytes([...bytes, Buffer.from('\ufeffname', 'utf16le')]), async (changed) => {
    await readOrRefused(() => decodeText(changed, 'file.txt'));
  });
});
