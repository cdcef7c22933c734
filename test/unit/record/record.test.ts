import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parse } from '@foxglove/rosmsg';
import { MessageWriter } from '@foxglove/rosmsg2-serialization';
import { McapIndexedReader } from '@mcap/core';
import { describe, expect, it } from 'vitest';
import { parseCameraLog } from '#dist/record/cameraLog.js';
import { parseGroundTruth } from '#dist/evaluate/groundTruth.js';
import { McapFile } from '#dist/outputs/mcapFile.js';
import { spansOfMask } from '#dist/record/maskMessages.js';
import { ObservedOutputs } from '#dist/record/observedOutputs.js';
import { observedRows } from '#dist/record/table.js';
import { checkStamps, judge } from '#dist/record/verdict.js';
import { messageDefinition, type PublishedType } from '#dist/messages/definitions.js';

/** Foxglove's own writer: nothing of ours makes the messages under test. */
function serialise(type: PublishedType, message: unknown): Uint8Array {
  return new MessageWriter(parse(messageDefinition(type), { ros2: true })).writeMessage(message);
}

const header = (nanosec: number) => ({ stamp: { sec: 1_795_520_997, nanosec }, frame_id: 'camera' });
const stampNs = (nanosec: number) => 1_795_520_997_000_000_000n + BigInt(nanosec);

function detections(nanosec: number, classIds: string[]): Uint8Array {
  const pose = {
    pose: { position: { x: 0, y: 0, z: 0 }, orientation: { x: 0, y: 0, z: 0, w: 1 } },
    covariance: new Float64Array(36),
  };
  return serialise('vision_msgs/msg/Detection2DArray', {
    header: header(nanosec),
    detections: classIds.map((class_id) => ({
      header: header(nanosec),
      results: [{ hypothesis: { class_id, score: 0.5 }, pose }],
      bbox: { center: { position: { x: 1, y: 1 }, theta: 0 }, size_x: 2, size_y: 2 },
      id: '',
    })),
  });
}

const maskOf = (class_id: string) => ({
  id: '',
  class_id,
  score: 0.5,
  x_offset: 100,
  y_offset: 50,
  width: 4,
  height: 2,
  encoding: 0,
  data: Uint8Array.of(0, 255, 255, 0, 255, 0, 0, 255),
  run_lengths: new Uint32Array(0),
  contours: [],
});

function masks(nanosec: number, classIds: string[]): Uint8Array {
  return serialise('rdk_yolo_seg_msgs/msg/InstanceMaskArray', {
    header: header(nanosec),
    image_width: 1920,
    image_height: 1080,
    masks: classIds.map(maskOf),
  });
}

function diagnostics(name: string, values: Record<string, string>): Uint8Array {
  const list = Object.entries(values).map(([key, value]) => ({ key, value }));
  return serialise('diagnostic_msgs/msg/DiagnosticArray', {
    header: header(0),
    status: [{ level: 0, name, message: '', hardware_id: '', values: list }],
  });
}

it('an overlay is told to have objects where the detections of its frame had some', () => {
  const overlay = (nanosec: number) =>
    serialise('sensor_msgs/msg/CompressedImage', {
      header: header(nanosec),
      format: 'jpeg',
      data: Uint8Array.of(1, 2, 3),
    });
  const observed = new ObservedOutputs('/n', ['ball']);
  observed.addDetections(detections(1, ['ball']), stampNs(5));
  observed.addDetections(detections(2, []), stampNs(6));
  const told = [1, 2, 3].map((nanosec) => observed.addOverlay(overlay(nanosec)));
  expect(told.map(({ hasObjects }) => hasObjects)).toEqual([true, false, false]);
  expect([...told[0]!.jpeg]).toEqual([1, 2, 3]);
});

