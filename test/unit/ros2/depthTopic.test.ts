import { beforeEach, describe, expect, it, vi } from 'vitest';
import type { SeenPublisher } from '#dist/ros2/rcl/rosNode.js';
import { FakeRos } from './fakeRos.js';
import {
  topic,
  resultAt,
  widthPx,
  heightPx,
  ros,
  stage,
  delivered,
  start,
  submit,
  sendDepth,
  sendInfo,
  until,
} from './depthStageUnderTest.js';

describe('a depth topic', () => {
  it('may change its size and its encoding between two pictures', async () => {
    sendInfo();
    sendDepth(0, 1500);
    submit(0, 0);
    await until(1);
    sendInfo(undefined, { width: 128, height: 96, k: [120, 0, 63.5, 0, 120, 47.5, 0, 0, 1] });
    sendDepth(33, 2500, { encoding: '32FC1', size: [128, 96] });
    submit(1, 33);
    await until(2);
    expect(delivered).toEqual(['0 1.500', '1 2.500']);
  });

  it('whose size changes is refused with both sizes, until a camera_info comes with the new one', async () => {
    sendInfo();
    sendDepth(0, 1500);
    submit(0, 0);
    await until(1);
    sendDepth(33, 2500, { size: [128, 96] });
    submit(1, 33);
    await until(2);
    expect(delivered[1]).toBe('1 -');
    expect(stage.report).toMatchObject({ paired: 1, unpaired: { camera_info: 1 } });
    expect(stage.warning).toMatch(/the depth picture is 128 x 96, but the last camera_info is of 64 x 48/);
    sendInfo();
    submit(2, 33);
    await until(3);
    expect(delivered[2]).toBe('2 2.500');
    expect(stage.warning).toBeNull();
  });

  it('whose camera changes the size of its pictures waits for what describes them, too', async () => {
    stage.close();
    start({ 'input.camera_info': '/camera_info' });
    sendInfo();
    const ofCamera = { width: widthPx, height: heightPx };
    sendInfo('/camera_info', ofCamera);
    sendDepth(0, 1500);
    submit(0, 0);
    await until(1);
    const { header, ...rest } = resultAt(1, 0);
    const larger = { ...rest, header: { ...header, widthPx: widthPx * 2, heightPx: heightPx * 2 } };
    stage.submit({
      result: larger,
      deliver: ({ depths }) => delivered.push(`larger ${depths}`),
      drop: () => {},
    });
    await until(2);
    expect(delivered).toEqual([`0 1.500`, 'larger null']);
    expect(stage.warning).toMatch(/the picture is 128 x 96, but the last camera_info is of 64 x 48/);
  });

  it('whose pictures cannot be read is told, counted and explained, and results go on', () => {
    vi.useFakeTimers();
    stage.close();
    start();
    sendInfo();
    sendDepth(0, 1500, { encoding: 'bgr8' });
    ros.subscriptions.get(topic)!(Buffer.from([0, 1, 0, 0, 1]));
    expect(stage.report).toMatchObject({ pictures: 0, refused: { encoding: 1, serialized_form: 1 } });
    expect(ros.logged).toContain(
      'warn: a message of depth is refused: encoding is "bgr8"; expected mono16 or 16UC1 (millimetres), or 32FC1 (metres)',
    );
    submit(0, 0);
    vi.advanceTimersByTime(2500);
    expect(delivered).toEqual(['0 -']);
    expect(stage.warning).toContain(`depth pictures on ${topic} are refused; the last because`);
    sendDepth(33, 1500);
    expect(stage.warning).toBeNull();
    vi.advanceTimersByTime(2500);
    expect(stage.warning).toContain(`the publisher of ${topic} has gone`);
  });

  it.each([
    [
      'without camera_info',
      () => {},
      'camera_info',
      `no camera_info has come on ${topic}/camera_info or /stereo/camera_info`,
    ],
    [
      'with K of zeros',
      () => sendInfo(undefined, { k: new Array(9).fill(0) }),
      'camera_info',
      'K in camera_info of the depth picture has fx 0',
    ],
    [
      'with NaN in K',
      () => sendInfo(undefined, { k: new Array(9).fill(Number.NaN) }),
      'camera_info',
      'fx NaN',
    ],
    [
      'with camera_info of another frame',
      () => sendInfo(undefined, { header: { stamp: { sec: 0, nsec: 0 }, frame_id: 'base_link' } }),
      'frame',
      'the depth picture is in frame optical and its camera_info in base_link',
    ],
    [
      'with camera_info of another shape',
      () => sendInfo(undefined, { height: 64 }),
      'aspect',
      '64 x 48 and its camera_info 64 x 64',
    ],
  ] as const)('%s leaves results without depth, by that reason', async (_, describeCamera, reason, why) => {
    describeCamera();
    sendDepth(0, 1500);
    submit(0, 0);
    await until(1);
    expect(delivered).toEqual(['0 -']);
    expect(stage.report).toMatchObject({ paired: 0, unpaired: { [reason]: 1 } });
    expect(ros.logged.join()).toContain(why);
    expect(ros.logged.join()).toContain('frame 0 has no depth: ');
    expect(ros.logged.join()).not.toContain(`has no depth: ${reason}:`);
  });

  it('of which no picture can be used is warned of, until one can', async () => {
    sendInfo(undefined, { k: new Array(9).fill(0) });
    sendDepth(0, 1500);
    submit(0, 0);
    await until(1);
    expect(stage.warning).toMatch(
      /^depth pictures on \/stereo\/depth cannot be used; the last because K in camera_info .* has fx 0/,
    );
    sendInfo();
    submit(1, 0);
    await until(2);
    expect(stage.warning).toBeNull();
    sendInfo(undefined, { k: new Array(9).fill(0) });
    submit(2, 0);
    await until(3);
    expect(stage.warning).not.toBeNull();
    stage.stop();
    expect(stage.warning).toBeNull();
  });

  it('whose description comes later than its picture is waited for, within the bound', async () => {
    sendDepth(0, 1500);
    submit(0, 0);
    sendInfo();
    sendDepth(33, 2500);
    submit(1, 33);
    await until(2);
    expect(delivered).toEqual(['0 1.500', '1 2.500']);
    expect(stage.report).toMatchObject({ paired: 2, unpaired: {} });
  });

  it('is described by the camera_info beside it, too, and by that below it first', async () => {
    sendInfo('/stereo/camera_info', { k: [0, 0, 0, 0, 0, 0, 0, 0, 0] });
    sendInfo();
    sendDepth(0, 1500);
    submit(0, 0);
    await until(1);
    expect(delivered).toEqual(['0 1.500']);
  });

  it('that the middleware refuses fails the activation and leaves nothing subscribed', () => {
    stage.close();
    const refusing = new FakeRos();
    refusing.refusedTopic = '/stereo/camera_info';
    expect(() => start({}, refusing)).toThrow('no /stereo/camera_info');
    expect(ros.subscriptions.size).toBe(0);
    expect(stage.report).toBeNull();
  });
});

