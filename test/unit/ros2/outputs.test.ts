import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { oneCamera } from '#dist/config/cameras.js';
import { ParameterStore } from '#dist/config/store.js';
import { CdrWriter } from '#dist/messages/cdrWriter.js';
import type { ModelInfo } from '#dist/core/ports.js';
import type { FrameResult } from '#dist/core/result.js';
import { PipelineStats } from '#dist/pipeline/stats.js';
import type { ResultContext } from '#dist/ros2/outputs/output.js';
import { Outputs } from '#dist/ros2/outputs/outputs.js';
import { nodeTopics } from '../../support/nodeTopics.js';
import { randomPixelMasks } from '../core/pixelMasks.js';
import { fakeResult } from '../pipeline/fakes.js';
import { FakeRos } from './fakeRos.js';

const packages = {
  vision_msgs: ['Detection2DArray', 'LabelInfo'],
  sensor_msgs: ['Image', 'CompressedImage'],
  rdk_yolo_seg_msgs: ['InstanceMaskArray'],
  ai_msgs: ['PerceptionTargets', 'PerceptionInfo'],
  foxglove_msgs: ['ImageAnnotations'],
};
/** Topics that have a message for each frame of this test: overlays are drawn of previews, and places need depth. */
const perFrame = nodeTopics
  .filter(({ name, kind }) => kind === 'publisher' && !/diagnostics|info|overlay|3d|points/.test(name))
  .map(({ name }) => name);
const result: FrameResult = { ...fakeResult(0), ...randomPixelMasks(3, 1) };
const model = { name: 'm', classNames: ['a', 'b', 'c', 'd', 'e'] } as unknown as ModelInfo;
const context: ResultContext = {
  model,
  preview: null,
  recyclePreview: () => {},
  tellAgain: () => {},
  snapshot: () => new PipelineStats().snapshot(),
};

let prefix: string;
let ros: FakeRos;
let outputs: Outputs;

beforeEach(() => {
  prefix = mkdtempSync(join(tmpdir(), 'outputs-test-'));
  const index = join(prefix, 'share', 'ament_index', 'resource_index', 'rosidl_interfaces');
  mkdirSync(index, { recursive: true });
  for (const [name, types] of Object.entries(packages)) {
    writeFileSync(join(index, name), types.map((type) => `msg/${type}.msg`).join('\n'));
  }
  vi.stubEnv('AMENT_PREFIX_PATH', prefix);
  vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] });
  ros = new FakeRos();
  const { values } = new ParameterStore({ 'output.mask_contours': true, 'input.depth': '/depth' });
  const means = { values: () => values, writer: new CdrWriter() };
  outputs = new Outputs(ros.node, oneCamera, means, () => {});
  outputs.announce(model);
});

afterEach(() => {
  outputs.close();
  vi.useRealTimers();
  vi.unstubAllEnvs();
  rmSync(prefix, { recursive: true });
});

/** How many messages each topic has had. */
const sent = () =>
  Object.fromEntries(ros.publishers.map(({ topic, raw }) => [topic, raw.length]).filter(([, n]) => n));

it('without a subscriber nothing is published but the latched names, and no contour is wanted', () => {
  outputs.publish(result, context);
  vi.advanceTimersByTime(5000);
  expect(sent()).toEqual({ '/yolo_seg/label_info': 1 });
  expect(outputs.contoursWanted).toBe(false);
});

it.each(perFrame)('a subscriber of %s gets each frame, and costs no other topic a message', (name) => {
  const topic = ros.resolveTopic(name);
  ros.open(topic)[0]!.subscriptions = 1;
  outputs.publish(result, context);
  outputs.publish(result, context);
  expect(sent()).toEqual({ '/yolo_seg/label_info': 1, [topic]: 2 });
  expect(outputs.contoursWanted).toBe(/masks|annotations/.test(name));
});

it('a result that waits for depth when frames end is not sent, and what ended with it is to be told again', () => {
  ros.open('/hobot_dnn_detection')[0]!.subscriptions = 1;
  const tracks = {
    ids: new Uint32Array(result.instances.count),
    ended: [{ id: 7, className: 'car' }],
    trails: null,
  };
  const told: unknown[] = [];
  outputs.depth.start();
  outputs.publish({ ...result, tracks }, { ...context, tellAgain: (ended) => told.push(ended) });
  expect(told).toEqual([]);
  outputs.depth.stop();
  expect(told).toEqual([tracks]);
  expect(sent()).toEqual({ '/yolo_seg/label_info': 1 });
});

it('hobot_dnn_detection_info comes once a second while somebody subscribes, and not after the end', () => {
  const info = ros.open('/hobot_dnn_detection_info')[0]!;
  info.subscriptions = 1;
  vi.advanceTimersByTime(3000);
  expect(info.raw).toHaveLength(3);
  info.subscriptions = 0;
  vi.advanceTimersByTime(3000);
  expect(info.raw).toHaveLength(3);
  info.subscriptions = 1;
  outputs.close();
  vi.advanceTimersByTime(3000);
  expect(info.raw).toHaveLength(3);
});
