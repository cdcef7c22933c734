import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { oneCamera } from '#dist/config/cameras.js';
import { ParameterStore } from '#dist/config/store.js';
import type { FrameResult } from '#dist/core/result.js';
import { CdrWriter } from '#dist/messages/cdrWriter.js';
import { writeImage } from '#dist/messages/image.js';
import { DepthStage } from '#dist/ros2/depth/depthStage.js';
import { instancesOf } from '../core/pixelMasks.js';
import { foxgloveBytes } from '../messages/foxglove.js';
import { fakeResult } from '../pipeline/fakes.js';
import type { SeenPublisher } from '#dist/ros2/rcl/rosNode.js';
import { FakeRos } from './fakeRos.js';

const topic = '/stereo/depth';
const [widthPx, heightPx] = [64, 48];
const mask = new Uint8Array(widthPx * heightPx).fill(1);
const instances = instancesOf([mask], widthPx, [0]);
const resultAt = (sequence: number, stampMs: number): FrameResult => ({
  ...fakeResult(sequence, BigInt(stampMs) * 1_000_000n),
  instances,
});

let ros: FakeRos;
let stage: DepthStage;
let isWanted: boolean;
let wantsPoints: boolean;
/** `sequence distance`, or `sequence -` where nothing is known. */
let delivered: string[];
let dropped: number[];

function start(parameters: Readonly<Record<string, unknown>> = {}): void {
  ros = new FakeRos();
  const { values } = new ParameterStore({ 'input.depth': topic, ...parameters });
  isWanted = true;
  wantsPoints = false;
  delivered = [];
  dropped = [];
  stage = new DepthStage(ros.node, oneCamera, () => values, {
    anything: () => isWanted,
    points: () => wantsPoints,
  });
  stage.start();
}

beforeEach(() => start());
afterEach(() => {
  stage.close();
  vi.useRealTimers();
});

function submit(sequence: number, stampMs: number): void {
  stage.submit({
    result: resultAt(sequence, stampMs),
    deliver: ({ header, depths }) => {
      const distance = depths === null ? '-' : (depths.mediansM[0]?.toFixed(3) ?? 'none');
      const points = depths?.cloud ? ` ${depths.cloud.widthPoints}x${depths.cloud.heightPoints}` : '';
      delivered.push(`${header.sequence} ${distance}${points}`);
    },
    drop: () => dropped.push(sequence),
  });
}

interface Sent {
  readonly encoding?: string;
  readonly size?: readonly [number, number];
  readonly frameId?: string;
}

function sendDepth(
  stampMs: number,
  mm: number,
  { encoding = 'mono16', size, frameId = 'optical' }: Sent = {},
): void {
  const [columns, rows] = size ?? [widthPx, heightPx];
  const values =
    encoding === '32FC1'
      ? new Float32Array(columns * rows).fill(mm / 1000)
      : new Uint16Array(columns * rows).fill(mm);
  const header = {
    stampNs: BigInt(stampMs) * 1_000_000n,
    frameId,
    sequence: 0,
    widthPx: columns,
    heightPx: rows,
  };
  const bytes = new Uint8Array(values.buffer);
  const image = { widthPx: columns, heightPx: rows, encoding, stepBytes: bytes.length / rows, bytes };
  ros.subscriptions.get(topic)!(Buffer.from(writeImage(new CdrWriter(), header, image)));
}

function sendInfo(name = `${topic}/camera_info`, changed: object = {}): void {
  const cdr = foxgloveBytes('sensor_msgs/msg/CameraInfo', {
    header: { stamp: { sec: 0, nsec: 0 }, frame_id: 'optical' },
    width: widthPx,
    height: heightPx,
    distortion_model: 'plumb_bob',
    d: [],
    k: [60, 0, 31.5, 0, 60, 23.5, 0, 0, 1],
    ...changed,
  });
  ros.subscriptions.get(name)!(Buffer.from(cdr));
}

const until = (count: number) => vi.waitFor(() => expect(delivered).toHaveLength(count), 5000);

