// What peers on the network send beside pictures: depth and its description, results that `record` reads, the time.
import { parse as parseDefinition } from '@foxglove/rosmsg';
import { MessageWriter } from '@foxglove/rosmsg2-serialization';
import fc from 'fast-check';
import { describe, expect } from 'vitest';
import { camerasOf } from '#dist/config/cameras.js';
import { DepthError, describeError } from '#dist/core/errors.js';
import { limits } from '#dist/core/limits.js';
import { imageType } from '#dist/camera/images/judge.js';
import { readDepthPicture } from '#dist/depth/depthPicture.js';
import { pinholeOf } from '#dist/depth/pinhole.js';
import { fromRosTime } from '#dist/messages/header.js';
import { messageDefinition, type PublishedType } from '#dist/messages/definitions.js';
import { readCameraInfo, readImage } from '#dist/messages/read.js';
import { readPictureMessage } from '#dist/native/core.js';
import { ObservedOutputs } from '#dist/record/observedOutputs.js';
import { RosClock } from '#dist/ros2/rcl/rosClock.js';
import { imageMessage } from '../support/cdr.js';
import { mutatedBytes } from './support/mutated.js';
import { fuzz, readOrRefused } from './support/target.js';

/** What V8 says where memory of any size was asked for, or a number was taken for a text. */
const bugs = /allocation failed|Maximum call stack|Invalid (?:array|string) length|is not a function/;

/** The result, or null where it was refused, by an error of any class: who calls such a reader catches them all. */
function readOrNull<Result>(read: () => Result): Result | null {
  try {
    return read();
  } catch (error) {
    if (bugs.test(describeError(error))) throw error;
    return null;
  }
}

function serialise(type: PublishedType, message: unknown): Buffer {
  const writer = new MessageWriter(parseDefinition(messageDefinition(type), { ros2: true }));
  return Buffer.from(writer.writeMessage(message));
}

const header = { stamp: { sec: 7, nanosec: 9 }, frame_id: 'left' };
const size = { widthPx: 8, heightPx: 6 };

describe('depth', () => {
  const pictures = [
    imageMessage({ ...size, encoding: 'mono16', stepBytes: 16 }, new Uint8Array(96).fill(3)),
    imageMessage({ ...size, encoding: '16UC1', stepBytes: 20 }, new Uint8Array(120).fill(4)),
    imageMessage({ ...size, encoding: '32FC1', stepBytes: 0 }, new Uint8Array(192).fill(63)),
  ];
  fuzz(`depth picture against the reader of native code`, 1500, mutatedBytes(pictures), async (cdr) => {
    const read = readOrNull(() => readImage(cdr));
    if (read === null) return;
    let picture: ReturnType<typeof readDepthPicture>;
    try {
      const fields = {
        stampNs: fromRosTime(read.header.stamp),
        frameId: read.header.frame_id,
        ...{ widthPx: read.width, heightPx: read.height, stepBytes: read.step },
        encoding: read.encoding,
        isBigEndian: read.is_bigendian !== 0,
        data: read.data,
      };
      picture = readDepthPicture(fields, (sizeBytes) => new SharedArrayBuffer(sizeBytes));
    } catch (error) {
      expect(error).toBeInstanceOf(DepthError);
      expect((error as Error).message.length).toBeLessThan(2 * limits.messageCharacters);
      return;
    }
    const other = await readOrRefused(() => readPictureMessage(cdr, { name: imageType, capacityBytes: 0 }));
    // What it refuses, such as a name of a megabyte, is none of the picture.
    if (other === null) return;
    expect([picture.widthPx, picture.heightPx]).toEqual([other.widthPx, other.heightPx]);
    const valueBytes = picture.values.BYTES_PER_ELEMENT;
    const rowBytes = picture.widthPx * valueBytes;
    const strideBytes = other.stepBytes === 0 ? rowBytes : other.stepBytes;
    const bytes = Buffer.from(picture.values.buffer);
    for (let row = 0; row < picture.heightPx; row++) {
      const from = other.dataOffsetBytes + row * strideBytes;
      const isSame = bytes.compare(cdr, from, from + rowBytes, row * rowBytes, (row + 1) * rowBytes) === 0;
      expect(isSame, `row ${row}`).toBe(true);
    }
  });

  const k = [500, 0, 320, 0, 501, 180, 0, 0, 1];
  const p = [500, 0, 320, 0, 0, 501, 180, 0, 0, 0, 1, 0];
  const infos = [p, new Array<number>(12).fill(0)].map((one) =>
    serialise('sensor_msgs/msg/CameraInfo', {
      ...{ header, height: 360, width: 640, distortion_model: 'plumb_bob', d: [0, 0, 0, 0, 0] },
      ...{ k, r: [1, 0, 0, 0, 1, 0, 0, 0, 1], p: one, binning_x: 0, binning_y: 0 },
      roi: { x_offset: 0, y_offset: 0, height: 0, width: 0, do_rectify: false },
    }),
  );
  const choices = fc.constantFrom('auto' as const, 'k' as const, 'p' as const);
  fuzz('camera_info', 2500, fc.tuple(mutatedBytes(infos), choices), ([cdr, choice]) => {
    const read = readOrNull(() => readCameraInfo(cdr));
    if (read === null) return;
    const { roi } = read;
    try {
      const pinhole = pinholeOf(
        {
          frameId: read.header.frame_id,
          ...{ widthPx: read.width, heightPx: read.height, k: [...read.k], p: [...read.p] },
          ...{ binningX: read.binning_x, binningY: read.binning_y },
          roi: { xPx: roi.x_offset, yPx: roi.y_offset, widthPx: roi.width, heightPx: roi.height },
        },
        choice,
        { widthPx: 640, heightPx: 360 },
        'depth picture',
      );
      // What is taken is a camera: its axis and lengths are numbers, and of this picture.
      const { fx, fy, cx, cy, widthPx, heightPx } = pinhole;
      expect([widthPx, heightPx]).toEqual([640, 360]);
      expect([fx, fy, cx, cy].every(Number.isFinite)).toBe(true);
      expect(Math.min(fx, fy)).toBeGreaterThan(0);
    } catch (error) {
      expect(error).toBeInstanceOf(DepthError);
      expect((error as Error).message.length).toBeLessThan(2 * limits.messageCharacters);
    }
  });
});

