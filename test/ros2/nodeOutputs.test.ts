import { readdirSync } from 'node:fs';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type {
  CompressedImage,
  Detection2D,
  Detection2DArray,
  Image,
  InstanceMask,
  InstanceMaskArray,
  Stamp,
} from './support/messages.js';
import { NodeProcess } from './support/nodeProcess.js';
import { picture, Robot } from './support/robot.js';
import { sameStamp, YoloSeg } from './support/yoloSeg.js';

const stamp: Stamp = { sec: 1_712_345_678, nanosec: 987_654_321 };
const threshold = 0.3;
const classNames = ['ball', 'crate', 'cone', 'barrel', 'pallet'];
const header = (of: Stamp = stamp) => ({ stamp: of, frame_id: 'front_optical' });

let node: NodeProcess;
let robot: Robot;
let yoloSeg: YoloSeg;

beforeAll(async () => {
  node = new NodeProcess({ parameters: { frame_id: 'front_optical', score_threshold: threshold } });
  robot = await Robot.start();
  yoloSeg = new YoloSeg(robot);
  await robot.startCamera();
  await yoloSeg.listenToDetections();
});

afterAll(async () => {
  await node?.stop();
  await robot?.end();
});

/** Edges of a box, continuous pixels. */
function edges({ bbox }: Detection2D) {
  const { x, y } = bbox.center.position;
  return {
    x1: x - bbox.size_x / 2,
    y1: y - bbox.size_y / 2,
    x2: x + bbox.size_x / 2,
    y2: y + bbox.size_y / 2,
  };
}

/** The message of `topic` made from the frame of `of`, which is sent until it comes. */
async function outputOf<Message extends { header: { stamp: Stamp } }>(
  topic: string,
  of: Stamp,
): Promise<Message> {
  const frame = await yoloSeg.segmentFrame({ stamp: of });
  for (let attempt = 0; ; attempt++) {
    try {
      return await robot.next<Message>(
        topic,
        (message) => sameStamp(message.header.stamp, frame.header.stamp),
        2000,
      );
    } catch (error) {
      if (attempt === 10) throw error;
      await yoloSeg.segmentFrame({ stamp: of });
    }
  }
}

describe('~/detections', () => {
  let message: Detection2DArray;

  beforeAll(async () => {
    message = await yoloSeg.segmentFrame({ stamp });
  });

  it('carries the stamp of the frame and the frame_id of the parameter, once for all and on each detection', () => {
    expect(message.header).toEqual(header());
    expect(message.detections.length).toBeGreaterThanOrEqual(4);
    for (const detection of message.detections) expect(detection.header).toEqual(header());
  });

  it('finds the objects that are drawn in the picture', () => {
    const found = message.detections.map(({ results }) => results[0]!.hypothesis.class_id);
    const count = (name: string) => found.filter((other) => other === name).length;
    expect(count('ball')).toBeGreaterThanOrEqual(2);
    expect(count('barrel')).toBeGreaterThanOrEqual(1);
    expect(found.filter((name) => !classNames.includes(name))).toEqual([]);
  });

  it('orders by score, each above the threshold and at most 1, with one hypothesis each', () => {
    const scores = message.detections.map(({ results }) => results[0]!.hypothesis.score);
    for (const { results } of message.detections) expect(results).toHaveLength(1);
    for (const score of scores) expect(score).toBeGreaterThan(threshold);
    for (const score of scores) expect(score).toBeLessThanOrEqual(1);
    expect(scores).toEqual([...scores].sort((a, b) => b - a));
  });

  it('keeps boxes inside the picture and gives them a size', () => {
    const slack = 1e-6;
    for (const detection of message.detections) {
      const { x1, y1, x2, y2 } = edges(detection);
      expect(x1).toBeGreaterThanOrEqual(-slack);
      expect(y1).toBeGreaterThanOrEqual(-slack);
      expect(x2).toBeLessThanOrEqual(picture.widthPx + slack);
      expect(y2).toBeLessThanOrEqual(picture.heightPx + slack);
      expect(x2 - x1).toBeGreaterThan(1);
      expect(y2 - y1).toBeGreaterThan(1);
    }
  });

  it('leaves what a picture cannot tell at its neutral value', () => {
    for (const { bbox, id, results } of message.detections) {
      expect(bbox.center.theta).toBe(0);
      expect(id).toBe('');
      expect(results[0]!.pose).toEqual({
        pose: { position: { x: 0, y: 0, z: 0 }, orientation: { x: 0, y: 0, z: 0, w: 1 } },
        covariance: Array.from({ length: 36 }, () => 0),
      });
    }
  });

  it('is published, empty, for a picture without objects', async () => {
    const empty = await yoloSeg.segmentFrame({ picture: 'empty', stamp: { sec: 1, nanosec: 2 } });
    expect(empty).toEqual({ header: header({ sec: 1, nanosec: 2 }), detections: [] });
  });

  it('keeps stamps at the ends of their range', async () => {
    for (const extreme of [
      { sec: 0, nanosec: 1 },
      { sec: 2_147_483_647, nanosec: 999_999_999 },
    ]) {
      expect((await yoloSeg.segmentFrame({ stamp: extreme })).header).toEqual(header(extreme));
    }
  });

  it('names classes by number on request', async () => {
    expect(await yoloSeg.setParameter('output.class_id_text', 'number')).toMatchObject({ successful: true });
    const numbered = await yoloSeg.segment({ stamp });
    await yoloSeg.setParameter('output.class_id_text', 'name');
    expect(numbered.map(({ results }) => classNames[Number(results[0]!.hypothesis.class_id)])).toEqual(
      message.detections.map(({ results }) => results[0]!.hypothesis.class_id),
    );
  });
});

