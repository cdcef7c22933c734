import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { openReplaySession } from '#dist/backends/replay/open.js';
import { defaultOptions, sessionOptions } from '../contract/backendContract.js';
import { fakednnLibrary, writeFakeModel } from '../contract/fakednnModel.js';
import { lend, loadPicture, plainPicture } from '../contract/frames.js';
import { record } from '../contract/recordings.js';
import type { Detection2DArray, Stamp } from './support/messages.js';
import { demoModel, NodeProcess } from './support/nodeProcess.js';
import { pictureFiles, Robot } from './support/robot.js';
import { sameStamp, YoloSeg } from './support/yoloSeg.js';

// From the camera's shared memory to messages with the whole BPU backend, on tensors recorded from the demo model. The
// stand-in aborts at a misuse of the library and at an input that is not, byte for byte, one that was recorded.
const folder = mkdtempSync(join(tmpdir(), 'node-stand-in-'));
const recording = join(folder, 'model.replay');
const model = join(folder, 'model.bin');
const names = ['balls', 'empty'] as const;

interface Found {
  readonly name: string;
  readonly score: number;
}
const expected = new Map<string, Found[]>();
let robot: Robot;
let node: NodeProcess | undefined;

beforeAll(async () => {
  const { preprocess } = sessionOptions(recording);
  const pictures = await Promise.all(names.map((name) => loadPicture(pictureFiles[name])));
  // A session runs grey at its opening.
  await record(demoModel, recording, [...pictures, plainPicture(640, 360)], {
    form: 'nv12',
    preprocess: { ...preprocess, scaleFilter: 'auto' },
  });
  await writeFakeModel(model);
  const replay = await openReplaySession(
    sessionOptions(recording, { preprocess: { ...preprocess, scaleFilter: 'auto' } }),
  );
  for (const [index, picture] of pictures.entries()) {
    const frame = lend(picture);
    const { instances } = await replay.run(await replay.prepare(frame, null), defaultOptions);
    frame.close();
    const found = Array.from(instances.classIds, (classId, at) => ({
      name: replay.model.classNames[classId]!,
      score: instances.scores[at]!,
    }));
    expected.set(names[index]!, found);
  }
  await replay.close();
  robot = await Robot.start();
  await robot.startCamera();
});
afterAll(async () => {
  await node?.stop();
  await robot?.end();
  rmSync(folder, { recursive: true });
});

it('the node on the stand-in publishes for each frame what the tensors of its picture hold', async () => {
  expect(expected.get('balls')!.map(({ name }) => name)).toContain('ball');
  expect(expected.get('empty')).toEqual([]);
  node = new NodeProcess({
    parameters: { 'model.path': model, 'backend.dnn_library': fakednnLibrary },
    env: {
      ...process.env,
      RDK_FAKEDNN_STRICT: '1',
      RDK_FAKEDNN_CORE_MS: '5.5',
      RDK_FAKEDNN_HOST_MS: '4.9',
    },
  });
  await node.logged(/model.bin: 320x320, 5 classes, .*, backend bpu/);
  const yoloSeg = new YoloSeg(robot);
  await yoloSeg.listenToDetections();
  const { header } = await yoloSeg.segmentFrame({ picture: 'balls' });
  const sent: { readonly stamp: Stamp; readonly picture: (typeof names)[number] }[] = [
    { stamp: header.stamp, picture: 'balls' },
  ];
  // Faster than the BPU takes them: several frames are in work at once, and some are dropped.
  for (let frame = 0; frame < 60; frame++) {
    const picture = names[frame % 2]!;
    sent.push({ stamp: await robot.send({ picture }), picture });
  }
  const { count } = await robot.diagnostics((seen) => seen.count('frames_out') >= 10);
  const messages = robot.drain<Detection2DArray>('/yolo_seg/detections');
  expect(messages.length).toBeGreaterThanOrEqual(10);
  expect(count('frames_out')).toBeGreaterThanOrEqual(messages.length);
  for (const { header, detections } of messages) {
    const { picture } = sent.find(({ stamp }) => sameStamp(stamp, header.stamp))!;
    const found = detections.map(({ results: [result] }) => ({
      name: result!.hypothesis.class_id,
      score: result!.hypothesis.score,
    }));
    expect(found, picture).toEqual(expected.get(picture));
  }
  node.signal('SIGINT');
  expect(await node.ended()).toBe(0);
  expect(node.log).not.toContain('violation');
});
