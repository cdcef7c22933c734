import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { loadPicture } from '../support/frames.js';
import { NodeProcess, unhurried } from './support/nodeProcess.js';
import { type DiagnosticsSeen, Robot, type1080 } from './support/robot.js';
import { YoloSeg } from './support/yoloSeg.js';

/** Topics with a message for every frame, with their names in the diagnostics, and one that is large and slower. */
const framewise = {
  '/yolo_seg/detections': ['detections', 'vision_msgs/msg/Detection2DArray'],
  '/yolo_seg/masks': ['masks', 'rdk_yolo_seg_msgs/msg/InstanceMaskArray'],
  '/yolo_seg/label_map': ['label_map', 'sensor_msgs/msg/Image'],
  '/hobot_dnn_detection': ['hobot_dnn_detection', 'ai_msgs/msg/PerceptionTargets'],
} as const;
const overlay = '/yolo_seg/overlay';
const frames = 60;
const rateHz = 6;

type Stamps = Record<string, string[]>;

let node: NodeProcess;
let robot: Robot;
let yoloSeg: YoloSeg;

// The overlay in full size is 6 MB.
const startNode = (rosArguments: string[] = []) =>
  new NodeProcess({ parameters: { 'overlay.scale': 1, ...unhurried }, rosArguments });

beforeEach(async () => {
  node = startNode();
  robot = await Robot.start();
  yoloSeg = new YoloSeg(robot);
  await robot.addPicture('scene', await loadPicture('assets/scenes/scene_010.jpg'));
  await robot.startCamera({ type: type1080 });
  for (const [topic, [, type]] of Object.entries(framewise)) await robot.do('collect', { topic, type });
  await robot.do('collect', { topic: overlay, type: 'sensor_msgs/msg/Image' });
});

afterEach(async () => {
  await node?.stop();
  await robot?.end();
});

const collected = async () => (await robot.do('collected')) as Stamps;
const sent = async () => (await robot.do('sent_stamps', { camera: 'front' })) as string[];

/** Messages of each topic that the node has handed to the middleware. */
const handedOver = (seen: DiagnosticsSeen) =>
  Object.values(framewise).map(([name]) => seen.count(`output.${name}.handed_over`));

/** Ends the stream; resolves when the node has no frame of it left in work. */
async function endStream(): Promise<DiagnosticsSeen> {
  await robot.stopStream();
  let last = -1;
  return robot.diagnostics((now) => {
    const done = now.count('frames_out') + now.count('dropped');
    const stands = done === last;
    last = done;
    return stands;
  });
}

async function collectedOfEach(isEnough: (count: number, index: number) => boolean): Promise<Stamps> {
  const deadlineMs = performance.now() + 30_000;
  for (;;) {
    const stamps = await collected();
    const counts = Object.keys(framewise).map((topic) => stamps[topic]!.length);
    if (counts.every(isEnough) || performance.now() > deadlineMs) return stamps;
  }
}

/** Streams while `meanwhile` runs, which is given the count of messages to wait for, and compares what came by stamp. */
async function expectAllArrive(meanwhile: (handed: (count: number) => Promise<unknown>) => Promise<void>) {
  await robot.stream(rateHz, 'front', 'scene');
  await collectedOfEach((count) => count > 0);
  const handedBefore = handedOver(await endStream());
  const before = await collectedOfEach((count) => count > 0);

  await robot.stream(rateHz, 'front', 'scene');
  await meanwhile((count) =>
    robot.diagnostics((seen) => handedOver(seen).every((handed, i) => handed - handedBefore[i]! >= count)),
  );
  const handed = handedOver(await endStream()).map((count, i) => count - handedBefore[i]!);

  const topics = Object.keys(framewise);
  const after = await collectedOfEach((count, i) => count - before[topics[i]!]!.length >= handed[i]!);
  const received = topics.map((topic) => after[topic]!.slice(before[topic]!.length));
  expect(received.map((stamps) => stamps.length)).toEqual(handed);
  for (const stamps of received) expect(stamps).toEqual(received[0]);
  expect(await sent()).toEqual(expect.arrayContaining(received[0]!));
  expect(after[overlay]!.length).toBeGreaterThan(frames / 4);
}

