import { describe, expect, it } from 'vitest';
import { camerasOf, topicOfCamera } from '#dist/config/cameras.js';
import { ParameterStore } from '#dist/config/store.js';

const cameras = (names?: string[], topics?: string[], frameIds?: string[]) =>
  camerasOf(
    new ParameterStore({
      ...(names && { 'cameras.names': names }),
      ...(topics && { 'cameras.topics': topics }),
      ...(frameIds && { 'cameras.frame_ids': frameIds }),
    }).values,
  );

describe('camerasOf', () => {
  it('is the one camera of hbmem_img, by the parameter frame_id, unless cameras are named', () => {
    expect(cameras()).toEqual([{ name: null, topic: 'hbmem_img', frameId: null }]);
  });

  it('takes topics and frame_ids from the names, or as they are given', () => {
    expect(cameras(['front', 'back'])).toEqual([
      { name: 'front', topic: 'front/hbmem_img', frameId: 'front' },
      { name: 'back', topic: 'back/hbmem_img', frameId: 'back' },
    ]);
    expect(cameras(['front', 'back'], ['/cam0/image', 'b'], ['optical_0', 'optical_1'])).toEqual([
      { name: 'front', topic: '/cam0/image', frameId: 'optical_0' },
      { name: 'back', topic: 'b', frameId: 'optical_1' },
    ]);
  });

  it.each(['x', '/x', '~/x', 'x_1/Y', '{ns}/x', '/a/b/image_raw/compressed'])(
    'takes the topic %s',
    (topic) => {
      expect(cameras(['a'], [topic])[0]!.topic).toBe(topic);
    },
  );

  it('gives one camera that is named a namespace, too', () => {
    expect(cameras(['front'])).toEqual([{ name: 'front', topic: 'front/hbmem_img', frameId: 'front' }]);
  });

  const many = Array.from({ length: 9 }, (_, index) => `c${index}`);
  it.each([
    [
      [['a', 'b'], ['/x']],
      'cameras.topics has 1 item, ["/x"], but cameras.names names 2 cameras, ["a", "b"]: give one for each',
    ],
    [
      [['a'], undefined, ['x', 'y']],
      'cameras.frame_ids has 2 items, ["x", "y"], but cameras.names names 1 camera, ["a"]: give one for each',
    ],
    [[undefined, ['/x']], 'cameras.topics is ["/x"], but cameras.names names no camera: name each'],
    [[['a', 'b', 'a']], 'cameras.names has "a" twice, for entries 1 and 3: give each camera its own'],
    [
      [
        ['a', 'b'],
        ['/x', '/x'],
      ],
      'cameras.topics has "/x" twice, for a and b: give each camera its own',
    ],
    [
      [
        ['a', 'b'],
        ['/x', ''],
      ],
      'cameras.topics is empty for b',
    ],
    ...['front camera', '/x/', '//x', '/0', 'x//y', '~', '~x', '/{camera}/x', 'a{b'].map(
      (topic): [string[][], string] => [
        [['a'], [topic]],
        `cameras.topics has "${topic}" for a; expected the name of a topic`,
      ],
    ),
    [[['front/left']], 'cameras.names has "front/left"; expected letters, digits and underscores'],
    [[['0']], 'cameras.names has "0"; expected letters'],
    [[['_a']], 'cameras.names has "_a"; expected letters'],
    [[['']], 'cameras.names has ""; expected letters'],
    [[['pipeline']], 'cameras.names has "pipeline", which has a meaning of its own'],
    [[['a', 'auto']], 'cameras.names has "auto", which has a meaning of its own'],
    [[many], 'cameras.names has 9 items; expected at most 8'],
  ])('refuses %j', (lists, why) => {
    expect(() => cameras(...(lists as [string[]?, string[]?, string[]?]))).toThrow(why);
  });
});

it('lists that contradict each other are told together with other faults', () => {
  const build = () => new ParameterStore({ 'cameras.names': ['a', 'a'], score_threshold: 2 });
  expect(build).toThrow(/score_threshold is 2; .*cameras\.names has "a" twice/);
});

it('topics of results lie in the namespace of their camera', () => {
  const [front] = cameras(['front']);
  const [one] = cameras();
  expect(['~/overlay/compressed', 'hobot_dnn_detection'].map((name) => topicOfCamera(front!, name))).toEqual([
    '~/front/overlay/compressed',
    'front/hobot_dnn_detection',
  ]);
  expect(topicOfCamera(one!, '~/masks')).toBe('~/masks');
});
