import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { Detection2D } from './support/messages.js';
import { useRobot } from './support/graph.js';
import { NodeProcess, type NodeStart } from './support/nodeProcess.js';
import { Double, type SetResult, YoloSeg } from './support/yoloSeg.js';

const robot = useRobot();
const yoloSeg = new YoloSeg(robot);
const nodes: NodeProcess[] = [];

function startNode(start: NodeStart = {}): NodeProcess {
  const node = new NodeProcess(start);
  nodes.push(node);
  return node;
}

beforeAll(async () => {
  await robot.startCamera();
  await yoloSeg.listenToDetections();
});

afterAll(async () => {
  await Promise.all(nodes.map((node) => node.stop()));
});

const scoreOf = (detection: Detection2D) => detection.results[0]!.hypothesis.score;
const classOf = (detection: Detection2D) => detection.results[0]!.hypothesis.class_id;
const accepted: SetResult = { successful: true, reason: '' };

describe('a parameter of a running node', () => {
  let all: readonly Detection2D[];

  beforeAll(async () => {
    startNode();
    all = await yoloSeg.segment();
    expect(all.length).toBeGreaterThanOrEqual(4);
  });

  afterEach(async () => {
    const results = await yoloSeg.setParameters({
      score_threshold: 0.25,
      iou_threshold: 0.7,
      nms: 'auto',
      max_detections: 100,
      classes: ['all'],
      class_agnostic_nms: false,
    });
    expect(results).toEqual(results.map(() => accepted));
  });

  it('score_threshold holds from the next frame on', async () => {
    const scores = all.map(scoreOf).sort((a, b) => a - b);
    const middle = (scores[0]! + scores.at(-1)!) / 2;
    expect(await yoloSeg.setParameter('score_threshold', middle)).toEqual(accepted);
    const fewer = await yoloSeg.segment();
    expect(fewer).toHaveLength(scores.filter((score) => score > middle).length);
    expect(fewer.length).toBeLessThan(all.length);
    expect(await yoloSeg.setParameter('score_threshold', 0.01)).toEqual(accepted);
    expect((await yoloSeg.segment()).length).toBeGreaterThan(all.length);
  });

  it('iou_threshold 1 lets overlapping boxes of one class stand', async () => {
    expect(await yoloSeg.setParameter('iou_threshold', new Double(1))).toEqual(accepted);
    expect((await yoloSeg.segment()).length).toBeGreaterThan(all.length);
  });

  it('nms off lets overlapping boxes of one class stand, and on is what auto is for this model', async () => {
    expect(await yoloSeg.setParameter('nms', 'off')).toEqual(accepted);
    expect((await yoloSeg.segment()).length).toBeGreaterThan(all.length);
    expect(await yoloSeg.setParameter('nms', 'on')).toEqual(accepted);
    expect(await yoloSeg.segment()).toHaveLength(all.length);
  });

  it('max_detections keeps the best', async () => {
    expect(await yoloSeg.setParameter('max_detections', 1)).toEqual(accepted);
    const best = await yoloSeg.segment();
    expect(best).toHaveLength(1);
    expect(scoreOf(best[0]!)).toBeCloseTo(scoreOf(all[0]!), 6);
  });

  it('classes takes names and ids', async () => {
    expect(await yoloSeg.setParameter('classes', ['ball', '3'])).toEqual(accepted);
    const found = (await yoloSeg.segment()).map(classOf);
    expect(found).toEqual(all.map(classOf).filter((name) => name === 'ball' || name === 'barrel'));
    expect(found.length).toBeLessThan(all.length);
  });

  it('classes takes ids as integers, shows them as they were set, and describes the type they have', async () => {
    expect(await yoloSeg.setParameter('classes', [0, 3])).toEqual(accepted);
    const found = (await yoloSeg.segment()).map(classOf);
    expect(found).toEqual(all.map(classOf).filter((name) => name === 'ball' || name === 'barrel'));
    expect(await yoloSeg.parameter('classes')).toMatchObject({ type: 7, integer_array_value: [0, 3] });
    const [described] = await yoloSeg.describeParameters(['classes']);
    expect(described).toMatchObject({ type: 7, dynamic_typing: true });
    expect(await yoloSeg.setParameter('classes', ['all'])).toEqual(accepted);
    expect((await yoloSeg.describeParameters(['classes']))[0]).toMatchObject({
      type: 9,
      dynamic_typing: true,
    });
  });

  it('double takes a whole number with a decimal point or without, and stays a double', async () => {
    for (const value of [new Double(10), 12]) {
      expect(await yoloSeg.setParameter('overlay.max_rate_hz', value)).toEqual(accepted);
      const double_value = value instanceof Double ? value.value : value;
      expect(await yoloSeg.parameter('overlay.max_rate_hz')).toMatchObject({ type: 3, double_value });
    }
  });

  it('integer refuses a double, whole or not', async () => {
    expect(await yoloSeg.setParameter('max_detections', new Double(2))).toEqual({
      successful: false,
      reason: 'max_detections is 2 (double); expected integer',
    });
  });

  it.each([
    ['score_threshold', 1.5, 'score_threshold is 1.5; expected a number from 0.001 to 0.999'],
    ['score_threshold', new Double(0), 'score_threshold is 0; expected a number from 0.001 to 0.999'],
    ['score_threshold', new Double(Number.MAX_VALUE), 'expected a number from 0.001 to 0.999'],
    ['iou_threshold', -0.5, 'iou_threshold is -0.5; expected a number from 0.01 to 1'],
    ['max_detections', 0, 'max_detections is 0; expected an integer from 1 to 300'],
    ['max_detections', 301, 'max_detections is 301; expected an integer from 1 to 300'],
    [
      'classes',
      ['unicorn'],
      'classes names "unicorn"; the model has 5 classes: ball, crate, cone, barrel, pallet',
    ],
    ['classes', ['5'], 'classes names "5"; the model has 5 classes'],
    ['output.mask_encoding', 'png', 'output.mask_encoding is "png"; expected one of mono8, rle'],
    ['autostart', false, 'autostart is read only: it is read once at start'],
    ['classes', [0, 5], 'classes names 5; the model has 5 classes: ball, crate, cone, barrel, pallet'],
    ['classes', [-1], 'classes is [-1]; expected a non-empty list of texts, or of integers from 0 on'],
    ['model.path', 'other.onnx', 'model.path takes effect at configure: deactivate the node first'],
    [
      'backend.tasks_in_flight',
      3,
      'backend.tasks_in_flight takes effect at configure: deactivate the node first',
    ],
    ['frame_id', 'rear', 'frame_id takes effect at activate: deactivate the node first'],
  ] as const)('%s = %j is refused with the reason, and nothing changes', async (name, value, reason) => {
    const before = await yoloSeg.parameter(name);
    const result = await yoloSeg.setParameter(name, value as never);
    expect(result.successful).toBe(false);
    expect(result.reason).toContain(reason);
    expect(await yoloSeg.parameter(name)).toEqual(before);
    expect(await yoloSeg.segment()).toHaveLength(all.length);
  });

  it.each([
    ['score_threshold', 'high', 'score_threshold is "high" (string); expected double'],
    ['classes', 'ball', 'classes is "ball" (string); expected string_array or integer_array'],
    ['max_detections', 2.5, 'max_detections is 2.5 (double); expected integer'],
    ['output.masks', 'no', 'output.masks is "no" (string); expected bool'],
  ])('%s = %j is of another type and refused with both', async (name, value, reason) => {
    expect(await yoloSeg.setParameter(name, value)).toEqual({ successful: false, reason });
    expect(await yoloSeg.segment()).toHaveLength(all.length);
  });

  it('that nobody knows is refused', async () => {
    const { successful, reason } = await yoloSeg.setParameter('score_treshold', 0.5);
    expect(successful).toBe(false);
    expect(reason).toBe('score_treshold has not been declared; did you mean score_threshold?');
  });

  it('is described with its range, meaning and the time at which it takes effect', async () => {
    const [score, detections, autostart, encoding] = await yoloSeg.describeParameters([
      'score_threshold',
      'max_detections',
      'autostart',
      'output.mask_encoding',
    ]);
    expect(score).toMatchObject({
      name: 'score_threshold',
      type: 3,
      description:
        'Instances must score above this probability; tracks may be carried on below it (tracking.low_score).',
      additional_constraints: 'takes effect with the next frame',
      read_only: false,
      floating_point_range: [{ from_value: 0.001, to_value: 0.999, step: 0 }],
    });
    expect(detections).toMatchObject({ type: 2, integer_range: [{ from_value: 1, to_value: 300 }] });
    expect(autostart).toMatchObject({ type: 1, read_only: true });
    expect(encoding).toMatchObject({
      type: 4,
      additional_constraints: expect.stringContaining('one of mono8, rle'),
    });
  });
});

