import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { useNodes, useRobot } from './support/graph.js';
import type { Detection2DArray, PerceptionTargets } from './support/messages.js';
import { NodeProcess } from './support/nodeProcess.js';
import { Double, YoloSeg } from './support/yoloSeg.js';

const robot = useRobot();
/** In the picture `balls`. */
const objects = 7;
const frontAndBack = { 'cameras.names': ['front', 'back'] } as const;

describe('a node with two cameras', () => {
  let node: NodeProcess;
  const whole = new YoloSeg(robot);
  const of = { front: new YoloSeg(robot, '/yolo_seg/front'), back: new YoloSeg(robot, '/yolo_seg/back') };
  const status = (part: string, fits?: Parameters<typeof robot.diagnostics>[0]) =>
    robot.diagnostics(fits, 20_000, `yolo_seg: ${part}`);
  const isBalls = { picture: 'balls' } as const;

  beforeAll(async () => {
    for (const name of ['front', 'back']) await robot.startCamera({ name, topic: `${name}/hbmem_img` });
    node = new NodeProcess({
      parameters: { ...frontAndBack, 'cameras.frame_ids': ['front_optical', 'back_optical'] },
      rosArguments: ['-p', 'qos_overrides./yolo_seg/back/detections.publisher.depth:=3'],
    });
    for (const camera of Object.values(of)) await camera.listenToDetections();
    await node.logged('active: /front/hbmem_img, /back/hbmem_img -> ');
  });
  afterAll(() => node.stop());

  it("publishes what each camera shows under that camera's name, with its frame_id", async () => {
    const front = await of.front.segmentFrame({ camera: 'front', picture: 'balls' });
    const back = await of.back.segmentFrame({ camera: 'back', picture: 'empty' });
    expect(front.detections.length).toBeGreaterThanOrEqual(objects);
    expect(back.detections).toEqual([]);
    expect([front.header.frame_id, back.header.frame_id]).toEqual(['front_optical', 'back_optical']);
    const parameter = 'qos_overrides./yolo_seg/back/detections.publisher.depth';
    expect(await whole.parameter(parameter)).toMatchObject({ integer_value: 3 });
  });

  it('has a status for itself and one for each camera, whose counters add up to it', async () => {
    await of.front.segment({ camera: 'front', ...isBalls });
    await of.front.segment({ camera: 'front', ...isBalls });
    await of.back.segment({ camera: 'back', ...isBalls });
    const idle = (seen: { count(key: string): number }) => seen.count('frames_in_work') === 0;
    const [node, front, back] = [
      await status('pipeline', idle),
      await status('front', idle),
      await status('back', idle),
    ];
    expect(node.count('frames_out')).toBe(front.count('frames_out') + back.count('frames_out'));
    for (const { count } of [front, back]) expect(count('frames_out')).toBeGreaterThan(0);
    expect([front.hardware_id, back.hardware_id]).toEqual(['/front/hbmem_img', '/back/hbmem_img']);
    expect(node.value('model')).toMatch(/onnx$/);
    expect(front.value('model')).toBeUndefined();
  });

  it('takes a rare camera beside one that floods it', async () => {
    await robot.stream(200, 'front', 'balls');
    try {
      for (let frame = 0; frame < 5; frame++) {
        const found = await of.back.segment({ camera: 'back', ...isBalls });
        expect(found.length).toBeGreaterThanOrEqual(objects);
      }
      const front = await status('front', (seen) => seen.dropped('superseded') > 20);
      expect(front.count('frames_out')).toBeGreaterThan(5);
    } finally {
      await robot.stopStream('front');
    }
  });

  it('thins each camera by its own stamps', async () => {
    await whole.setParameter('input.max_rate_hz', new Double(1));
    try {
      const before = (await status('front')).dropped('thinned');
      const stampOf = (sec: number, nanosec = 0) => ({ sec: 1_700_000_000 + sec, nanosec });
      await of.front.segment({ camera: 'front', stamp: stampOf(0), ...isBalls });
      for (const tenth of [1, 2, 3]) {
        await robot.send({ camera: 'front', stamp: stampOf(0, tenth * 100_000_000) });
        await status('front', (seen) => seen.dropped('thinned') >= before + tenth);
      }
      // Its time has not begun.
      await of.back.segment({ camera: 'back', stamp: stampOf(0, 300_000_000), ...isBalls });
      await of.front.segment({ camera: 'front', stamp: stampOf(2), ...isBalls });
    } finally {
      await whole.setParameter('input.max_rate_hz', new Double(0));
    }
  });

  it('warns of the camera alone that has gone, and goes on with the other', async () => {
    await of.back.segment({ camera: 'back', ...isBalls });
    await robot.closeCamera('back');
    const stream = robot.stream(20, 'front', 'balls');
    const back = await status('back', ({ level }) => level === 1);
    expect(back.message).toContain('/back/hbmem_img');
    await stream;
    const isFine = ({ level }: { level: number }) => level === 0;
    await status('front', isFine);
    await status('pipeline', isFine);
    await robot.stopStream('front');
    await robot.startCamera({ name: 'back', topic: 'back/hbmem_img' });
    await of.back.segment({ camera: 'back', ...isBalls });
    await status('back', isFine);
  });

  it('stops and starts all of them by the life cycle and by enabled', async () => {
    for (const [stop, start] of [
      [() => whole.change('deactivate'), () => whole.change('activate')],
      [() => whole.setParameter('enabled', false), () => whole.setParameter('enabled', true)],
    ]) {
      await stop!();
      const subscribers = (camera: string) => robot.do('subscribers', { camera });
      for (const name of ['front', 'back'])
        await expect.poll(() => subscribers(name), { timeout: 20_000 }).toBe(0);
      await start!();
      for (const name of ['front', 'back'] as const) await of[name].segment({ camera: name, ...isBalls });
    }
    await whole.change('deactivate');
    await whole.change('cleanup');
    expect(await whole.change('configure')).toBe(true);
    expect(await whole.change('activate')).toBe(true);
    for (const name of ['front', 'back'] as const) await of[name].segment({ camera: name, ...isBalls });
  });
});

