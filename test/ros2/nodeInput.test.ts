import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { useNodes, useRobot } from './support/graph.js';
import type { NodeProcess, NodeStart } from './support/nodeProcess.js';
import { type480, type1080 } from './support/robot.js';
import { YoloSeg } from './support/yoloSeg.js';

const robot = useRobot();
const startOne = useNodes();
let yoloSeg: YoloSeg;
let node: NodeProcess | null = null;
const cameras: string[] = [];

function startNode(start: NodeStart = {}): NodeProcess {
  node = startOne(start);
  return node;
}

async function startCamera(options: { name: string; type?: string; topic?: string; reliability?: string }) {
  await robot.startCamera(options);
  cameras.push(options.name);
}

async function closeCamera(name: string): Promise<void> {
  cameras.splice(cameras.indexOf(name), 1);
  await robot.closeCamera(name);
}

beforeEach(async () => {
  yoloSeg = new YoloSeg(robot);
  await yoloSeg.listenToDetections();
});

afterEach(async () => {
  await robot.do('withdraw');
  for (const name of cameras.splice(0)) await robot.closeCamera(name);
  await robot.unlisten(`${yoloSeg.name}/detections`);
  node = null;
});

/** The silence is told once in the log and stands in the diagnostics as a warning. */
async function expectSilence(explanation: string | RegExp): Promise<void> {
  await node!.logged(explanation);
  const silent = await robot.diagnostics(({ level }) => level === 1);
  if (typeof explanation === 'string') expect(silent.message).toContain(explanation);
  else expect(silent.message).toMatch(explanation);
}

describe('silence on the input topic', () => {
  it('without a publisher is explained once, and ends with the first frame', async () => {
    const silent = startNode();
    await expectSilence('no publisher on /hbmem_img; start a camera');
    await robot.diagnostics();
    expect(silent.log.match(/no frames: /g)).toHaveLength(1);
    await startCamera({ name: 'front' });
    expect((await yoloSeg.segment()).length).toBeGreaterThanOrEqual(4);
    await silent.logged('frames arrive on /hbmem_img');
    await robot.diagnostics(({ level, message }) => level === 0 && message === 'active');
  });

  it('under another type names what is there and what is expected, and ends with a good camera', async () => {
    startNode();
    await robot.do('advertise', { type: 'std_msgs/msg/String', topic: 'hbmem_img' });
    await expectSilence(
      /\/hbmem_img carries std_msgs\/msg\/String by \/robot; expected hbm_img_msgs\/msg\/HbmMsg1080P or /,
    );
    await robot.do('withdraw');
    await startCamera({ name: 'front' });
    expect((await yoloSeg.segment()).length).toBeGreaterThanOrEqual(4);
  });

  it.each([
    ['image', 'hbm_img_msgs/msg/HbmMsg480P', 'sensor_msgs/msg/Image'],
    ['compressed', 'sensor_msgs/msg/Image', 'sensor_msgs/msg/CompressedImage'],
  ])('under another type than input.transport %s names both', async (transport, sent, expected) => {
    startNode({ parameters: { 'input.transport': transport } });
    await robot.do('advertise', { type: sent, topic: 'hbmem_img' });
    await expectSilence(
      `/hbmem_img carries ${sent} by /robot; expected ${expected}, as input.transport is ${transport}; ` +
        'set input.transport and input.hbmem_type to auto',
    );
  });

  it('under another size than input.hbmem_type fixes says so', async () => {
    startNode({ parameters: { 'input.hbmem_type': 'HbmMsg1080P' } });
    await startCamera({ name: 'front', type: type480 });
    await expectSilence(
      /\/hbmem_img carries hbm_img_msgs\/msg\/HbmMsg480P by \/robot; expected hbm_img_msgs\/msg\/HbmMsg1080P, as input\.transport is auto, input\.hbmem_type HbmMsg1080P; set input/,
    );
  });

  it('by an incompatible QoS names the policy and the remedy', async () => {
    startNode({
      rosArguments: ['-p', 'qos_overrides./hbmem_img.subscription.reliability:=reliable'],
    });
    await startCamera({ name: 'front' });
    await expectSilence(
      'incompatible QoS (policy reliability); set qos_overrides./hbmem_img.subscription.* to what it offers, e.g. reliability best_effort',
    );
  });

  it('of a camera that is there but sends nothing says what to check', async () => {
    startNode();
    await startCamera({ name: 'front' });
    await expectSilence(/\/robot publishes \/hbmem_img but no frame arrives; .*\/dev\/shm/);
  });

  it('after good frames, when the camera dies, is told again', async () => {
    startNode();
    await startCamera({ name: 'front' });
    await yoloSeg.segment();
    await closeCamera('front');
    await expectSilence('/hbmem_img');
  });
});

