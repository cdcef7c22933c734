import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { OnnxModel } from '#dist/backends/onnx/model.js';
import { frameLayout, viewFrame } from '#dist/backends/replay/frameLayout.js';
import { framePath, readRecording } from '#dist/backends/replay/recordingFile.js';
import { parseScales } from '#dist/backends/replay/scales.js';
import { solveLetterbox } from '#dist/core/geometry.js';
import { resolveHeads } from '#dist/model/heads.js';
import { defaultLimits } from '#dist/postprocess/postprocess.js';
import { recordFakeModel } from '../../tools/fakednn/record.mjs';
import { fakednnLibrary } from '../support/fakednn.js';
import { loadPicture, type Nv12Picture, repoPath } from '../support/frames.js';
import { expectLikeOracle } from '../contract/oracleGaps.js';
import { defaultOptions } from '../support/defaultOptions.js';
import { numpyPython, type OracleResult, runOracle } from '../oracle/oracle.js';
import type { Detection2DArray, InstanceMaskArray, Stamp } from './support/messages.js';
import { NodeProcess } from './support/nodeProcess.js';
import { publishedInstances } from './support/publishedInstances.js';
import { pictureFiles, Robot, type1080 } from './support/robot.js';
import { sameStamp, YoloSeg } from './support/yoloSeg.js';

// From the camera's shared memory to messages with the whole BPU backend: what is published is what numpy makes of the
// tensors that were recorded for the picture. fakednn aborts at a misuse of the library and at an input that is
// not, byte for byte, one that was recorded.

/** A model to record, and the pictures the camera shows. */
interface Case {
  readonly name: string;
  readonly onnxPath: string;
  /** JSON file of the integer outputs' scales, and what the board's tool prints for such a model. */
  readonly integers: { readonly scalesPath: string; readonly infoPath: string } | null;
  readonly pictures: Readonly<Record<string, () => Promise<Nv12Picture>>>;
}

const cases: Case[] = [
  {
    name: 'the bundled model',
    onnxPath: repoPath('assets/models/shapes-seg-320.onnx'),
    integers: null,
    pictures: {
      balls: () => loadPicture(repoPath(pictureFiles.balls)),
      empty: () => loadPicture(repoPath(pictureFiles.empty)),
    },
  },
];
const data = process.env.RDK_YOLO_SEG_DATA;
if (data === undefined) {
  console.log('skipped: RDK_YOLO_SEG_DATA not set (YOLOv8n-seg with integer heads in the live graph)');
} else {
  const emulation = join(data, 'models/yolov8n-seg-rdk-bpuemu');
  cases.push({
    name: 'YOLOv8n-seg, boxes and coefficients as integers of the BPU',
    onnxPath: `${emulation}.onnx`,
    integers: {
      scalesPath: `${emulation}.scales.json`,
      infoPath: join(data, 'logs/hrt_model_info_yolov8n_instance_seg_nv12_modified.txt'),
    },
    pictures: {
      bus: () => loadPicture(join(data, 'images/bus.jpg')),
      zidane: () => loadPicture(join(data, 'images/zidane.jpg')),
      street: async () => {
        const bytes = readFileSync(join(data, 'nv12/960_544.nv12'));
        return { widthPx: 960, heightPx: 544, bytes };
      },
    },
  });
}
if (numpyPython === null) console.log('skipped: no python3 with numpy (the node against the numpy oracle)');

const folder = mkdtempSync(join(tmpdir(), 'node-fakednn-'));
let robot: Robot;
let node: NodeProcess | undefined;

beforeAll(async () => {
  robot = await Robot.start();
  await robot.startCamera({ type: type1080 });
});
afterEach(async () => {
  await node?.stop();
});
afterAll(async () => {
  await robot?.end();
  rmSync(folder, { recursive: true });
});

const readText = (path: string) => readFileSync(path, 'utf8');

/** Records what the model makes of the pictures, beside the model of fakednn that answers with it. */
async function recordCase(path: string, test: Case, pictures: ReadonlyMap<string, Nv12Picture>) {
  const { onnxPath, integers } = test;
  const model = await OnnxModel.open(onnxPath, 2);
  try {
    await recordFakeModel({
      path,
      model,
      modelName: test.name,
      pictures: [...pictures].map(([name, { bytes, ...size }]) => ({ name, nv12: bytes, ...size })),
      scales: integers === null ? {} : parseScales(readText(integers.scalesPath), integers.scalesPath),
      infoText: integers === null ? null : readText(integers.infoPath),
      coreMs: 5.5,
      hostMs: 4.9,
    });
  } finally {
    await model.close();
  }
}