describe('silence', () => {
  beforeEach(() => {
    stage.close();
    vi.useFakeTimers();
    start();
  });
  const publisher: SeenPublisher = {
    gid: '1',
    nodeName: '/StereoNetNode',
    typeName: 'sensor_msgs/msg/Image',
    reliability: 'best_effort',
    durability: 'volatile',
  };

  it.each([
    ['no publisher', [], `no publisher on ${topic}; start the depth camera`],
    [
      'another type',
      [{ ...publisher, typeName: 'sensor_msgs/msg/PointCloud2' }],
      'carries sensor_msgs/msg/PointCloud2',
    ],
    [
      'a publisher that sends nothing',
      [publisher],
      `/StereoNetNode publishes ${topic}, with a QoS that fits, but has sent no picture`,
    ],
  ])('of %s is explained after two seconds, once', (_, publishers, why) => {
    ros.publishersSeen = publishers;
    vi.advanceTimersByTime(1900);
    expect(stage.warning).toBeNull();
    vi.advanceTimersByTime(5000);
    expect(stage.warning).toContain(why);
    expect(ros.logged.filter((line) => line.includes('no depth:'))).toHaveLength(1);
  });

  it.each([
    ['reliability', { reliability: 'reliable' }, 'best_effort', 'reliable'],
    ['durability', { durability: 'transient_local' }, 'volatile', 'transient_local'],
  ])('of a publisher whose %s does not fit names what both say', (policy, asked, offered, wanted) => {
    stage.close();
    const unlike = new FakeRos();
    unlike.askedQos = asked;
    unlike.publishersSeen = [publisher];
    start({}, unlike);
    vi.advanceTimersByTime(2500);
    expect(stage.warning).toBe(
      `/StereoNetNode offers ${policy} ${offered} on ${topic}, but qos_overrides.${topic}.subscription.${policy} asks for ${wanted}, so that no picture arrives; set it to ${offered}`,
    );
  });

  it('of a publisher that comes late accuses it only when it has had its time', () => {
    vi.advanceTimersByTime(2500);
    expect(stage.warning).toContain('no publisher');
    ros.publishersSeen = [publisher];
    vi.advanceTimersByTime(1000);
    expect(stage.warning).toBe(`/StereoNetNode has just begun to publish ${topic}; no picture has come yet`);
    expect(ros.logged.filter((line) => line.includes('no depth:'))).toHaveLength(1);
    vi.advanceTimersByTime(2000);
    expect(stage.warning).toContain('has sent no picture');
    expect(ros.logged.filter((line) => line.includes('no depth:'))).toHaveLength(2);
  });

  it('of a bag that stands still is none', () => {
    ros.publishersSeen = [publisher];
    sendInfo();
    sendDepth(0, 1500);
    ros.clock.simulate(true);
    vi.advanceTimersByTime(10_000);
    expect(stage.warning).toBeNull();
    submit(0, 33);
    expect(delivered).toEqual([]);
  });

  it('of camera_info is told once, though pictures go on', () => {
    for (let at = 0; at < 6000; at += 100) {
      sendDepth(at, 1500);
      vi.advanceTimersByTime(100);
    }
    expect(ros.logged.filter((line) => line.includes('no depth:'))).toHaveLength(1);
    expect(ros.logged.join()).not.toContain('depth pictures arrive');
  });

  it('of camera_info alone is explained, too; pictures that come again end it', () => {
    ros.publishersSeen = [publisher];
    for (let at = 0; at < 3000; at += 100) {
      sendDepth(at, 1500);
      vi.advanceTimersByTime(100);
    }
    expect(stage.warning).toBe(
      `no camera_info on ${topic}/camera_info or /stereo/camera_info, without which depths have no place; set input.depth_info to the topic that brings it`,
    );
    sendInfo();
    vi.advanceTimersByTime(500);
    expect(stage.warning).toBeNull();
    vi.advanceTimersByTime(3000);
    expect(stage.warning).toMatch(/no picture from \/StereoNetNode on \/stereo\/depth for \d s/);
    sendDepth(9000, 1500);
    expect(stage.warning).toBeNull();
    expect(ros.logged.at(-1)).toBe(`info: depth pictures arrive on ${topic}`);
  });
});