describe('results', () => {
  it('whose messages cannot be made are told, and those behind them are delivered', async () => {
    stage.submit({
      result: resultAt(7, 0),
      deliver: () => {
        throw new RangeError('Array buffer allocation failed');
      },
      drop: () => {},
    });
    sendInfo();
    sendDepth(0, 1500);
    submit(8, 33);
    sendDepth(33, 1600);
    await until(1);
    expect(delivered).toEqual(['8 1.600']);
    expect(ros.logged.join('\n')).toMatch(
      /frame 7 could not be published with its depth: .*allocation failed/,
    );
  });

  it('get the depth of their stamp, in their order', async () => {
    sendInfo();
    submit(0, 0);
    submit(1, 33);
    sendDepth(0, 1500);
    sendDepth(33, 2500);
    await until(2);
    expect(delivered).toEqual(['0 1.500', '1 2.500']);
    expect(stage.report).toMatchObject({ pictures: 2, paired: 2, unpaired: {}, waiting: 0 });
  });

  it('pass at once where nobody wants depths, and depth pictures are not read', () => {
    sendInfo();
    isWanted = false;
    sendDepth(0, 1500);
    submit(0, 0);
    expect(delivered).toEqual(['0 -']);
    expect(stage.report).toMatchObject({ pictures: 0, paired: 0 });
  });

  it('pass at once without input.depth, which subscribes to nothing', () => {
    stage.close();
    start({ 'input.depth': '' });
    submit(0, 0);
    expect(delivered).toEqual(['0 -']);
    expect([ros.subscriptions.size, stage.report, stage.warning]).toEqual([0, null, null]);
  });

  it('do not overtake: one that needs no depth any more waits for those before it', async () => {
    sendInfo();
    submit(0, 0);
    isWanted = false;
    submit(1, 33);
    expect(delivered).toEqual([]);
    isWanted = true;
    sendDepth(0, 1500);
    await until(2);
    expect(delivered).toEqual(['0 1.500', '1 -']);
  });

  it('go on without depth when the time is up', () => {
    vi.useFakeTimers();
    submit(0, 0);
    vi.advanceTimersByTime(190);
    expect(delivered).toEqual([]);
    vi.advanceTimersByTime(20);
    expect(delivered).toEqual(['0 -']);
    expect(stage.report).toMatchObject({ unpaired: { no_depth: 1 } });
    expect(ros.logged.join()).toContain(
      'frame 0 has no depth: no depth picture came within depth.max_wait_ms 200',
    );
  });

  it('are dropped by stop, and none is delivered after it, though the worker has it', async () => {
    sendInfo();
    submit(0, 0);
    sendDepth(0, 1500);
    submit(1, 33);
    stage.stop();
    expect(dropped).toEqual([0, 1]);
    expect(ros.subscriptions.size).toBe(0);
    stage.start();
    sendInfo();
    submit(2, 66);
    sendDepth(66, 2000);
    await until(1);
    expect(delivered).toEqual(['2 2.000']);
  });

  it('that are in the worker when all ends are neither told of nor counted', async () => {
    sendInfo();
    submit(0, 0);
    sendDepth(0, 1500);
    stage.close();
    stage.start();
    expect(stage.report).toMatchObject({ paired: 0, unpaired: {} });
    sendInfo();
    submit(1, 33);
    sendDepth(33, 2000);
    await until(1);
    expect(dropped).toEqual([0]);
    expect(delivered).toEqual(['1 2.000']);
    expect(stage.report).toMatchObject({ paired: 1, unpaired: {} });
    expect(ros.logged.join()).not.toContain('has no depth');
  });

  it('of a burst all have their depth; of more than eight the oldest that wait go on without, counted', async () => {
    sendInfo();
    sendDepth(0, 1500);
    for (let sequence = 0; sequence < 8; sequence++) submit(sequence, 0);
    await until(8);
    expect(stage.report).toMatchObject({ paired: 8, unpaired: {} });
    for (let sequence = 8; sequence < 19; sequence++) submit(sequence, 0);
    await until(19);
    const without = delivered.filter((line) => line.endsWith('-'));
    expect(without).toEqual(['10 -', '11 -', '12 -']);
    expect(delivered.map((line) => Number(line.split(' ')[0]))).toEqual([...Array(19).keys()]);
    expect(stage.report).toMatchObject({ paired: 16, unpaired: { busy: 3 } });
  });

  it('of depth pictures that come out of order have those of their stamps', async () => {
    sendInfo();
    submit(0, 0);
    submit(1, 33);
    submit(2, 66);
    sendDepth(66, 3500);
    expect(stage.report).toMatchObject({ unpaired: { stamp: 2 } });
    sendDepth(33, 2500);
    submit(3, 66);
    submit(4, 33);
    await until(5);
    expect(delivered).toEqual(['0 -', '1 -', '2 3.500', '3 3.500', '4 2.500']);
  });

  it('do not wait for a depth camera that is dead, and wait again when it is back', async () => {
    vi.useFakeTimers();
    stage.close();
    start();
    sendInfo();
    sendDepth(0, 1500);
    vi.advanceTimersByTime(1900);
    submit(0, 2000);
    expect(delivered).toEqual([]);
    vi.advanceTimersByTime(200);
    expect(delivered).toEqual(['0 -']);
    submit(1, 2100);
    expect(delivered).toEqual(['0 -', '1 -']);
    expect(stage.report).toMatchObject({ unpaired: { silent: 2 } });
    vi.advanceTimersByTime(500);
    expect(stage.warning).toContain('results do not wait for depth until one comes');
    sendDepth(2600, 1500);
    submit(2, 2633);
    expect(delivered).toHaveLength(2);
    expect(stage.warning).toBeNull();
    vi.useRealTimers();
    sendDepth(2633, 2500);
    await until(3);
    expect(delivered[2]).toBe('2 2.500');
  });

  it('do not wait for a camera_info that never comes, though depth pictures do', () => {
    vi.useFakeTimers();
    stage.close();
    start();
    for (let at = 0; at < 2000; at += 100) {
      sendDepth(at, 1500);
      vi.advanceTimersByTime(100);
    }
    sendDepth(2000, 1500);
    submit(0, 2000);
    expect(stage.report).toMatchObject({ unpaired: { camera_info: 1 } });
    expect(delivered).toEqual(['0 -']);
  });

  it('that are younger than the one whose time is up keep waiting for camera_info', async () => {
    vi.useFakeTimers();
    stage.close();
    start();
    sendDepth(0, 1500);
    submit(0, 0);
    vi.advanceTimersByTime(150);
    sendDepth(150, 2500);
    submit(1, 150);
    vi.advanceTimersByTime(60);
    expect(delivered).toEqual(['0 -']);
    vi.useRealTimers();
    sendInfo();
    await until(2);
    expect(delivered).toEqual(['0 -', '1 2.500']);
  });

  it('have points where they are wanted, organised by parameter', async () => {
    stage.close();
    start({ 'output.points_organised': true });
    wantsPoints = true;
    sendInfo();
    sendDepth(0, 1500);
    submit(0, 0);
    await until(1);
    expect(delivered).toEqual([`0 1.500 ${widthPx}x${heightPx}`]);
  });
});

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
    ros = new FakeRos();
    ros.refusedTopic = '/stereo/camera_info';
    const { values } = new ParameterStore({ 'input.depth': topic });
    const wants = { anything: () => true, points: () => false };
    stage = new DepthStage(ros.node, oneCamera, () => values, wants);
    expect(() => stage.start()).toThrow('no /stereo/camera_info');
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
    ros = new FakeRos();
    ros.askedQos = asked;
    ros.publishersSeen = [publisher];
    const { values } = new ParameterStore({ 'input.depth': topic });
    const wants = { anything: () => true, points: () => false };
    stage = new DepthStage(ros.node, oneCamera, () => values, wants);
    stage.start();
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