describe('a mask message', () => {
  // Rows "0110" and "1001" at (100, 50); the run of pixels 7 ends the rectangle.
  const expected = [50, 101, 103, 51, 100, 101, 51, 103, 104];

  it('has the same spans as bytes and as run lengths', () => {
    expect([...spansOfMask(maskOf('ball'))]).toEqual(expected);
    const runs = Uint32Array.of(1, 2, 1, 1, 2, 1);
    const rle = { ...maskOf('ball'), encoding: 1, data: new Uint8Array(0), run_lengths: runs };
    expect([...spansOfMask(rle)]).toEqual(expected);
  });

  it('splits a run that goes on into the next row', () => {
    const runs = Uint32Array.of(2, 4, 2);
    const rle = { ...maskOf('ball'), encoding: 1, data: new Uint8Array(0), run_lengths: runs };
    expect([...spansOfMask(rle)]).toEqual([50, 102, 104, 51, 100, 102]);
    const bytes = { ...maskOf('ball'), data: Uint8Array.of(0, 0, 255, 255, 255, 255, 0, 0) };
    expect([...spansOfMask(bytes)]).toEqual([50, 102, 104, 51, 100, 102]);
  });

  it('of a few bytes that tells of 2^32 pixels is refused before they are made', () => {
    const told = (width: number, height: number, runs: number[]) => () =>
      spansOfMask({
        ...maskOf('ball'),
        ...{ width, height, encoding: 1, data: new Uint8Array(0), run_lengths: Uint32Array.from(runs) },
      });
    expect(told(4, 2, [0, 2 ** 32 - 1])).toThrow('mask has 4294967295 pixels; expected 4x2');
    expect(told(1, 2 ** 32 - 1, [0, 2 ** 32 - 1])).toThrow(
      'mask is 1x4294967295 at 100, 50; expected a part of a picture of at most 65534 pixels a side',
    );
    // Spans are 16 bits: further to the right it would come out at the left.
    expect(told(65_500, 1, [0, 65_500])).toThrow('mask is 65500x1 at 100, 50');
  });

  it('is refused when its length is not that of its rectangle', () => {
    expect(() => spansOfMask({ ...maskOf('ball'), data: new Uint8Array(7) })).toThrow(
      'mask has 7 pixels; expected 4x2',
    );
    expect(() => spansOfMask({ ...maskOf('ball'), encoding: 2 })).toThrow('mask encoding is 2');
  });
});