describe('results', () => {
  const mask = {
    ...{ id: '1', class_id: 'ball', score: 0.5, x_offset: 100, y_offset: 50, width: 4, height: 2 },
    contours: [{ points: [{ x: 1, y: 2, z: 0 }] }],
  };
  const bytes = Uint8Array.of(0, 255, 255, 0, 255, 0, 0, 255);
  const runs = { encoding: 1, data: new Uint8Array(0), run_lengths: Uint32Array.of(1, 2, 1, 1, 2, 1) };
  const masks = [
    { ...mask, encoding: 0, data: bytes, run_lengths: new Uint32Array(0) },
    { ...mask, ...runs },
  ].map((one) =>
    serialise('rdk_yolo_seg_msgs/msg/InstanceMaskArray', {
      ...{ header, image_width: 640, image_height: 360, masks: [one, one] },
    }),
  );
  fuzz('masks', 1500, mutatedBytes(masks), (cdr) => {
    const observed = new ObservedOutputs('/n', ['ball']);
    if (readOrNull(() => observed.addMasks(cdr) ?? true) === null) return;
    for (const { found } of observed.masks) {
      expect(found.spanStarts.at(-1)).toBe(found.spans.length / 3);
      for (let at = 0; at < found.spans.length; at += 3)
        expect(found.spans[at + 2]).toBeGreaterThan(found.spans[at + 1]!);
    }
  });

  const values = [
    { key: 'frames_out', value: '7' },
    { key: 'rate_in_hz', value: '29.9' },
  ];
  const status = { level: 0, name: 'n: pipeline', message: 'active', hardware_id: '', values };
  const told = [
    serialise('diagnostic_msgs/msg/DiagnosticArray', { header, status: [status] }),
    serialise('sensor_msgs/msg/CompressedImage', { header, format: 'jpeg', data: bytes }),
  ];
  fuzz('diagnostics and overlays', 2000, mutatedBytes(told), (cdr) => {
    const observed = new ObservedOutputs('/n', []);
    readOrNull(() => observed.addDiagnostics(cdr) ?? true);
    readOrNull(() => observed.addOverlay(cdr));
    expect(observed.figures.progress.length).toBeLessThan(10_000);
  });
});

describe('the time', () => {
  const sound = Buffer.from([0, 1, 0, 0, 7, 0, 0, 0, 9, 0, 0, 0]);
  fuzz('/clock', 3000, fc.array(mutatedBytes([sound]), { maxLength: 4 }), (messages) => {
    let tell: (cdr: Buffer) => void = () => {};
    const hear = (_type: string, _topic: string, onMessage: (cdr: Buffer) => void) => {
      tell = onMessage;
      return () => {};
    };
    const clock = new RosClock({ hear });
    clock.simulate(true);
    let elapsedMs = clock.elapsedMs();
    for (const message of messages) {
      readOrNull(() => tell(message) ?? true);
      // It never runs backwards, wherever the time jumps.
      expect(clock.elapsedMs()).toBeGreaterThanOrEqual(elapsedMs);
      elapsedMs = clock.elapsedMs();
      expect(clock.stamp().nanosec).toBeLessThan(2 ** 32);
    }
  });
});

describe('parameters of cameras', () => {
  const name = fc.oneof(
    fc.constantFrom(
      'auto',
      'front',
      'back',
      'pipeline',
      '',
      '/',
      '~',
      '/front/hbmem_img',
      '{ns}/a',
      'a b',
      'ü',
    ),
    fc.string(),
    fc.constant('x'.repeat(100_000)),
  );
  const list = fc.array(name, { minLength: 1, maxLength: 9 });
  fuzz('cameras.*', 3000, fc.tuple(list, list, list), async ([names, topics, frameIds]) => {
    const plans = await readOrRefused(() =>
      camerasOf({ 'cameras.names': names, 'cameras.topics': topics, 'cameras.frame_ids': frameIds }),
    );
    if (plans === null) return;
    // Each has a topic and a name of its own.
    expect(new Set(plans.map((plan) => plan.name)).size).toBe(plans.length);
    expect(new Set(plans.map((plan) => plan.topic)).size).toBe(plans.length);
    for (const { topic, frameId } of plans) expect([topic === '', frameId === '']).toEqual([false, false]);
  });
});
