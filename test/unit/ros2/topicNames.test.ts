import { describe, expect, it } from 'vitest';
import { camerasOf } from '#dist/config/cameras.js';
import { nameToMake, nodeTopicsOf, refuseSharedTopics } from '#dist/ros2/topicNames.js';
import { nodeTopics } from '../../support/nodeTopics.js';

/** Names as a node makes them, after these rules. */
function remapped(rules: Readonly<Record<string, string>>, node = 'yolo_seg') {
  const expandTopic = (name: string) => (name.startsWith('/') ? name : `/${name.replace('~', node)}`);
  const resolveTopic = (name: string) => rules[expandTopic(name)] ?? expandTopic(name);
  return { fullName: `/${node}`, expandTopic, resolveTopic };
}

describe('topics of the node', () => {
  it('may have any names of their own', () => {
    refuseSharedTopics(nodeTopics, remapped({}));
    refuseSharedTopics(
      nodeTopics,
      remapped({ '/yolo_seg/overlay': '/yolo_seg/masks', '/yolo_seg/masks': '/m' }),
    );
  });

  it.each([
    [
      'an output on the input, which would feed the node with its own pictures',
      { '/hbmem_img': '/image', '/yolo_seg/overlay': '/image' },
      'hbmem_img and ~/overlay are both remapped to /image: give each a topic of its own (-r ~/overlay:=NAME)',
    ],
    [
      'two outputs of one type',
      { '/yolo_seg/confidence_map': '/yolo_seg/label_map' },
      '~/label_map and ~/confidence_map are both remapped to /yolo_seg/label_map',
    ],
    [
      'the input on a compressed picture, whose name follows that of its picture',
      { '/hbmem_img': '/out/compressed', '/yolo_seg/overlay': '/out' },
      'hbmem_img and ~/overlay/compressed are both remapped to /out/compressed',
    ],
  ])('may not share one: %s', (_, rules, why) => {
    expect(() => refuseSharedTopics(nodeTopics, remapped(rules as Readonly<Record<string, string>>))).toThrow(
      why,
    );
  });
});

const frontAndBack = nodeTopicsOf(
  camerasOf({
    'cameras.names': ['front', 'back'],
    'cameras.topics': ['auto'],
    'cameras.frame_ids': ['auto'],
  }),
);

describe('topics of a node with two cameras', () => {
  it('are those of each, in a namespace of its own', () => {
    const names = frontAndBack.map(({ name }) => name);
    expect(names.filter((name) => /hbmem_img|masks|hobot_dnn_detection$/.test(name))).toEqual([
      'front/hbmem_img',
      '~/front/masks',
      'front/hobot_dnn_detection',
      'back/hbmem_img',
      '~/back/masks',
      'back/hobot_dnn_detection',
    ]);
    expect(names).toHaveLength(2 * (nodeTopics.length - 1) + 1);
  });

  it.each([
    [
      { '/front/hbmem_img': '/image', '/back/hbmem_img': '/image' },
      /^front\/hbmem_img and back\/hbmem_img are both/,
    ],
    [{ '/yolo_seg/back/masks': '/yolo_seg/front/masks' }, /^~\/front\/masks and ~\/back\/masks are both/],
  ])('may not be one after remapping: %j', (rules, why) => {
    refuseSharedTopics(frontAndBack, remapped({}));
    expect(() =>
      refuseSharedTopics(frontAndBack, remapped(rules as unknown as Record<string, string>)),
    ).toThrow(expect.objectContaining({ message: expect.stringMatching(why) }));
  });
});

it('the topic of a camera is remapped by its own name alone, whatever an output of that ending follows', () => {
  const topics = nodeTopicsOf(
    camerasOf({
      'cameras.names': ['a', 'b'],
      'cameras.topics': ['/cam/compressed', '/x/hobot_dnn_detection'],
      'cameras.frame_ids': ['auto'],
    }),
  );
  // Neither moves a camera's topic onto an output.
  refuseSharedTopics(topics, remapped({ '/cam': '/yolo_seg/a/overlay' }));
  refuseSharedTopics(topics, remapped({ '/second//x/hobot_dnn_detection': '/second/a/masks' }, 'second'));
  expect(() => refuseSharedTopics(topics, remapped({ '/cam/compressed': '/yolo_seg/a/overlay' }))).toThrow(
    '/cam/compressed and ~/a/overlay are both remapped to /yolo_seg/a/overlay',
  );
});

describe('topics of TROS', () => {
  it.each([
    ['yolo_seg', {}, 'hobot_dnn_detection', '/hobot_dnn_detection'],
    ['second', {}, 'hobot_dnn_detection', '/second/hobot_dnn_detection'],
    ['second', {}, 'hobot_dnn_detection_info', '/second/hobot_dnn_detection_info'],
    ['second', {}, 'front/hobot_dnn_detection', '/second/front/hobot_dnn_detection'],
    ['second', { '/hobot_dnn_detection': '/ai' }, 'hobot_dnn_detection', '/ai'],
    [
      'second',
      { '/second/hobot_dnn_detection': '/hobot_dnn_detection' },
      'hobot_dnn_detection',
      '/hobot_dnn_detection',
    ],
    ['my_yolo_seg', {}, 'hobot_dnn_detection', '/my_yolo_seg/hobot_dnn_detection'],
    ['second', {}, '~/detections', '/second/detections'],
  ])('of the node %s after %j: %s is %s', (node, rules, name, made) => {
    const names = remapped(rules as unknown as Record<string, string>, node);
    expect(names.resolveTopic(nameToMake({ name, kind: 'publisher' }, names))).toBe(made);
  });
});
