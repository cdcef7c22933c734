import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { nodeTopics } from '../support/nodeTopics.js';
import { useNodes, useRobot } from './support/graph.js';
import { type480 } from './support/robot.js';
import { YoloSeg } from './support/yoloSeg.js';

/** The types of the topics, by their name in the code of the node. */
const types: Readonly<Record<string, string>> = {
  hbmem_img: type480,
  '~/detections': 'vision_msgs/msg/Detection2DArray',
  '~/masks': 'rdk_yolo_seg_msgs/msg/InstanceMaskArray',
  '~/label_map': 'sensor_msgs/msg/Image',
  '~/label_info': 'vision_msgs/msg/LabelInfo',
  '~/confidence_map': 'sensor_msgs/msg/Image',
  hobot_dnn_detection: 'ai_msgs/msg/PerceptionTargets',
  hobot_dnn_detection_info: 'ai_msgs/msg/PerceptionInfo',
  '~/annotations': 'foxglove_msgs/msg/ImageAnnotations',
  '~/detections3d': 'vision_msgs/msg/Detection3DArray',
  '~/points': 'sensor_msgs/msg/PointCloud2',
  '~/overlay': 'sensor_msgs/msg/Image',
  '~/overlay/compressed': 'sensor_msgs/msg/CompressedImage',
  '/diagnostics': 'diagnostic_msgs/msg/DiagnosticArray',
};
const endpoints = nodeTopics.map(({ name, kind }) => {
  const isLatched = name === '~/label_info';
  return {
    name,
    kind,
    type: types[name],
    depth: isLatched || kind === 'subscription' ? 1 : 10,
    durability: isLatched ? 'TRANSIENT_LOCAL' : 'VOLATILE',
  };
});

interface Made {
  readonly name: string;
  readonly endpoints: Readonly<
    Record<string, { topic: string; qos: { reliability: string; durability: string } }>
  >;
  readonly parameters: Readonly<Record<string, string | number>>;
}

const folder = mkdtempSync(join(tmpdir(), 'node-arguments-'));
afterAll(() => rmSync(folder, { recursive: true }));
const file = join(folder, 'parameters.yaml');
writeFileSync(
  file,
  `
/**:
  ros__parameters:
    score_threshold: 0.31
    max_detections: 7
    qos_overrides:
      /robot/eye/masks: {publisher: {depth: 4, reliability: best_effort}}
      /boxes: {publisher: {durability: transient_local}}
/*/eye:
  ros__parameters:
    max_detections: 9
    frame_id: wild
/robot/other:
  ros__parameters:
    frame_id: other
/*/*/eye:
  ros__parameters:
    iou_threshold: 0.12
`,
);

/** Every topic made best effort and of depth 3, by their names after remapping. */
const everyQos = (topicOf: (name: string) => string) =>
  endpoints.flatMap(({ name, kind }) => {
    const prefix = `qos_overrides.${topicOf(name)}.${kind}`;
    return ['-p', `${prefix}.depth:=3`, '-p', `${prefix}.reliability:=best_effort`];
  });
const inPlace = (name: string) => (name.startsWith('/') ? name : `/${name.replace('~', 'yolo_seg')}`);

const robot = useRobot();
const startNode = useNodes();

const [targets, info] = ['hobot_dnn_detection', 'hobot_dnn_detection_info'] as const;

/** With the topics of TROS that lie below the node, as they do in one that is not named yolo_seg. */
const endpointsWith = (below: readonly string[]) =>
  endpoints.map((one) => (below.includes(one.name) ? { ...one, name: `~/${one.name}` } : one));

it.each<[string, string[], string[]?]>([
  ['nothing', []],
  ['a namespace and a name', ['-r', '__ns:=/robot', '-r', '__node:=eye'], [targets, info]],
  [
    'a rule for each topic, private, relative and absolute',
    [
      ...['-r', '__ns:=/robot'],
      ...nodeTopics.flatMap(({ name }, i) => [
        '-r',
        `${name}:=${['/to/', 'near/', '~/own/'][i % 3]}topic${i}`,
      ]),
    ],
  ],
  [
    'rules by full names, for one node and for others',
    [
      ...['-r', '__ns:=/robot', '-r', '__node:=eye'],
      ...[
        '-r',
        '/robot/eye/label_map:=labels',
        '-r',
        'rostopic://~/masks:=/m',
        '-r',
        'eye:~/overlay:=/picture',
      ],
      ...['-r', 'other:~/detections:=/never', '-r', '/robot/hobot_dnn_detection_info:=info'],
    ],
    [targets],
  ],
  ['the QoS of every topic', everyQos(inPlace)],
  [
    'a parameter file with wildcards',
    ['--params-file', file, '-r', '__ns:=/robot', '-r', '__node:=eye', '-r', '~/detections:=/boxes'],
    [targets, info],
  ],
])(
  'given %s, names, QoS and parameters are those of a node of rclpy',
  async (_, rosArguments, below = []) => {
    const expected = endpointsWith(below);
    const made = JSON.parse(
      execFileSync('python3', ['test/ros2/peers/like_rclpy.py', '--ros-args', ...rosArguments], {
        encoding: 'utf8',
        env: { ...process.env, ENDPOINTS: JSON.stringify(expected) },
      }),
    ) as Made;
    const node = startNode({
      rosArguments,
      parameters: { 'input.transport': 'hbmem', 'input.hbmem_type': 'HbmMsg480P' },
    });
    await node.logged('active: ');

    const [, namespace, name] = /^(.*)\/([^/]+)$/.exec(made.name)!;
    const everyNodes = ['/parameter_events', '/rosout', `${made.name}/transition_event`];
    /** What the graph shows of the node: topics of each kind, and their QoS by the name in the code. */
    const look = async () => {
      const ours = (await robot.do('topics_of', { name, namespace: namespace || '/' })) as Record<
        string,
        string[]
      >;
      const qos: Record<string, unknown> = {};
      for (const { name: codeName, kind } of expected) {
        const { topic } = made.endpoints[codeName]!;
        qos[codeName] = await robot.do('endpoint_qos', { topic, kind, node: name });
      }
      const own = (kind: string) => ours[kind]!.filter((topic) => !everyNodes.includes(topic)).toSorted();
      return { publisher: own('publisher'), subscription: own('subscription'), qos };
    };
    const topics = (of: string) =>
      expected.filter(({ kind }) => kind === of).map((one) => made.endpoints[one.name]!.topic);
    // Discovery takes its time.
    await expect.poll(look, { timeout: 10_000 }).toEqual({
      publisher: topics('publisher').toSorted(),
      subscription: topics('subscription').toSorted(),
      qos: Object.fromEntries(Object.entries(made.endpoints).map(([codeName, { qos }]) => [codeName, [qos]])),
    });
    const yoloSeg = new YoloSeg(robot, made.name);
    const values = await yoloSeg.parameters(Object.keys(made.parameters));
    expect(values).toEqual(made.parameters);
  },
);

it('given one name for the input and an output, it ends with 2 and says which', async () => {
  const node = startNode({ rosArguments: ['-r', 'hbmem_img:=/image', '-r', '~/overlay:=/image'] });
  expect(await node.ended()).toBe(2);
  expect(node.log).toContain('hbmem_img and ~/overlay are both remapped to /image: ');
});