describe('qos_overrides of the input', () => {
  it('make it reliable, and a reliable camera is heard', async () => {
    startNode({
      rosArguments: [
        ...['-p', 'qos_overrides./hbmem_img.subscription.reliability:=reliable'],
        ...['-p', 'qos_overrides./hbmem_img.subscription.depth:=2'],
      ],
    });
    await startCamera({ name: 'front', reliability: 'reliable' });
    expect((await yoloSeg.segment()).length).toBeGreaterThanOrEqual(4);
  });

  it.each([
    ['reliability:=maybe', 'reliability is "maybe"; expected one of best_effort, reliable, system_default'],
    ['depth:=0', 'depth is 0; expected an integer from 1 to 1000'],
    ['deadline:=1', 'deadline cannot be overridden; expected one of depth, reliability, durability, history'],
  ])('%s ends the process with 2 and the reason', async (override, reason) => {
    const failing = startNode({ rosArguments: ['-p', `qos_overrides./hbmem_img.subscription.${override}`] });
    expect(await failing.ended()).toBe(2);
    expect(failing.log).toContain(`qos_overrides./hbmem_img.subscription.${reason}`);
  });
});

describe('a camera that is started again', () => {
  it('in the middle of its stream is followed, with nothing to be done', async () => {
    startNode();
    await startCamera({ name: 'first' });
    await yoloSeg.segment({ camera: 'first' });
    await robot.stream(60, 'first');
    for (let i = 0; i < 5; i++) await robot.next('/yolo_seg/detections');
    await closeCamera('first');
    await startCamera({ name: 'second' });
    expect((await yoloSeg.segment({ camera: 'second' })).length).toBeGreaterThanOrEqual(4);
    const { count } = { count: (await robot.diagnostics()).count };
    expect(count('input.taken') - count('input.returned')).toBe(0);
    expect(node!.log).not.toMatch(/\[ERROR\]|never closed/);
  });

  it('with another message type is followed: 1080P, 480P, 1080P', async () => {
    startNode();
    for (const type of [type1080, type480, type1080]) {
      const since = node!.log.length;
      await startCamera({ name: 'front', type });
      expect((await yoloSeg.segment()).length).toBeGreaterThanOrEqual(4);
      await node!.logged(`subscribed to /hbmem_img [${type}]; can loan: yes`, { since });
      await node!.logged('frames on /hbmem_img are loaned', { since });
      await closeCamera('front');
    }
    const end = await robot.diagnostics();
    expect(end.count('input.taken')).toBeGreaterThanOrEqual(3);
    expect(end.count('input.returned')).toBe(end.count('input.taken'));
  });
});

describe('names', () => {
  it('follow namespace, node name and remapping', async () => {
    await robot.unlisten('/yolo_seg/detections');
    yoloSeg = new YoloSeg(robot, '/robot1/eyes');
    await yoloSeg.listenToDetections();
    const remapped = startNode({
      rosArguments: ['-r', '__ns:=/robot1', '-r', '__node:=eyes', '-r', 'hbmem_img:=/front/hb'],
    });
    await startCamera({ name: 'front', topic: '/front/hb' });
    expect((await yoloSeg.segment()).length).toBeGreaterThanOrEqual(4);
    expect(remapped.log).toContain('subscribed to /front/hb [');
    expect(await robot.do('publisher_nodes', { topic: '/robot1/eyes/overlay/compressed' })).toEqual(['eyes']);
  });

  it('of the input in a namespace is that of the namespace', async () => {
    await robot.unlisten('/yolo_seg/detections');
    yoloSeg = new YoloSeg(robot, '/robot2/yolo_seg');
    await yoloSeg.listenToDetections();
    startNode({ rosArguments: ['-r', '__ns:=/robot2'] });
    await startCamera({ name: 'front', topic: '/robot2/hbmem_img' });
    expect((await yoloSeg.segment()).length).toBeGreaterThanOrEqual(4);
  });

  it('may be remapped for the detections alone', async () => {
    startNode({ rosArguments: ['-r', '~/detections:=/found'] });
    await robot.listen('/found', 'vision_msgs/msg/Detection2DArray');
    await startCamera({ name: 'front' });
    await robot.stream(20);
    expect(await robot.next('/found')).toMatchObject({ header: { frame_id: 'camera' } });
    await robot.stopStream();
    await robot.unlisten('/found');
  });
});
