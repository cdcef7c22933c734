import { readFileSync } from 'node:fs';
import { beforeAll, describe, expect, it } from 'vitest';
import { parse as parseDefinition } from '@foxglove/rosmsg';
import { parse } from 'yaml';
import { messageDefinition, type PublishedType } from '#dist/messages/definitions.js';
import type { CompressedImage, Image, InstanceMaskArray, Stamp } from './support/messages.js';
import { useGraph } from './support/graph.js';
import { edges } from './support/shapes.js';
import { sameStamp } from './support/yoloSeg.js';

const { robot, yoloSeg } = useGraph();
const typesOf = (topic: string) => robot.do('types_of', { topic });

describe('~/annotations', () => {
  interface Point {
    readonly x: number;
    readonly y: number;
  }
  interface ImageAnnotations {
    readonly circles: readonly unknown[];
    readonly points: readonly {
      readonly timestamp: Stamp;
      readonly type: number;
      readonly points: readonly Point[];
      readonly outline_color: Readonly<Record<string, number>>;
      readonly fill_color: Readonly<Record<string, number>>;
    }[];
    readonly texts: readonly { readonly timestamp: Stamp; readonly position: Point; readonly text: string }[];
  }
  const topic = '/yolo_seg/annotations';
  const stamp = { sec: 70, nanosec: 3 };
  let annotations: ImageAnnotations;

  beforeAll(async () => {
    await robot.listen(topic, 'foxglove_msgs/msg/ImageAnnotations');
    const isOfFrame = ({ texts }: ImageAnnotations) => sameStamp(texts[0]!.timestamp, stamp);
    for (let attempt = 0; annotations === undefined; attempt++) {
      await yoloSeg.segmentFrame({ stamp });
      const next = robot.next<ImageAnnotations>(topic, isOfFrame, 2000);
      annotations = await next.catch((error: unknown) => {
        if (attempt === 10) throw error;
        return undefined as unknown as ImageAnnotations;
      });
    }
  });

  it('have the box, number, name and score of each detection at the stamp of the frame', async () => {
    const detections = await yoloSeg.segment({ stamp });
    expect(annotations.texts.map(({ text, position }) => [text, position])).toEqual(
      detections.map((detection) => {
        const { hypothesis } = detection.results[0]!;
        const number = detection.id.split('_').at(-1);
        const { x1, y1 } = edges(detection);
        const near = { x: expect.closeTo(x1, 3), y: expect.closeTo(y1, 3) };
        return [`${number} ${hypothesis.class_id} ${hypothesis.score.toFixed(2)}`, near];
      }),
    );
    expect(
      new Set(annotations.points.map(({ timestamp }) => `${timestamp.sec}.${timestamp.nanosec}`)),
    ).toEqual(new Set(['70.3']));
  });

  it('have the outlines of each mask behind its box, as ~/masks has them on request', async () => {
    await robot.listen('/yolo_seg/masks', 'rdk_yolo_seg_msgs/msg/InstanceMaskArray');
    await yoloSeg.setParameter('output.mask_contours', true);
    const { masks } = await yoloSeg.outputOf<InstanceMaskArray>('/yolo_seg/masks', { sec: 71, nanosec: 3 });
    await yoloSeg.setParameter('output.mask_contours', false);
    const detections = await yoloSeg.segment({ stamp });
    const near = ({ x, y }: Point) => ({ x: expect.closeTo(x, 2), y: expect.closeTo(y, 2) });
    expect(masks.some(({ contours }) => contours.length > 0)).toBe(true);
    const expected = detections.flatMap((detection, i) => {
      const { x1, y1, x2, y2 } = edges(detection);
      const box = [
        { x: x1, y: y1 },
        { x: x2, y: y1 },
        { x: x2, y: y2 },
        { x: x1, y: y2 },
      ];
      return [box, ...masks[i]!.contours.map(({ points }) => points)];
    });
    expect(annotations.points.map(({ points }) => points)).toEqual(
      expected.map((points) => points.map(near)),
    );
    expect(new Set(annotations.points.map(({ type, fill_color }) => `${type} ${fill_color.a}`))).toEqual(
      new Set(['2 0']),
    );
  });
});

const ofDepth = ['/yolo_seg/points', '/yolo_seg/detections3d'];

