import { describe, expect, it } from 'vitest';
import { CdrWriter } from '#dist/messages/cdrWriter.js';
import { writeLabelInfo } from '#dist/messages/labelInfo.js';
import { writeConfidenceMap, writeLabelMap } from '#dist/messages/labelMap.js';
import { instancesOf, pixelLabels, randomPixelMasks } from '../core/pixelMasks.js';
import { foxgloveBytes } from './foxglove.js';

const header = {
  stamp: { sec: 1_700_000_000, nanosec: 123_456_789, nsec: 123_456_789 },
  frame_id: 'camera',
};

/** The message of labels that were found pixel by pixel. */
function image(labels: readonly number[], widthPx: number, heightPx: number, isWide: boolean) {
  const values = Uint16Array.from(labels);
  return {
    header,
    height: heightPx,
    width: widthPx,
    encoding: isWide ? 'mono16' : 'mono8',
    is_bigendian: 0,
    step: isWide ? 2 * widthPx : widthPx,
    data: isWide ? new Uint8Array(values.buffer) : Uint8Array.from(labels),
  };
}

describe('sensor_msgs/Image of labels', () => {
  it.each([
    ['class', 5, false],
    ['class', 127, false],
    ['class', 254, false],
    ['class', 255, true],
    ['class', 4000, true],
    ['instance', 5, true],
  ] as const)('of kind %s with %i classes are the bytes of another writer', (kind, classCount, isWide) => {
    for (const count of [0, 1, 7, 60]) {
      const scene = randomPixelMasks(count, count + classCount, { widthPx: 37, heightPx: 22, classCount });
      const written = writeLabelMap(new CdrWriter(8), scene, { kind, classCount });
      const expected = image(pixelLabels(scene, kind), 37, 22, isWide);
      const bytes = foxgloveBytes('sensor_msgs/msg/Image', expected);
      expect(Buffer.compare(written, bytes), `${count} masks`).toBe(0);
    }
  });

  it.each(['', 'c', 'ca', 'camera'])('with frame_id "%s" keep 16 bit values aligned', (frameId) => {
    const scene = randomPixelMasks(5, 2);
    const named = { ...scene, header: { ...scene.header, frameId } };
    const written = writeLabelMap(new CdrWriter(8), named, { kind: 'instance', classCount: 5 });
    const expected = image(pixelLabels(scene, 'instance'), 48, 34, true);
    const bytes = foxgloveBytes('sensor_msgs/msg/Image', {
      ...expected,
      header: { ...header, frame_id: frameId },
    });
    expect(Buffer.compare(written, bytes)).toBe(0);
  });

  it('do not show what the writer held before', () => {
    const writer = new CdrWriter();
    writeLabelMap(writer, randomPixelMasks(30, 1), { kind: 'class', classCount: 5 });
    const empty = randomPixelMasks(0, 1);
    const again = writeLabelMap(writer, empty, { kind: 'class', classCount: 5 });
    const bytes = foxgloveBytes('sensor_msgs/msg/Image', image(pixelLabels(empty, 'class'), 48, 34, false));
    expect(Buffer.compare(again, bytes)).toBe(0);
  });
});

describe('sensor_msgs/Image of confidences', () => {
  it.each([0, 1, 7, 60])('of %i instances has the score of the mask that each label is of', (count) => {
    const scene = randomPixelMasks(count, count + 3, { widthPx: 37, heightPx: 22 });
    // The ends of the range: a mask is never taken for background.
    if (count > 1) scene.instances.scores.set([1, 0.001]);
    const byte = (score: number) => Math.max(1, Math.round(score * 255));
    const expected = pixelLabels(scene, 'instance').map((label) =>
      label === 0 ? 0 : byte(scene.instances.scores[label - 1]!),
    );
    const written = writeConfidenceMap(new CdrWriter(8), scene);
    const bytes = foxgloveBytes('sensor_msgs/msg/Image', image(expected, 37, 22, false));
    expect(Buffer.compare(written, bytes)).toBe(0);
  });
});

it('labels of tracks are their ids as signed integers, above 65,535 too, and negative without one', () => {
  const scene = randomPixelMasks(4, 2);
  const ids = [70_001, 0, 3, 0x7fff_ffff];
  const tracks = {
    ids: Uint32Array.from(ids),
    ended: [],
    trails: null,
  };
  const values = pixelLabels(scene, 'instance').map((label) => (label === 0 ? 0 : ids[label - 1]! || -label));
  expect(new Set(values).size).toBe(5);
  const expected = {
    ...image([], 48, 34, true),
    encoding: '32SC1',
    step: 48 * 4,
    data: new Uint8Array(Int32Array.from(values).buffer),
  };
  const bytes = foxgloveBytes('sensor_msgs/msg/Image', expected);
  const options = { kind: 'track', classCount: 5 } as const;
  expect(Buffer.compare(writeLabelMap(new CdrWriter(8), { ...scene, tracks }, options), bytes)).toBe(0);
  const untracked = values.map((_, at) => -pixelLabels(scene, 'instance')[at]! || 0);
  const without = { ...expected, data: new Uint8Array(Int32Array.from(untracked).buffer) };
  const withoutBytes = foxgloveBytes('sensor_msgs/msg/Image', without);
  expect(Buffer.compare(writeLabelMap(new CdrWriter(8), scene, options), withoutBytes)).toBe(0);
});

it('more instances than a byte can number keep their labels and their confidences apart', () => {
  const [widthPx, heightPx, count] = [20, 15, 300];
  const masks = Array.from({ length: count }, (_, at) => new Uint8Array(count).fill(1, at, at + 1));
  const instances = instancesOf(masks, widthPx, new Array<number>(count).fill(2));
  const scene = { header: { ...randomPixelMasks(0, 1).header, widthPx, heightPx }, instances, tracks: null };
  const labels = writeLabelMap(new CdrWriter(8), scene, { kind: 'instance', classCount: 5 });
  const numbers = masks.map((_, at) => at + 1);
  const expectedLabels = foxgloveBytes('sensor_msgs/msg/Image', image(numbers, widthPx, heightPx, true));
  expect(Buffer.compare(labels, expectedLabels)).toBe(0);
  const confidences = writeConfidenceMap(new CdrWriter(8), scene);
  const scores = Array.from(instances.scores, (score) => Math.round(score * 255));
  const expected = foxgloveBytes('sensor_msgs/msg/Image', image(scores, widthPx, heightPx, false));
  expect(Buffer.compare(confidences, expected)).toBe(0);
});

describe('vision_msgs/LabelInfo', () => {
  const classNames = ['ball', '', 'traffic light'];
  const frame = randomPixelMasks(0, 1).header;

  it.each([
    [
      'class',
      [
        [0, 'background'],
        [1, 'ball'],
        [2, ''],
        [3, 'traffic light'],
      ],
    ],
    ['instance', [[0, 'background']]],
  ] as const)('of kind %s are the bytes of another writer', (kind, labels) => {
    const written = writeLabelInfo(new CdrWriter(8), frame, { kind, classNames, scoreThreshold: 0.25 });
    const expected = {
      header,
      class_map: labels.map(([class_id, class_name]) => ({ class_id, class_name })),
      threshold: 0.25,
    };
    expect(Buffer.compare(written, foxgloveBytes('vision_msgs/msg/LabelInfo', expected))).toBe(0);
  });
});