/** 1 for each pixel of the mask's rectangle that belongs to the object. */
function pixelsOf(mask: InstanceMask): Uint8Array {
  const area = mask.width * mask.height;
  if (mask.encoding === 0) {
    const bytes = Buffer.from(mask.data, 'base64');
    expect(bytes).toHaveLength(area);
    expect([...new Set(bytes)].filter((value) => value !== 0 && value !== 255)).toEqual([]);
    expect(mask.run_lengths).toEqual([]);
    return Uint8Array.from(bytes, (value) => value / 255);
  }
  expect(mask.encoding).toBe(1);
  expect(mask.data).toBe('');
  expect(mask.run_lengths.reduce((sum, length) => sum + length, 0)).toBe(area);
  const pixels = new Uint8Array(area);
  let at = 0;
  mask.run_lengths.forEach((length, run) => {
    pixels.fill(run % 2, at, at + length);
    at += length;
  });
  return pixels;
}

describe('~/masks', () => {
  const topic = '/yolo_seg/masks';
  let detections: readonly Detection2D[];
  let message: InstanceMaskArray;
  let pixels: readonly Uint8Array[];

  beforeAll(async () => {
    await robot.listen(topic, 'rdk_yolo_seg_msgs/msg/InstanceMaskArray');
    message = await outputOf(topic, stamp);
    detections = await yoloSeg.segment({ stamp });
    pixels = message.masks.map(pixelsOf);
  });

  it('carries the header of the frame and its size', () => {
    expect(message).toMatchObject({
      header: header(),
      image_width: picture.widthPx,
      image_height: picture.heightPx,
    });
  });

  it('has one mask per detection, in the same order, with the same class and score', () => {
    expect(message.masks.map(({ class_id, score }) => [class_id, score.toFixed(6)])).toEqual(
      detections.map(({ results }) => [
        results[0]!.hypothesis.class_id,
        results[0]!.hypothesis.score.toFixed(6),
      ]),
    );
  });

  it('covers the pixels of the box, inside the picture', () => {
    message.masks.forEach((mask, i) => {
      const { x1, y1, x2, y2 } = edges(detections[i]!);
      expect(Math.abs(mask.x_offset - x1)).toBeLessThan(1);
      expect(Math.abs(mask.y_offset - y1)).toBeLessThan(1);
      expect(Math.abs(mask.x_offset + mask.width - x2)).toBeLessThan(1);
      expect(Math.abs(mask.y_offset + mask.height - y2)).toBeLessThan(1);
      expect(mask.x_offset + mask.width).toBeLessThanOrEqual(picture.widthPx);
      expect(mask.y_offset + mask.height).toBeLessThanOrEqual(picture.heightPx);
    });
  });

  it('fills a good part of each box, and no box whole', () => {
    pixels.forEach((mask) => {
      const share = mask.reduce((sum, pixel) => sum + pixel, 0) / mask.length;
      expect(share).toBeGreaterThan(0.3);
      expect(share).toBeLessThan(1);
    });
  });

  it('has no contours unless asked for', () => {
    for (const { contours } of message.masks) expect(contours).toEqual([]);
  });

  it('has the same pixels as run lengths', async () => {
    await yoloSeg.setParameter('output.mask_encoding', 'rle');
    robot.drain(topic);
    const later: Stamp = { sec: stamp.sec + 1, nanosec: 0 };
    const runs = await outputOf<InstanceMaskArray>(topic, later);
    await yoloSeg.setParameter('output.mask_encoding', 'mono8');
    expect(runs.masks.map(({ encoding }) => encoding)).toEqual(message.masks.map(() => 1));
    expect(runs.masks.map(pixelsOf)).toEqual(pixels);
  });
});