describe('a parameter given at start', () => {
  it('may be a list of class ids, which is shown as such', async () => {
    const node = startNode({
      parameters: { classes: [2, 0], autostart: false },
      rosArguments: ['-r', '__node:=ids'],
    });
    const ids = new YoloSeg(robot, '/ids');
    expect(await ids.parameter('classes')).toMatchObject({ type: 7, integer_array_value: [2, 0] });
    await node.stop();
  });

  it('may be a whole number where a double is meant: -p overlay.max_rate_hz:=12', async () => {
    const node = startNode({
      parameters: { 'overlay.max_rate_hz': 12, iou_threshold: 1, autostart: false },
      rosArguments: ['-r', '__node:=whole'],
    });
    const whole = new YoloSeg(robot, '/whole');
    expect(await whole.parameter('overlay.max_rate_hz')).toMatchObject({ type: 3, double_value: 12 });
    expect(await whole.parameter('iou_threshold')).toMatchObject({ type: 3, double_value: 1 });
    await node.stop();
  });

  it.each([
    [
      'out of range',
      { score_threshold: 7.5 },
      'score_threshold is 7.5; expected a number from 0.001 to 0.999',
    ],
    [
      'of another type',
      { max_detections: 'many' },
      'max_detections is "many"; expected an integer from 1 to 300',
    ],
    [
      'not among the choices',
      { 'input.resize_mode': 'crop' },
      'input.resize_mode is "crop"; expected one of letterbox, stretch',
    ],
    [
      'no name of a topic',
      { 'input.depth': '/1bad' },
      'input.depth is "/1bad"; expected the name of a topic, such as /camera/depth',
    ],
    [
      'too long for a topic, with what is looked for below it,',
      { 'input.depth': `/${'a'.repeat(240)}` },
      /"\/a+"\.\.\. \(253 characters\) is no topic of the node \/yolo_seg: failed to /,
    ],
    ['misspelt', { score_treshold: 0.5 }, 'score_treshold is unknown; did you mean score_threshold?'],
  ])('%s ends the process with 2 and the reason', async (_, parameters, text) => {
    const node = startNode({ parameters });
    expect(await node.ended()).toBe(2);
    expect(node.log).toMatch(text);
    expect(node.log).not.toContain('    at ');
  });

  it('is told with every other fault at once', async () => {
    const node = startNode({
      parameters: {
        score_threshold: 7.5,
        max_detections: 0,
        iou_treshold: 0.5,
        'output.masks': [1, 2],
        classes: [-1],
        use_sim_time: 3,
        'qos_overrides./hbmem_imgs.subscription.depth': 3,
        'qos_overrides./yolo_seg/masks.publisher.depth': 0,
        'qos_overrides./yolo_seg/masks.publisher.reliability': 'maybe',
      },
    });
    expect(await node.ended()).toBe(2);
    for (const name of [
      'score_threshold is 7.5',
      'max_detections is 0',
      'did you mean iou_threshold?',
      'output.masks is [1, 2]; expected true or false',
      'classes is [-1]',
      'use_sim_time is 3; expected true or false',
      'did you mean qos_overrides./hbmem_img.subscription.depth?',
      'masks.publisher.depth is 0; expected an integer from 1 to 1000',
      'masks.publisher.reliability is "maybe"; expected one of best_effort',
    ]) {
      expect(node.log).toContain(name);
    }
  });

  it('that is a double where an integer is meant ends the process with 2, be it whole', async () => {
    const depth = 'qos_overrides./yolo_seg/masks.publisher.depth';
    const node = startNode({
      rosArguments: ['max_detections:=2.0', 'classes:=[2.0, 0.0]', `${depth}:=3.0`].flatMap((rule) => [
        '-p',
        rule,
      ]),
    });
    expect(await node.ended()).toBe(2);
    for (const text of [
      'max_detections is 2.0; expected an integer from 1 to 300',
      'classes is [2.0, 0.0]; expected a non-empty list of texts, or of integers from 0 on',
      'masks.publisher.depth is 3.0; expected an integer from 1 to 1000',
    ]) {
      expect(node.log).toContain(text);
    }
  });

  it('wrong as ROS argument ends the process with 2', async () => {
    const node = startNode({ rosArguments: ['-r', 'not a:=rule'] });
    expect(await node.ended()).toBe(2);
    expect(node.log).toContain('rcl cannot start with the arguments');
    expect(node.log).toContain('not a:=rule');
  });
});