/** What numpy makes of the tensors recorded for each picture. */
function decodeWithNumpy(recordingFolder: string, pictures: ReadonlyMap<string, Nv12Picture>) {
  const { recording } = readRecording(recordingFolder);
  const { outputs, inputWidthPx, inputHeightPx } = recording;
  const layout = frameLayout(outputs);
  const heads = resolveHeads(outputs, { widthPx: inputWidthPx, heightPx: inputHeightPx });
  const results = runOracle(
    [...pictures].map(([name, { widthPx, heightPx }]) => {
      const { hash } = recording.frames.find(({ source }) => source === name)!;
      const bytes = Uint8Array.from(readFileSync(framePath(recordingFolder, hash)));
      return {
        heads,
        tensors: viewFrame(bytes.buffer, outputs, layout),
        geometry: solveLetterbox(widthPx, heightPx, inputWidthPx, inputHeightPx),
        options: defaultOptions,
        maxCandidates: defaultLimits.maxCandidates,
      };
    }),
  );
  return new Map([...pictures.keys()].map((name, index) => [name, results[index]!]));
}

describe.skipIf(numpyPython === null).each(cases)('the node on fakednn, $name', (test) => {
  const model = join(folder, `case${cases.indexOf(test)}.bin`);
  const pictures = new Map<string, Nv12Picture>();
  let expected: ReadonlyMap<string, OracleResult>;

  beforeAll(async () => {
    for (const [name, load] of Object.entries(test.pictures)) {
      const picture = await load();
      pictures.set(name, picture);
      await robot.addPicture(name, picture);
    }
    await recordCase(model, test, pictures);
    expected = decodeWithNumpy(model.replace('.bin', '.replay'), pictures);
  }, 120_000);

  it('publishes for each frame what numpy makes of the tensors of its picture', async () => {
    const names = [...pictures.keys()];
    expect(expected.get(names[0]!)!.detections.length).toBeGreaterThanOrEqual(3);
    node = new NodeProcess({
      parameters: {
        'model.path': model,
        'backend.dnn_library': fakednnLibrary,
        'output.class_id_text': 'number',
        'output.mask_encoding': 'rle',
      },
      env: { ...process.env, RDK_FAKEDNN_STRICT: '1' },
    });
    await node.logged(/backend bpu(.|\n)*active: /);
    const yoloSeg = new YoloSeg(robot);
    await yoloSeg.listenToDetections();
    await robot.listen('/yolo_seg/masks', 'rdk_yolo_seg_msgs/msg/InstanceMaskArray');
    await yoloSeg.segmentFrame({ picture: names[0] });
    // Faster than the BPU takes them: several frames are in work at once, and some are dropped.
    const sent: { readonly stamp: Stamp; readonly picture: string }[] = [];
    for (let frame = 0; frame < 60; frame++) {
      const picture = names[frame % names.length]!;
      sent.push({ stamp: await robot.send({ picture }), picture });
    }
    await robot.diagnostics((seen) => seen.count('frames_out') > 30);
    const masks = robot.drain<InstanceMaskArray>('/yolo_seg/masks');
    const seen = new Map<string, number>();
    for (const detections of robot.drain<Detection2DArray>('/yolo_seg/detections')) {
      const { stamp } = detections.header;
      const picture = sent.find((frame) => sameStamp(frame.stamp, stamp))?.picture;
      const mask = masks.find(({ header }) => sameStamp(header.stamp, stamp));
      if (picture === undefined || mask === undefined) continue;
      const { widthPx, heightPx } = pictures.get(picture)!;
      expect(mask).toMatchObject({ image_width: widthPx, image_height: heightPx });
      const wanted = expected.get(picture)!.detections;
      expectLikeOracle(publishedInstances(detections, mask), wanted, picture);
      seen.set(picture, (seen.get(picture) ?? 0) + 1);
    }
    for (const name of names) expect(seen.get(name), name).toBeGreaterThanOrEqual(3);
    node.signal('SIGINT');
    expect(await node.ended()).toBe(0);
    expect(node.log).not.toContain('violation');
  }, 60_000);
});
