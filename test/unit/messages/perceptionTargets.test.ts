import { readFileSync } from 'node:fs';
import { parse } from '@foxglove/rosmsg';
import { describe, expect, it } from 'vitest';
import { CdrWriter } from '#dist/messages/cdrWriter.js';
import { messageDefinition } from '#dist/messages/definitions.js';
import { writePerceptionInfo } from '#dist/messages/perceptionInfo.js';
import { writePerceptionTargets } from '#dist/messages/perceptionTargets.js';
import { stagePerfs } from '#dist/messages/perfs.js';
import type { FrameTracks } from '#dist/core/tracks.js';
import { nearest, type PixelMasks, pixelLabels, randomPixelMasks } from '../core/pixelMasks.js';
import { foxgloveBytes, foxgloveMessage } from './foxglove.js';

const type = 'ai_msgs/msg/PerceptionTargets';
const stampNs = 1_700_000_000_123_456_789n;
const time = (ns: bigint) => {
  const nanosec = Number(ns % 1_000_000_000n);
  return { sec: Number(ns / 1_000_000_000n), nanosec, nsec: nanosec };
};
const header = { stamp: time(stampNs), frame_id: 'camera' };
const classNames = ['ball', '', 'traffic light'];
const perfs = [
  { type: 'm_predict_infer', startNs: stampNs, endNs: stampNs + 7_000_000n, durationMs: 7 },
  { type: 'm_pipeline', startNs: stampNs - 1n, endNs: stampNs + 9_500_000n, durationMs: 9.5 },
];

interface WriteOptions {
  readonly rateHz?: number;
  readonly hasSpareValue?: boolean;
}

function write(
  scene: Omit<PixelMasks, 'tracks'> & { readonly tracks: FrameTracks | null },
  mapSize: { widthPx: number; heightPx: number },
  { rateHz = 29.6, hasSpareValue = false }: WriteOptions = {},
): Uint8Array {
  const options = { classNames, perfs, rateHz, mapSize, mapStepPx: 4, hasSpareValue };
  return writePerceptionTargets(new CdrWriter(8), { ...scene, depths: null }, options);
}

/** The message of masks and boxes that were found pixel by pixel; the capture is [height][width] values. */
function message(scene: PixelMasks, capture: readonly number[], width: number, height: number) {
  const { instances, masks } = scene;
  const objects = masks.map((_, i) => {
    const [x1, y1, x2, y2] = instances.boxesImage.subarray(i * 4, i * 4 + 4) as unknown as number[];
    const name = classNames[instances.classIds[i]!] ?? String(instances.classIds[i]);
    const rect = {
      x_offset: Math.floor(x1!),
      y_offset: Math.floor(y1!),
      height: Math.max(1, Math.ceil(y2!) - Math.floor(y1!)),
      width: Math.max(1, Math.ceil(x2!) - Math.floor(x1!)),
      do_rectify: false,
    };
    return {
      type: name,
      track_id: 0n,
      rois: [{ type: name, rect, confidence: instances.scores[i]! }],
      attributes: [],
      points: [],
      captures: [],
    };
  });
  const map = {
    type: 'parking_space',
    track_id: 0n,
    rois: [],
    attributes: [{ type: 'segmentation_label_count', value: classNames.length, confidence: 0 }],
    points: [],
    captures: [
      {
        header,
        img: { header, height, width, encoding: '', is_bigendian: 0, step: 4, data: new Uint8Array(0) },
        features: Float32Array.from(capture),
        db_result: { db_type: '', match_id: '', distance: 0, similarity: 0 },
      },
    ],
  };
  return {
    header,
    fps: 30,
    perfs: perfs.map(({ type: stage, startNs, endNs, durationMs }) => ({
      type: stage,
      stamp_start: time(startNs),
      stamp_end: time(endNs),
      time_ms_duration: durationMs,
    })),
    targets: [...objects, map],
    disappeared_targets: [],
  };
}

interface Capture {
  readonly img: { readonly width: number; readonly height: number };
  readonly features: Float32Array;
}

interface Targets {
  readonly fps: number;
  readonly targets: readonly {
    readonly type: string;
    readonly rois: readonly {
      readonly rect: { x_offset: number; y_offset: number; width: number; height: number };
    }[];
    readonly captures: readonly Capture[];
  }[];
}

const captureOf = (cdr: Uint8Array): Capture =>
  foxgloveMessage<Targets>(type, cdr).targets.at(-1)!.captures[0]!;

