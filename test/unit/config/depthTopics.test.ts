import { describe, expect, it } from 'vitest';
import { depthTopicsOf } from '#dist/config/depthTopics.js';
import { ParameterStore } from '#dist/config/store.js';

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

describe('the store', () => {
  const unfit = [
    ['input.depth', '/1bad', '"/1bad"; expected the name of a topic, such as /camera/depth'],
    ['input.depth', '/{front}/depth', '"/{front}/depth"; expected the name of a topic'],
    ['input.depth_info', '', '""; expected the name of a topic, such as /camera/depth/camera_info, or auto'],
    ['input.camera_info', 'a b', '"a b"; expected the name of a topic, such as /camera/camera_info'],
  ] as const;

  it.each(unfit)(
    'refuses a topic of depth that is none, at start and when it is set: %s %j',
    (name, value, why) => {
      const refusal = `${name} is ${why}`;
      expect(() => new ParameterStore({ [name]: value })).toThrow(refusal);
      expect(() => new ParameterStore().prepare({ [name]: value }, false)).toThrow(refusal);
    },
  );

  it('takes none and what is looked for by itself, and tells the number with any other text', () => {
    const values = { 'input.depth': '', 'input.depth_info': 'auto', 'input.camera_info': '' };
    expect(new ParameterStore(values).values).toMatchObject(values);
    expect(() => new ParameterStore({ 'input.depth': 3 })).toThrow('input.depth is 3; expected a text');
  });

  it('refuses topics that its cameras cannot have, at start and when they are set', () => {
    const [shared, placeheld] = [{ 'input.depth': '/depth' }, { 'input.depth': '/{camera}/depth' }];
    const cameras = { 'cameras.names': ['front', 'back'] };
    const why = 'input.depth is /depth, one topic for every camera';
    expect(() => new ParameterStore({ ...cameras, ...shared })).toThrow(why);
    expect(() => new ParameterStore(cameras).prepare(shared, false)).toThrow(why);
    expect(() => new ParameterStore().prepare(placeheld, false)).toThrow(
      'the node has one camera without a name',
    );
    new ParameterStore(cameras).prepare(placeheld, false).commit();
  });
});