const threadCount = () => readdirSync(`/proc/${node.pid}/task`).length;

describe('~/overlay', () => {
  const raw = '/yolo_seg/overlay';
  const jpeg = '/yolo_seg/overlay/compressed';
  const half = { width: picture.widthPx / 2, height: picture.heightPx / 2 };
  let threadsBefore: number;

  beforeAll(async () => {
    await yoloSeg.setParameter('overlay.max_rate_hz', 120);
    for (let i = 0; i < 5; i++) await yoloSeg.segment({ stamp });
    threadsBefore = threadCount();
  });

  it('is not drawn while nobody looks: its thread is not even there', async () => {
    for (let i = 0; i < 5; i++) await yoloSeg.segment({ stamp });
    expect(threadCount()).toBe(threadsBefore);
  });

  it('is an rgb8 image of the scaled frame with its header', async () => {
    await robot.listen(raw, 'sensor_msgs/msg/Image');
    const image = await outputOf<Image>(raw, stamp);
    expect(threadCount()).toBeGreaterThan(threadsBefore);
    const { data, ...fields } = image;
    expect(fields).toEqual({
      header: header(),
      ...half,
      encoding: 'rgb8',
      is_bigendian: 0,
      step: 3 * half.width,
    });
    const bytes = Buffer.from(data, 'base64');
    expect(bytes).toHaveLength(3 * half.width * half.height);
    expect(new Set(bytes).size).toBeGreaterThan(50);
  });

  it('is a JPEG of the same picture on ~/overlay/compressed', async () => {
    await robot.listen(jpeg, 'sensor_msgs/msg/CompressedImage');
    const later: Stamp = { sec: stamp.sec + 2, nanosec: 5 };
    const image = await outputOf<CompressedImage>(jpeg, later);
    const plain = await robot.next<Image>(raw, ({ header: { stamp: of } }) => sameStamp(of, later));
    expect(image.header).toEqual(header(later));
    expect(image.format).toContain('jpeg');
    const bytes = Buffer.from(image.data, 'base64');
    expect(await sharp(bytes).metadata()).toMatchObject({ format: 'jpeg', ...half });
    const decoded = await sharp(bytes).raw().toBuffer();
    const expected = Buffer.from(plain.data, 'base64');
    const distance = decoded.reduce((sum, value, i) => sum + Math.abs(value - expected[i]!), 0);
    expect(distance / expected.length).toBeLessThan(10);
  });

  it('follows overlay.scale with the next frame', async () => {
    await yoloSeg.setParameter('overlay.scale', 0.25);
    const image = await outputOf<Image>(raw, { sec: 7, nanosec: 7 });
    expect(image).toMatchObject({ width: 160, height: 90, step: 480 });
  });
});

describe('an output that is switched off', () => {
  it.each([
    ['output.masks', '/yolo_seg/masks'],
    ['output.overlay', '/yolo_seg/overlay'],
  ])('%s: nothing comes on %s although somebody subscribes, and it comes again', async (parameter, topic) => {
    await outputOf(topic, { sec: 10, nanosec: 0 });
    expect(await yoloSeg.setParameter(parameter, false)).toMatchObject({ successful: true });
    // What was under way when the switch fell may still arrive.
    await yoloSeg.segment({ stamp: { sec: 11, nanosec: 0 } });
    await new Promise((resolve) => setTimeout(resolve, 300));
    robot.drain(topic);
    for (let i = 0; i < 5; i++) await yoloSeg.segment({ stamp: { sec: 12, nanosec: i } });
    await new Promise((resolve) => setTimeout(resolve, 300));
    expect(robot.drain(topic)).toEqual([]);
    expect(await yoloSeg.setParameter(parameter, true)).toMatchObject({ successful: true });
    await outputOf(topic, { sec: 13, nanosec: 0 });
  });
});
