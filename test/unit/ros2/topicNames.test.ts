import { describe, expect, it } from 'vitest';
import { camerasOf } from '#dist/config/cameras.js';
import { depthTopicsOf, nameToMake, nodeTopicsOf, refuseSharedTopics } from '#dist/ros2/topicNames.js';
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

describe('topics of depth', () => {
  const parameters = (depth: string, info = 'auto', camera = '') => ({
    'input.depth': depth,
    'input.depth_info': info,
    'input.camera_info': camera,
  });

  it.each([
    [
      '/s/depth',
      'auto',
      '',
      { depth: '/s/depth', infos: ['/s/depth/camera_info', '/s/camera_info'], cameraInfo: null },
    ],
    ['depth', 'auto', '', { depth: 'depth', infos: ['depth/camera_info', 'camera_info'], cameraInfo: null }],
    ['/s/depth', '/i', '/c', { depth: '/s/depth', infos: ['/i'], cameraInfo: '/c' }],
  ])('%s, %s and %s are found', (depth, info, camera, expected) => {
    expect(depthTopicsOf(parameters(depth, info, camera), { name: null })).toEqual(expected);
  });

  it('are none without input.depth', () => {
    expect(depthTopicsOf(parameters(''), { name: null })).toBeNull();
    expect(depthTopicsOf(parameters(''), { name: 'front' })).toBeNull();
  });

  it('have the name of each of several cameras in them, or are refused', () => {
    expect(depthTopicsOf(parameters('/{camera}/depth', '/{camera}/info'), { name: 'front' })).toEqual({
      depth: '/front/depth',
      infos: ['/front/info'],
      cameraInfo: null,
    });
    expect(() => depthTopicsOf(parameters('/depth'), { name: 'front' })).toThrow(
      'input.depth is /depth, one topic for every camera, but the node has cameras with names: put {camera} where each has its name, as /{camera}/depth',
    );
  });

  it('of several cameras share no camera_info: a given one is refused, a usual one left out', () => {
    expect(() => depthTopicsOf(parameters('/{camera}/depth', '/info'), { name: 'front' })).toThrow(
      'input.depth_info is /info, one topic for every camera, but the node has cameras with names: put {camera} where each has its name, as /{camera}/camera_info',
    );
    expect(() => depthTopicsOf(parameters('/{camera}/depth', 'auto', '/info'), { name: 'front' })).toThrow(
      'input.camera_info is /info, one topic for every camera',
    );
    const infosOf = (depth: string) => depthTopicsOf(parameters(depth), { name: 'front' })?.infos;
    expect(infosOf('/{camera}/depth')).toEqual(['/front/depth/camera_info', '/front/camera_info']);
    expect(infosOf('/depth/{camera}')).toEqual(['/depth/front/camera_info']);
    expect(infosOf('{camera}_depth')).toEqual(['front_depth/camera_info']);
  });

  it('of one camera without a name have none to put there', () => {
    expect(() => depthTopicsOf(parameters('/{camera}/depth'), { name: null })).toThrow(
      'input.depth is /{camera}/depth, but the node has one camera without a name: give the topic itself',
    );
    expect(() => depthTopicsOf(parameters('/depth', 'auto', '/{camera}/info'), { name: null })).toThrow(
      'input.camera_info is /{camera}/info, but',
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