describe('the recording', () => {
  it('keeps stamps to the nanosecond, ages and classes', () => {
    const observed = new ObservedOutputs('/yolo_seg', ['crate', 'ball']);
    observed.addDetections(detections(123_456_789, ['ball']), stampNs(153_456_789));
    observed.addMasks(masks(123_456_789, ['ball', 'ghost']));
    expect(observed.stamps.detections).toEqual([stampNs(123_456_789)]);
    expect(observed.detectionAgesMs).toEqual([30]);
    expect([...observed.masks[0]!.found.classIds]).toEqual([1, 0xffff]);
    expect(observed.masks[0]).toMatchObject({ widthPx: 1920, heightPx: 1080 });
  });

  it('notices masks that are not those of the detections', () => {
    const observed = new ObservedOutputs('/yolo_seg', ['crate', 'ball']);
    observed.addDetections(detections(1, ['ball', 'crate']), stampNs(1));
    observed.addMasks(masks(1, ['ball', 'crate']));
    expect(observed.disagreements()).toBe(0);
    observed.addDetections(detections(2, ['ball', 'crate']), stampNs(2));
    observed.addMasks(masks(2, ['crate', 'ball']));
    // Without detections of its frame there is nothing to differ from.
    observed.addMasks(masks(3, ['crate']));
    expect(observed.disagreements()).toBe(1);
  });

  it('counts the frames that an output lacks by the stamps of the others', () => {
    const observed = new ObservedOutputs('/yolo_seg', ['ball']);
    expect(observed.missing('masks')).toBeNull();
    const tenthsOfSecond = (n: number) => n * 100_000_000;
    // Masks come from the second frame on; the last frames may still be on their way.
    const seen = { detections: [0, 1, 3, 4, 5, 6, 8, 9], masks: [1, 2, 3, 5, 6, 7, 8] };
    for (let n = 0; n < 10; n++) {
      if (seen.detections.includes(n)) observed.addDetections(detections(tenthsOfSecond(n), []), stampNs(0));
      if (seen.masks.includes(n)) observed.addMasks(masks(tenthsOfSecond(n), []));
    }
    expect(observed.missing('detections')).toBe(1);
    expect(observed.missing('masks')).toBe(1);
    expect(observedRows(observed)).toContainEqual([
      '',
      'missing, by the stamps of the other outputs',
      'detections 1, masks 1',
    ]);
  });

  it("keeps the node's last word on each figure, and its rates of when it worked", () => {
    const observed = new ObservedOutputs('/yolo_seg', []);
    for (const rate_out_hz of ['4.0', '9.5', '9.7', '9.5', '2.0']) {
      observed.addDiagnostics(diagnostics('yolo_seg: pipeline', { frames_in: '10', rate_out_hz }));
    }
    observed.addDiagnostics(diagnostics('other: pipeline', { frames_in: '99' }));
    observed.addDiagnostics(
      diagnostics('yolo_seg: pipeline', { frames_in: '12', rate_out_hz: '0.0', 'age_ms.p50': '' }),
    );
    observed.addDiagnostics(diagnostics('yolo_seg: pipeline', { lifecycle_state: 'finalized' }));
    expect(observed.figures.number('frames_in')).toBe(12);
    expect(observed.figures.rateHz('rate_out_hz')).toBe(9.5);
    expect(observed.figures.rateHz('rate_in_hz')).toBeNull();
    expect(observed.figures.number('age_ms.p50')).toBeNull();
  });

  it('keeps how many frames had left the node by when', () => {
    const observed = new ObservedOutputs('/yolo_seg', []);
    observed.addDiagnostics(diagnostics('yolo_seg: pipeline', { frames_out: '7' }));
    observed.addDiagnostics(diagnostics('other: pipeline', { frames_out: '99' }));
    observed.addDiagnostics(diagnostics('yolo_seg: pipeline', { frames_in: '8' }));
    observed.addDiagnostics(diagnostics('yolo_seg: pipeline', { frames_out: '9' }));
    const atMs = 1_795_520_997_000;
    expect(observed.figures.progress).toEqual([
      { atMs, framesOut: 7 },
      { atMs, framesOut: 9 },
    ]);
  });
});