describe('ai_msgs/PerceptionTargets', () => {
  it.each([0, 1, 2, 9, 100])('of %i instances are the bytes of another writer', (count) => {
    const scene = randomPixelMasks(count, count + 1, { classCount: 4 });
    const capture = nearest(pixelLabels(scene, 'class'), [48, 34], [12, 8]);
    const written = write(scene, { widthPx: 12, heightPx: 8 });
    expect(Buffer.compare(written, foxgloveBytes(type, message(scene, capture, 12, 8)))).toBe(0);
  });

  it.each([
    [48, 34],
    [12, 8],
    [17, 31],
    [1, 1],
  ])('hold the label map at %i x %i, row by row, and nothing more', (widthPx, heightPx) => {
    for (let seed = 1; seed <= 6; seed++) {
      const scene = randomPixelMasks(9, seed);
      const { img, features } = captureOf(write(scene, { widthPx, heightPx }));
      expect(img).toMatchObject({ width: widthPx, height: heightPx });
      const expected = nearest(pixelLabels(scene, 'class'), [48, 34], [widthPx, heightPx]);
      expect([...features], `seed ${seed}`).toEqual(expected);
    }
  });

  it('tell the ids of tracks, and those that have ended by name, as another writer does', () => {
    const scene = randomPixelMasks(3, 2, { classCount: 3 });
    const expected = message(scene, nearest(pixelLabels(scene, 'class'), [48, 34], [12, 8]), 12, 8);
    const tracks: FrameTracks = {
      ids: Uint32Array.of(70_000, 0, 3),
      ended: [
        { id: 4_000_000_000, className: 'traffic light' },
        { id: 5, className: '' },
      ],
      trails: null,
    };
    const ended = (trackId: bigint, name: string) => ({
      ...{ type: name, track_id: trackId, rois: [], attributes: [], points: [], captures: [] },
    });
    const bytes = foxgloveBytes(type, {
      ...expected,
      targets: expected.targets.map((target, i) => ({ ...target, track_id: [70_000n, 0n, 3n, 0n][i]! })),
      disappeared_targets: [ended(4_000_000_000n, 'traffic light'), ended(5n, '')],
    });
    expect(Buffer.compare(write({ ...scene, tracks }, { widthPx: 12, heightPx: 8 }), bytes)).toBe(0);
  });

  it.each(['', 'c', 'ca', 'cam'])('of frame_id "%s" are the bytes of another writer', (frameId) => {
    const scene = randomPixelMasks(3, 2, { classCount: 3 });
    const named = { ...scene, header: { ...scene.header, frameId } };
    const expected = message(scene, nearest(pixelLabels(scene, 'class'), [48, 34], [12, 8]), 12, 8);
    const of = { ...header, frame_id: frameId };
    const capture = expected.targets.at(-1)!.captures[0]!;
    Object.assign(capture, { header: of, img: { ...capture.img, header: of } });
    const bytes = foxgloveBytes(type, { ...expected, header: of });
    expect(Buffer.compare(write(named, { widthPx: 12, heightPx: 8 }), bytes)).toBe(0);
  });

  it('do not show what the writer held before, not even in the spare value', () => {
    const scene = randomPixelMasks(2, 3);
    const options = { classNames, perfs, rateHz: 1, mapStepPx: 4, hasSpareValue: true };
    const small = { ...options, mapSize: { widthPx: 12, heightPx: 8 } };
    const writer = new CdrWriter();
    writer.begin().reserveBytes(4000).fill(255);
    const again = writePerceptionTargets(writer, { ...scene, depths: null }, small);
    const fresh = writePerceptionTargets(new CdrWriter(), { ...scene, depths: null }, small);
    expect(Buffer.compare(again, fresh)).toBe(0);
  });

  it('are read within their bounds by a consumer that counts before it reads, with a spare value', () => {
    const scene = randomPixelMasks(9, 4);
    const size = { widthPx: 12, heightPx: 8 };
    const { img, features } = captureOf(write(scene, size, { hasSpareValue: true }));
    expect([...features]).toEqual([...captureOf(write(scene, size)).features, 0]);
    let index = 0;
    const seen: (number | undefined)[] = [];
    for (let pixel = 0; pixel < img.width * img.height; pixel++) seen.push(features[++index]);
    expect(seen).not.toContain(undefined);
  });

  it('keep rois in the picture and give them a pixel at least', () => {
    const scene = randomPixelMasks(4, 6);
    // Over the whole picture, a point in the last corner, a line at the right edge, within a pixel.
    scene.instances.boxesImage.set([0, 0, 48, 34, 48, 34, 48, 34, 48, 3, 48, 9, 5.2, 6.3, 5.4, 6.8]);
    const { targets } = foxgloveMessage<Targets>(type, write(scene, { widthPx: 4, heightPx: 4 }));
    const rects = targets.slice(0, 4).map(({ rois }) => rois[0]!.rect);
    expect(rects).toMatchObject([
      { x_offset: 0, y_offset: 0, width: 48, height: 34 },
      { x_offset: 47, y_offset: 33, width: 1, height: 1 },
      { x_offset: 47, y_offset: 3, width: 1, height: 6 },
      { x_offset: 5, y_offset: 6, width: 1, height: 1 },
    ]);
  });

  it('carry rates up to the limit of 16 bits', () => {
    const scene = randomPixelMasks(0, 1);
    const fps = (rateHz: number) =>
      foxgloveMessage<Targets>(type, write(scene, { widthPx: 1, heightPx: 1 }, { rateHz })).fps;
    expect([fps(0), fps(12.5), fps(1e6)]).toEqual([0, 13, 32_767]);
  });

  it('have the fields of the package on machines that lack ai_msgs', () => {
    const known = parse(messageDefinition(type), { ros2: true });
    const fieldsOf = (definitions: typeof known) =>
      definitions.map((definition) =>
        definition.definitions.map((field) => [
          field.type.replace(/^ai_msgs\//, ''),
          field.name,
          field.isArray ?? false,
        ]),
      )[0];
    const names = known.flatMap(({ name }) => (name?.startsWith('ai_msgs/') ? [name.slice(8)] : []));
    expect(names.sort()).toEqual(['Attribute', 'Capture', 'DBResult', 'Perf', 'Point', 'Roi', 'Target']);
    for (const name of names) {
      const file = new URL(`../../../ros/compat/ai_msgs/msg/${name}.msg`, import.meta.url);
      const compat = fieldsOf(parse(readFileSync(file, 'utf8'), { ros2: true, skipTypeFixup: true }));
      expect(fieldsOf(known.filter((definition) => definition.name === `ai_msgs/${name}`)), name).toEqual(
        compat,
      );
    }
  });
});

describe('ai_msgs/PerceptionInfo', () => {
  it.each([[[]], [classNames]])('of the classes %j is the bytes of another writer', (names) => {
    const size = { widthPx: 1920, heightPx: 1080 };
    const written = writePerceptionInfo(new CdrWriter(8), { stampNs, frameId: 'camera' }, size, names);
    const expected = { header, height: 1080, width: 1920, class_names: names };
    expect(Buffer.compare(written, foxgloveBytes('ai_msgs/msg/PerceptionInfo', expected))).toBe(0);
  });

  it('has the fields of the package on machines that lack ai_msgs', () => {
    const file = new URL('../../../ros/compat/ai_msgs/msg/PerceptionInfo.msg', import.meta.url);
    const fieldsOf = ([own]: ReturnType<typeof parse>) =>
      own!.definitions.map(({ type: of, name, isArray }) => [
        of.replace(/^std_msgs\/msg\//, 'std_msgs/'),
        name,
        isArray ?? false,
      ]);
    const ours = parse(messageDefinition('ai_msgs/msg/PerceptionInfo'), { ros2: true });
    const compat = parse(readFileSync(file, 'utf8'), { ros2: true, skipTypeFixup: true });
    expect(fieldsOf(ours)).toEqual(fieldsOf(compat));
  });
});

describe('perfs', () => {
  const stageTimesMs = { wait: 1, prepare: 2, queue: 0.5, infer: 8.25, decode: 3, masks: 1.5 };
  const result = { header: { ...randomPixelMasks(0, 1).header, stampNs }, stageTimesMs };

  it('name the five stages of dnn_node in its order, ours behind, end to end up to now', () => {
    const nowNs = stampNs + 20_000_000n;
    const found = stagePerfs(result, 'yolov8n-seg', nowNs, 5000);
    expect(found.map(({ type: name, durationMs }) => [name, durationMs])).toEqual([
      ['yolov8n-seg_preprocess', 2],
      ['yolov8n-seg_predict_infer', 8.25],
      ['yolov8n-seg_predict_parse', 3],
      ['yolov8n-seg_postprocess', 1.5],
      ['yolov8n-seg_pipeline', 20],
      ['yolov8n-seg_wait', 1],
      ['yolov8n-seg_queue', 0.5],
    ]);
    const stages = [5, 0, 6, 1, 2, 3].map((at) => found[at]!);
    expect(stages.at(-1)!.endNs).toBe(nowNs);
    stages.forEach(({ startNs, endNs, durationMs }, i) => {
      expect(Number(endNs - startNs) / 1e6).toBe(durationMs);
      if (i > 0) expect(startNs).toBe(stages[i - 1]!.endNs);
    });
    expect(found[4]).toMatchObject({ startNs: stampNs, endNs: nowNs });
  });

  it.each([
    ['in the future', -1n],
    ['older than the limit', 5_000_000_001n],
  ])('leave the whole way out where the stamp is %s', (_, ageNs) => {
    const names = stagePerfs(result, 'm', stampNs + ageNs, 5000).map(({ type: name }) => name);
    expect(names).toHaveLength(6);
    expect(names).not.toContain('m_pipeline');
  });
});
