import { beforeAll, describe, expect, it } from 'vitest';
import type {
  Header,
  Detection2D,
  Detection2DArray,
  Image,
  InstanceMask,
  InstanceMaskArray,
  LabelInfo,
  PerceptionTargets,
  Stamp,
} from './support/messages.js';
import { picture } from './support/robot.js';
import { edges, pixelsOf } from './support/shapes.js';
import { useGraph } from './support/graph.js';

const stamp: Stamp = { sec: 1_712_345_678, nanosec: 987_654_321 };
const threshold = 0.3;
const classNames = ['ball', 'crate', 'cone', 'barrel', 'pallet'];
const header = (of: Stamp = stamp) => ({ stamp: of, frame_id: 'front_optical' });

const { robot, yoloSeg } = useGraph({
  parameters: { frame_id: 'front_optical', score_threshold: threshold },
});

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
    for (const { bbox, results } of message.detections) {
      expect(bbox.center.theta).toBe(0);
      expect(results[0]!.pose).toEqual({
        pose: { position: { x: 0, y: 0, z: 0 }, orientation: { x: 0, y: 0, z: 0, w: 1 } },
        covariance: Array.from({ length: 36 }, () => 0),
      });
    }
  });

  it('gives each detection an id that no other has, of this frame or another', async () => {
    const later = await yoloSeg.segment({ stamp: { sec: stamp.sec + 1, nanosec: stamp.nanosec } });
    const ids = [...message.detections, ...later].map(({ id }) => id);
    expect(ids).not.toContain('');
    expect(new Set(ids).size).toBe(ids.length);
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

describe('~/masks', () => {
  const topic = '/yolo_seg/masks';
  let detections: readonly Detection2D[];
  let message: InstanceMaskArray;
  let pixels: readonly Uint8Array[];

  beforeAll(async () => {
    await robot.listen(topic, 'rdk_yolo_seg_msgs/msg/InstanceMaskArray');
    message = await yoloSeg.outputOf(topic, stamp);
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

  it('has one mask per detection, in the same order, with the same id, class and score', () => {
    expect(message.masks.map(({ id, class_id, score }) => [id, class_id, score.toFixed(6)])).toEqual(
      detections.map(({ id, results }) => [
        id,
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
    const runs = await yoloSeg.outputOf<InstanceMaskArray>(topic, later);
    await yoloSeg.setParameter('output.mask_encoding', 'mono8');
    expect(runs.masks.map(({ encoding }) => encoding)).toEqual(message.masks.map(() => 1));
    expect(runs.masks.map(pixelsOf)).toEqual(pixels);
  });

  it('has contours in its rectangles while the parameter is on', async () => {
    await yoloSeg.setParameter('output.mask_contours', true);
    robot.drain(topic);
    const outlined = await yoloSeg.outputOf<InstanceMaskArray>(topic, { sec: stamp.sec + 2, nanosec: 0 });
    await yoloSeg.setParameter('output.mask_contours', false);
    expect(outlined.masks.map(pixelsOf)).toEqual(pixels);
    for (const { contours, x_offset, y_offset, width, height } of outlined.masks) {
      expect(contours.length).toBeGreaterThan(0);
      const points = contours.flatMap((polygon) => polygon.points);
      expect(points.length).toBeGreaterThan(8);
      for (const { x, y, z } of points) {
        expect(x >= x_offset && x <= x_offset + width && y >= y_offset && y <= y_offset + height).toBe(true);
        expect(z).toBe(0);
      }
    }
  });
});

/** The label of every pixel of the picture, from the masks: the first mask that covers it gives its own. */
function labelsOf(masks: readonly InstanceMask[], label: (mask: InstanceMask, index: number) => number) {
  const labels = new Array<number>(picture.widthPx * picture.heightPx).fill(0);
  masks.forEach((mask, index) => {
    pixelsOf(mask).forEach((inside, at) => {
      const x = mask.x_offset + (at % mask.width);
      const y = mask.y_offset + Math.floor(at / mask.width);
      const pixel = y * picture.widthPx + x;
      if (inside === 1 && labels[pixel] === 0) labels[pixel] = label(mask, index);
    });
  });
  return labels;
}

const classLabel = ({ class_id }: InstanceMask) => classNames.indexOf(class_id) + 1;

describe('~/label_map and ~/label_info', () => {
  const map = '/yolo_seg/label_map';
  const info = '/yolo_seg/label_info';
  const size = { width: picture.widthPx, height: picture.heightPx };
  const background = { class_id: 0, class_name: 'background' };
  const all = [background, ...classNames.map((class_name, i) => ({ class_id: i + 1, class_name }))];
  let masks: InstanceMaskArray;

  beforeAll(async () => {
    masks = await yoloSeg.outputOf<InstanceMaskArray>('/yolo_seg/masks', { sec: 20, nanosec: 1 });
    await robot.listen(map, 'sensor_msgs/msg/Image');
    await robot.listen(info, 'vision_msgs/msg/LabelInfo', { durability: 'transient_local' });
  });

  it('tell a late subscriber the name of each label and the threshold', async () => {
    const names = await robot.next<LabelInfo>(info);
    expect(names.class_map).toEqual(all);
    expect(names.threshold).toBeCloseTo(threshold, 6);
    expect(names.header.frame_id).toBe('front_optical');
  });

  it('are the masks merged, best score on top, as class ids plus one', async () => {
    const { data, ...fields } = await yoloSeg.outputOf<Image>(map, stamp);
    expect(fields).toEqual({
      header: header(),
      ...size,
      encoding: 'mono8',
      is_bigendian: 0,
      step: picture.widthPx,
    });
    const labels = [...Buffer.from(data, 'base64')];
    expect(labels).toEqual(labelsOf(masks.masks, classLabel));
    expect(new Set(labels).size).toBeGreaterThanOrEqual(4);
  });

  it('are indices of the detections plus one on request, without names', async () => {
    await yoloSeg.setParameter('output.label_map', 'instance');
    expect((await robot.next<LabelInfo>(info)).class_map).toEqual([background]);
    const { data, ...fields } = await yoloSeg.outputOf<Image>(map, { sec: 21, nanosec: 1 });
    expect(fields).toMatchObject({ ...size, encoding: 'mono16', step: 2 * picture.widthPx });
    const bytes = Buffer.from(data, 'base64');
    const labels = Array.from({ length: bytes.length / 2 }, (_, i) => bytes.readUInt16LE(i * 2));
    expect(labels).toEqual(labelsOf(masks.masks, (_, index) => index + 1));
    await yoloSeg.setParameter('output.label_map', 'class');
    expect((await robot.next<LabelInfo>(info)).class_map).toEqual(all);
  });

  it('tell a new threshold', async () => {
    await yoloSeg.setParameter('score_threshold', 0.35);
    expect((await robot.next<LabelInfo>(info)).threshold).toBeCloseTo(0.35, 6);
    await yoloSeg.setParameter('score_threshold', threshold);
    expect((await robot.next<LabelInfo>(info)).threshold).toBeCloseTo(threshold, 6);
  });
});

describe('hobot_dnn_detection', () => {
  const topic = '/hobot_dnn_detection';
  let message: PerceptionTargets;

  beforeAll(async () => {
    await robot.listen(topic, 'ai_msgs/msg/PerceptionTargets');
    message = await yoloSeg.outputOf(topic, stamp);
  });

  it('carries the header of the frame', () => {
    expect(message).toMatchObject({ header: header(), disappeared_targets: [] });
  });

  it('has a target with one roi for each detection, in whole pixels of the picture', async () => {
    const detections = await yoloSeg.segment({ stamp });
    const objects = message.targets.slice(0, -1);
    expect(objects).toHaveLength(detections.length);
    objects.forEach(({ type, track_id, rois, captures }, i) => {
      const { hypothesis } = detections[i]!.results[0]!;
      const { x1, y1, x2, y2 } = edges(detections[i]!);
      expect([type, track_id, captures]).toEqual([hypothesis.class_id, 0, []]);
      expect(rois).toHaveLength(1);
      const { rect, confidence } = rois[0]!;
      expect(rois[0]!.type).toBe(hypothesis.class_id);
      expect(confidence).toBeCloseTo(hypothesis.score, 6);
      expect(Math.abs(rect.x_offset - x1)).toBeLessThan(1);
      expect(Math.abs(rect.y_offset - y1)).toBeLessThan(1);
      expect(Math.abs(rect.x_offset + rect.width - x2)).toBeLessThan(1);
      expect(Math.abs(rect.y_offset + rect.height - y2)).toBeLessThan(1);
      expect(rect.x_offset + rect.width).toBeLessThanOrEqual(picture.widthPx);
      expect(rect.y_offset + rect.height).toBeLessThanOrEqual(picture.heightPx);
    });
  });

  it('has all masks as a map of class ids plus one on the grid of the prototypes', async () => {
    const { masks } = await yoloSeg.outputOf<InstanceMaskArray>('/yolo_seg/masks', { sec: 30, nanosec: 1 });
    const { type, rois, captures } = message.targets.at(-1)!;
    expect([type, rois, captures.length]).toEqual(['parking_space', [], 1]);
    const { header: of, img, features } = captures[0]!;
    // 640 x 360 fill 320 x 180 pixels of the model, four to a prototype.
    expect(of).toEqual(header());
    expect(img).toMatchObject({ width: 80, height: 45, step: 4, data: '' });
    const labels = labelsOf(masks, classLabel);
    const expected = Array.from({ length: 80 * 45 }, (_, at) => {
      const x = (at % 80) * 8 + 4;
      const y = Math.floor(at / 80) * 8 + 4;
      return labels[y * picture.widthPx + x]!;
    });
    expect(features).toEqual(expected);
  });

  it('tells rate and stage times, and the age of the frame where its clock is ours', async () => {
    const nowMs = Date.now();
    const recent = { sec: Math.floor(nowMs / 1000), nanosec: (nowMs % 1000) * 1_000_000 };
    const { fps, perfs } = await yoloSeg.outputOf<PerceptionTargets>(topic, recent);
    const named = (stages: string[]) => stages.map((stage) => `shapes-seg-320_${stage}`);
    const theirs = ['preprocess', 'predict_infer', 'predict_parse', 'postprocess'];
    const ours = ['wait', 'queue'];
    expect(perfs.map(({ type }) => type)).toEqual(named([...theirs, 'pipeline', ...ours]));
    expect(message.perfs.map(({ type }) => type)).toEqual(named([...theirs, ...ours]));
    expect(perfs[1]!.time_ms_duration).toBeGreaterThan(0.1);
    expect(perfs[4]!.stamp_start).toEqual(recent);
    expect(perfs[4]!.time_ms_duration).toBeGreaterThanOrEqual(perfs[1]!.time_ms_duration);
    expect(fps).toBeGreaterThanOrEqual(0);
  });
});

describe('an output that is switched off', () => {
  // The others are listened to by now.
  beforeAll(async () => {
    await robot.listen('/yolo_seg/overlay', 'sensor_msgs/msg/Image');
    await robot.listen('/yolo_seg/confidence_map', 'sensor_msgs/msg/Image');
  });
  /** Seconds of the stamps, new ones for each output: every topic gets the frames of the others, too. */
  let second = 100;

  it.each([
    ['output.masks', '/yolo_seg/masks', false, true],
    ['output.label_map', '/yolo_seg/label_map', 'none', 'class'],
    ['output.confidence_map', '/yolo_seg/confidence_map', false, true],
    ['output.perception_targets', '/hobot_dnn_detection', false, true],
    ['output.overlay', '/yolo_seg/overlay', false, true],
  ])(
    '%s: nothing comes on %s although somebody subscribes, and it comes again',
    async (parameter, topic, off, on) => {
      second += 3;
      const [before, during, after] = [second, second + 1, second + 2];
      await yoloSeg.outputOf(topic, { sec: before, nanosec: 0 });
      expect(await yoloSeg.setParameter(parameter, off)).toMatchObject({ successful: true });
      for (let i = 0; i < 5; i++) await yoloSeg.segment({ stamp: { sec: during, nanosec: i } });
      expect(await yoloSeg.setParameter(parameter, on)).toMatchObject({ successful: true });
      // A topic keeps its order: what had been sent while it was off would come before this.
      const seconds: number[] = [];
      const isFromAfter = ({ header: { stamp } }: { header: Header }) => {
        seconds.push(stamp.sec);
        return stamp.sec === after;
      };
      for (let attempt = 0; attempt < 10 && seconds.at(-1) !== after; attempt++) {
        await yoloSeg.segment({ stamp: { sec: after, nanosec: 0 } });
        await robot.next(topic, isFromAfter, 2000).catch(() => {});
      }
      expect(seconds).toContain(after);
      expect(seconds).not.toContain(during);
    },
  );
});