describe('config/rviz/yolo_seg.rviz', () => {
  interface Display {
    readonly Class: string;
    readonly Name: string;
    readonly Topic: Readonly<Record<string, string>>;
  }
  /** Classes of rviz's own plug-ins by what they are for. */
  const known = {
    panels: ['rviz_common/Displays', 'rviz_common/Time'],
    tools: ['rviz_default_plugins/MoveCamera'],
    views: ['rviz_default_plugins/Orbit'],
  };
  const messageOf: Readonly<Record<string, string>> = {
    'rviz_default_plugins/Image': 'sensor_msgs/msg/Image',
    'rviz_default_plugins/PointCloud2': 'sensor_msgs/msg/PointCloud2',
    'vision_msgs_rviz_plugins/Detection3DArray': 'vision_msgs/msg/Detection3DArray',
  };
  const config = parse(readFileSync('config/rviz/yolo_seg.rviz', 'utf8'));
  const manager = config['Visualization Manager'];
  const displays: readonly Display[] = manager.Displays;
  const policy = (text: string) => text.toLowerCase().replace(' ', '_');

  it('has a display for each topic of depth', () => {
    const shown = displays.map(({ Topic }) => Topic.Value);
    expect(shown).toEqual(expect.arrayContaining(ofDepth));
  });

  it('has panels, tools and views that rviz has', () => {
    const classes = (of: readonly { Class: string }[]) => of.map((one) => one.Class);
    expect(classes(config.Panels)).toEqual(known.panels);
    expect(classes(manager.Tools)).toEqual(known.tools);
    expect(classes([manager.Views.Current])).toEqual(known.views);
  });

  it.each(displays.map((display) => [display.Name, display] as const))(
    'shows %s: the class takes the type of the topic, and the QoS gets messages',
    async (_name, { Class, Topic }) => {
      expect(await typesOf(Topic.Value!)).toEqual([messageOf[Class]]);
      expect(policy(Topic['History Policy']!)).toBe('keep_last');
      if (ofDepth.includes(Topic.Value!)) {
        // Without depth pictures nothing comes. A subscription that asks for this hears every publisher.
        expect([Topic['Reliability Policy'], Topic['Durability Policy']]).toEqual([
          'Best Effort',
          'Volatile',
        ]);
        return;
      }
      await robot.listen(Topic.Value!, messageOf[Class]!, {
        reliability: policy(Topic['Reliability Policy']!),
        durability: policy(Topic['Durability Policy']!),
      });
      await yoloSeg.outputOf<Image>(Topic.Value!, { sec: 80, nanosec: 1 });
      await robot.unlisten(Topic.Value!);
    },
  );
});

it('config/foxglove/yolo_seg.json shows topics that the node publishes', async () => {
  const text = readFileSync('config/foxglove/yolo_seg.json', 'utf8');
  const topics = [
    ...new Set(
      [...text.matchAll(/"(\/yolo_seg\/\w[\w/]*|\/diagnostics|\/hobot_dnn_detection)[".]/g)].map(
        ([, topic]) => topic!,
      ),
    ),
  ];
  expect(topics).toEqual(
    expect.arrayContaining(['/yolo_seg/annotations', '/hobot_dnn_detection', ...ofDepth]),
  );
  for (const topic of topics) expect(await typesOf(topic), topic).toHaveLength(1);
  const paths = [...text.matchAll(/"(\/[\w/]+)\.(\w+)[^"]*"/g)];
  expect(paths.map(([, topic, field]) => `${topic} ${field}`)).toEqual([
    '/yolo_seg/detections detections',
    '/hobot_dnn_detection disappeared_targets',
  ]);
  for (const [, topic, field] of paths) {
    const [type] = (await typesOf(topic!)) as [PublishedType];
    const [own] = parseDefinition(messageDefinition(type), { ros2: true });
    const { definitions } = own!;
    expect(definitions.map(({ name }) => name)).toContain(field);
  }
  const layout = JSON.parse(text);
  const shown = JSON.stringify(layout.layout);
  for (const panel of Object.keys(layout.configById)) expect(shown).toContain(`"${panel}"`);
});

describe('an overlay that is remapped', () => {
  const remapped = useGraph({ rosArguments: ['-r', '~/overlay:=/debug/picture', '-r', '__node:=second'] });

  it('has its compressed form beside it, as image_transport would name it', async () => {
    const { robot: other } = remapped;
    await other.listen('/debug/picture/compressed', 'sensor_msgs/msg/CompressedImage');
    const isJpeg = ({ data }: CompressedImage) => Buffer.from(data, 'base64').readUInt16BE(0) === 0xffd8;
    for (let attempt = 0; ; attempt++) {
      await other.send({});
      const got = await other
        .next<CompressedImage>('/debug/picture/compressed', isJpeg, 1000)
        .catch(() => null);
      if (got !== null) break;
      expect(attempt).toBeLessThan(20);
    }
    expect(await other.do('types_of', { topic: '/second/overlay/compressed' })).toEqual([]);
  });
});