describe('the verdict', () => {
  const camera = parseCameraLog(
    [1, 2].map((n) => `{"index":${n},"stamp_ns":"${stampNs(n)}","picture":"a.jpg","loaned":true}\n`).join(''),
  );
  const good = {
    frames: 1,
    objects: 1,
    matched: 1,
    matchedIou: 0.9,
    clearlyVisible: 1,
    clearlyVisibleFound: 1,
    recall: 0.8,
    clearlyVisibleIou: 0.8,
    unmatchedFound: 0,
    inCrowds: 0,
    foundByClass: { ball: 1 },
  };
  function recorded(): ObservedOutputs {
    const observed = new ObservedOutputs('/yolo_seg', ['ball']);
    observed.addDetections(detections(1, ['ball']), stampNs(1));
    observed.addMasks(masks(1, ['ball']));
    observed.stamps.overlay.push(stampNs(1));
    observed.addDiagnostics(diagnostics('yolo_seg: pipeline', { 'input.loaned': '2', 'input.copied': '0' }));
    return observed;
  }
  const failed = (...args: Parameters<typeof judge>) =>
    judge(...args)
      .filter((criterion) => !criterion.passed)
      .map((criterion) => criterion.name);

  it('passes where everything holds', () => {
    expect(failed(recorded(), camera, good)).toEqual([]);
  });

  it('fails on poor or missing accuracy', () => {
    expect(failed(recorded(), camera, { ...good, clearlyVisibleIou: 0.79 })).toEqual([
      'mask IoU of clearly visible objects >= 0.8',
    ]);
    expect(failed(recorded(), camera, { ...good, recall: 0.79 })).toEqual([
      'recall of clearly visible objects >= 0.8',
    ]);
    expect(failed(recorded(), camera, { ...good, recall: null, clearlyVisibleIou: null })).toHaveLength(2);
  });

  it('fails on a stamp that was never sent, or twice', () => {
    const wrong = recorded();
    wrong.stamps.overlay.push(stampNs(3));
    expect(failed(wrong, camera, good)).toEqual(['every stamp is that of one input frame']);
    const twice = recorded();
    twice.stamps.detections.push(stampNs(1));
    expect(failed(twice, camera, good)).toEqual(['every stamp is that of one input frame']);
    expect(checkStamps([stampNs(1), stampNs(1), stampNs(7)], camera)).toEqual({ unknown: 1, repeated: 1 });
  });

  it('fails on a frame that one output has and another lacks', () => {
    const lossy = recorded();
    for (const n of [2, 3]) lossy.addMasks(masks(n * 100_000_000, ['ball']));
    lossy.addDetections(detections(900_000_000, ['ball']), stampNs(900_000_000));
    expect(failed(lossy, camera, good)).toContain('no output lacks a frame that another one has');
  });

  it('fails on an output that never came', () => {
    const silent = new ObservedOutputs('/yolo_seg', ['ball']);
    silent.addDetections(detections(1, ['ball']), stampNs(1));
    const verdict = judge(silent, camera, good).find(({ name }) => name.startsWith('no output lacks'));
    expect(verdict).toMatchObject({ passed: false, found: 'detections 0, masks none came at all' });
  });

  it('fails on copies at either end, and without word of them', () => {
    const copied = recorded();
    copied.addDiagnostics(diagnostics('yolo_seg: pipeline', { 'input.copied': '1' }));
    expect(failed(copied, camera, good)).toEqual(['frames came as loans']);
    expect(failed(recorded(), { ...camera, copied: 1 }, good)).toEqual(['frames came as loans']);
    const silent = new ObservedOutputs('/yolo_seg', ['ball']);
    silent.addDetections(detections(1, ['ball']), stampNs(1));
    silent.addMasks(masks(1, ['ball']));
    silent.stamps.overlay.push(stampNs(1));
    expect(failed(silent, camera, good)).toEqual(['frames came as loans']);
  });

  it('asks for ten outputs of a longer run', () => {
    expect(failed(recorded(), { ...camera, loaned: 90 }, good)).toEqual([
      'at least 10 of every output were received',
    ]);
  });

  it('fails where nothing came out', () => {
    expect(failed(new ObservedOutputs('/yolo_seg', []), camera, good)).toEqual([
      'at least 1 of every output were received',
      'no output lacks a frame that another one has',
      'frames came as loans',
    ]);
  });
});