describe('a reliable subscriber of all outputs that keeps up', () => {
  it('gets every message that was handed over, by stamp, while other subscribers come and go', async () => {
    await expectAllArrive(async (handed) => {
      for (let round = 1; round <= 4; round++) {
        await robot.listen('/yolo_seg/masks', 'rdk_yolo_seg_msgs/msg/InstanceMaskArray');
        await handed((frames / 4) * (round - 0.5));
        await robot.unlisten('/yolo_seg/masks');
        await handed((frames / 4) * round);
      }
    });
  });

  it('does so beside one that stops reading and is killed later', async () => {
    const other = await Robot.start();
    try {
      for (const [topic, [, type]] of Object.entries(framewise)) await other.do('collect', { topic, type });
      await expectAllArrive(async (handed) => {
        const silent = ({ length }: string[]) => length === 0;
        while (Object.values((await other.do('collected')) as Stamps).some(silent));
        other.signal('SIGSTOP');
        await handed(frames / 2);
        other.signal('SIGKILL');
        await handed(frames);
      });
    } finally {
      other.signal('SIGKILL');
      await other.end();
    }
  });
});

describe('qos_overrides of the outputs', () => {
  it('change what the graph tells of a publisher and are shown as parameters', async () => {
    const qosOf = async (topic: string) => {
      let profiles: object[] = [];
      // The graph may not know the node yet, or still hold the one that was stopped.
      while (profiles.length !== 1) profiles = (await robot.do('publisher_qos', { topic })) as object[];
      return profiles[0];
    };
    expect(await qosOf('/yolo_seg/detections')).toEqual({ reliability: 'RELIABLE', durability: 'VOLATILE' });
    const depth = 'qos_overrides./yolo_seg/detections.publisher.depth';
    expect(await yoloSeg.parameter(depth)).toMatchObject({ type: 2, integer_value: 10 });
    await node.stop();
    node = startNode([
      ...['-p', 'qos_overrides./yolo_seg/detections.publisher.reliability:=best_effort'],
      ...['-p', 'qos_overrides./yolo_seg/detections.publisher.depth:=3'],
      ...['-p', 'qos_overrides./yolo_seg/masks.publisher.durability:=transient_local'],
      ...['-p', 'qos_overrides./yolo_seg/label_map.publisher.history:=keep_all'],
    ]);
    await node.logged('/yolo_seg/label_map keeps all messages');
    await node.logged('active: /hbmem_img');
    expect(await qosOf('/yolo_seg/detections')).toEqual({
      reliability: 'BEST_EFFORT',
      durability: 'VOLATILE',
    });
    expect(await qosOf('/yolo_seg/masks')).toEqual({
      reliability: 'RELIABLE',
      durability: 'TRANSIENT_LOCAL',
    });
    expect(await yoloSeg.parameter(depth)).toMatchObject({ type: 2, integer_value: 3 });
    expect(await yoloSeg.setParameter(depth, 4)).toMatchObject({ successful: false });
    expect(await yoloSeg.parameter(depth)).toMatchObject({ type: 2, integer_value: 3 });
  });

  it.each([
    [
      'detections.publisher.reliability:=maybe',
      'reliability is "maybe"; expected one of best_effort, reliable',
    ],
    ['masks.publisher.depth:=0', 'depth is 0; expected an integer from 1 to 1000'],
    ['masks.publisher.lifespan:=1', 'lifespan cannot be overridden; expected one of depth'],
  ])('%s ends the process with 2 and the reason', async (override, reason) => {
    await node.stop();
    node = startNode(['-p', `qos_overrides./yolo_seg/${override}`]);
    expect(await node.ended()).toBe(2);
    expect(node.log).toContain(`qos_overrides./yolo_seg/${override.split(':=')[0]} `);
    expect(node.log).toContain(reason);
  });
});