describe('cameras that cannot be told apart', () => {
  const startNode = useNodes();
  const many = Array.from({ length: 9 }, (_, index) => `c${index}`);

  it.each([
    [
      ['-r', '/front/hbmem_img:=/image', '-r', 'back/hbmem_img:=/image'],
      { ...frontAndBack },
      'front/hbmem_img and back/hbmem_img are both remapped to /image',
    ],
    [[], { ...frontAndBack, 'cameras.topics': ['/image'] }, 'cameras.topics has 1 item'],
    [[], { 'cameras.names': many }, 'cameras.names has 9 items; expected at most 8'],
  ])('end the node with 2: %j', async (rosArguments, parameters, why) => {
    const node = startNode({ rosArguments, parameters });
    expect(await node.ended()).toBe(2);
    expect(node.log).toContain(why);
  });
});

describe('two nodes that take one camera', () => {
  const startNode = useNodes();

  it('have results for TROS and diagnostics of their own', async () => {
    await robot.startCamera({ name: 'shared', topic: 'hbmem_img' });
    startNode();
    const second = startNode({
      rosArguments: ['-r', '__node:=second'],
      parameters: { score_threshold: 0.99 },
    });
    const type = 'ai_msgs/msg/PerceptionTargets';
    for (const topic of ['/hobot_dnn_detection', '/second/hobot_dnn_detection'])
      await robot.listen(topic, type);
    const nodes = [new YoloSeg(robot), new YoloSeg(robot, '/second')];
    for (const node of nodes) await node.listenToDetections();
    await second.logged('active: ');
    const names: string[] = [];
    for (const [node, topic] of [
      [nodes[0]!, '/hobot_dnn_detection'],
      [nodes[1]!, '/second/hobot_dnn_detection'],
    ] as const) {
      const { detections, header }: Detection2DArray = await node.segmentFrame({ camera: 'shared' });
      const { targets } = await robot.next<PerceptionTargets>(
        topic,
        ({ header: { stamp } }) => stamp.sec === header.stamp.sec && stamp.nanosec === header.stamp.nanosec,
      );
      // One more target holds the mask of the whole picture.
      expect(targets.filter(({ rois }) => rois.length > 0)).toHaveLength(detections.length);
      const name = `${node.name.slice(1)}: pipeline`;
      names.push((await robot.diagnostics((seen) => seen.count('frames_out') > 0, 20_000, name)).name);
    }
    expect(names).toEqual(['yolo_seg: pipeline', 'second: pipeline']);
    expect(await robot.do('publisher_nodes', { topic: '/hobot_dnn_detection' })).toEqual(['yolo_seg']);
  });
});