describe('files', () => {
  it('knows the rate of the camera by its stamps', () => {
    const line = (ms: number) => `{"stamp_ns":"${ms}000000","picture":"a","loaned":false}\n`;
    expect(parseCameraLog(line(0) + line(40) + line(100)).rateHz).toBe(20);
    expect(parseCameraLog(line(0))).toMatchObject({ rateHz: null, loaned: 0, copied: 1 });
  });

  it('names the broken line of a camera log', () => {
    expect(() => parseCameraLog('{"index":0,"stamp_ns":"1","picture":"a","loaned":true}\n{"index"')).toThrow(
      'line 2',
    );
  });

  it('refuses ground truth of another form', () => {
    expect(() => parseGroundTruth('{"images": []}')).toThrow('not a COCO file');
    expect(() => parseGroundTruth('nonsense')).toThrow('not a COCO file');
  });

  it('reads the bundled ground truth as it was drawn', async () => {
    const url = new URL('../../../assets/scenes/ground_truth.json', import.meta.url);
    const truth = parseGroundTruth(await readFile(url, 'utf8'));
    const coco = JSON.parse(await readFile(url, 'utf8')) as {
      annotations: { image_id: number; area: number }[];
    };
    expect(truth.classNames).toEqual(['ball', 'crate', 'cone', 'barrel', 'pallet']);
    expect(truth.pictures.size).toBe(40);
    const { objects, visibility } = truth.pictures.get('scene_000.jpg')!;
    const areas = coco.annotations.filter((annotation) => annotation.image_id === 1).map(({ area }) => area);
    const counted = areas.map((_, index) => {
      const spans = objects.spans.subarray(
        objects.spanStarts[index]! * 3,
        objects.spanStarts[index + 1]! * 3,
      );
      let areaPx = 0;
      for (let at = 0; at < spans.length; at += 3) areaPx += spans[at + 2]! - spans[at + 1]!;
      return areaPx;
    });
    expect(counted).toEqual(areas);
    // The crate at the left and the ball at the right edge of the first picture.
    expect(visibility.filter((object) => object.cut)).toHaveLength(2);
  });

  it('writes MCAP that another reader can index', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'mcap-'));
    try {
      const path = join(folder, 'demo.mcap');
      const file = await McapFile.create(path);
      const topic = file.addTopic('/yolo_seg/detections', 'vision_msgs/msg/Detection2DArray');
      const other = file.addTopic('/yolo_seg/masks', 'rdk_yolo_seg_msgs/msg/InstanceMaskArray');
      const sent = [detections(1, ['ball']), detections(2, []), masks(2, ['ball'])];
      topic.add(sent[0]!, 10n);
      topic.add(sent[1]!, 20n);
      other.add(sent[2]!, 20n);
      await file.close();
      const bytes = await readFile(path);
      const reader = await McapIndexedReader.Initialize({
        readable: {
          size: async () => BigInt(bytes.length),
          read: async (offset, length) => bytes.subarray(Number(offset), Number(offset + length)),
        },
      });
      expect(reader.header.profile).toBe('ros2');
      expect(reader.chunkIndexes).toHaveLength(1);
      expect([...reader.schemasById.values()].map(({ name, encoding }) => [name, encoding])).toEqual([
        ['vision_msgs/msg/Detection2DArray', 'ros2msg'],
        ['rdk_yolo_seg_msgs/msg/InstanceMaskArray', 'ros2msg'],
      ]);
      const read = [];
      for await (const message of reader.readMessages()) {
        read.push([reader.channelsById.get(message.channelId)!.topic, message.logTime, [...message.data]]);
      }
      expect(read).toEqual([
        ['/yolo_seg/detections', 10n, [...sent[0]!]],
        ['/yolo_seg/detections', 20n, [...sent[1]!]],
        ['/yolo_seg/masks', 20n, [...sent[2]!]],
      ]);
      expect(file.sizeBytes).toBe(bytes.length);
    } finally {
      await rm(folder, { recursive: true });
    }
  });
});

describe('a file of MCAP on a disk that is full', () => {
  it('tells it once, takes no more into memory and says why at its end', async () => {
    let failures = 0;
    const file = await McapFile.create('/dev/full', () => failures++);
    const topic = file.addTopic('/n/masks', 'rdk_yolo_seg_msgs/msg/InstanceMaskArray');
    const why = { name: 'ConfigError', code: 'out', message: 'cannot write /dev/full: no space is left' };
    for (let batch = 0; batch < 5; batch++) {
      for (let message = 0; message < 10; message++) topic.add(new Uint8Array(1_000_000), 1n);
      await expect(file.written()).rejects.toMatchObject(why);
      expect(failures).toBe(1);
    }
    await expect(file.close()).rejects.toMatchObject(why);
    expect(failures).toBe(1);
  });
});
