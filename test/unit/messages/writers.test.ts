import { parse } from '@foxglove/rosmsg';
import { MessageWriter } from '@foxglove/rosmsg2-serialization';
import { describe, expect, it } from 'vitest';
import type { FrameHeader } from '#dist/core/frame.js';
import type { Contours, Instances } from '#dist/core/result.js';
import { CdrWriter } from '#dist/messages/cdrWriter.js';
import { messageDefinition, type PublishedType } from '#dist/messages/definitions.js';
import { writeDetections } from '#dist/messages/detections.js';
import { fromRosTime, toRosTime } from '#dist/messages/header.js';
import { writeJpegImage, writeRgbImage } from '#dist/messages/image.js';
import { writeMasks } from '#dist/messages/masks.js';
import { readCompressedImage, readDetections, readMasks } from '#dist/messages/read.js';

/** The bytes another library writes for the same message. */
function foxglove(type: PublishedType, message: unknown): Uint8Array {
  const definitions = parse(messageDefinition(type), { ros2: true });
  return new MessageWriter(definitions).writeMessage(message);
}

function header(frameId = 'camera', stampNs = 1_700_000_000_123_456_789n): FrameHeader {
  return { stampNs, frameId, sequence: 0, widthPx: 40, heightPx: 30 };
}

/** None to three rings per instance, of three to seven points. */
function randomContours(count: number, random: () => number): Contours {
  const points: number[] = [];
  const ringStarts = [0];
  const instanceStarts = [0];
  for (let i = 0; i < count; i++) {
    for (let ring = Math.floor(random() * 4); ring > 0; ring--) {
      for (let point = 3 + Math.floor(random() * 5); point > 0; point--) {
        points.push(random() * 40, random() * 30);
      }
      ringStarts.push(points.length / 2);
    }
    instanceStarts.push(ringStarts.length - 1);
  }
  return {
    points: Float32Array.from(points),
    ringStarts: Uint32Array.from(ringStarts),
    instanceStarts: Uint32Array.from(instanceStarts),
  };
}

/** geometry_msgs/Polygon[] of instance `index`. */
function polygonsOf({ points, ringStarts, instanceStarts }: Contours, index: number) {
  const polygons = [];
  for (let ring = instanceStarts[index]!; ring < instanceStarts[index + 1]!; ring++) {
    const flat = [...points.subarray(ringStarts[ring]! * 2, ringStarts[ring + 1]! * 2)];
    const xs = flat.filter((_, at) => at % 2 === 0);
    polygons.push({ points: xs.map((x, at) => ({ x, y: flat[at * 2 + 1]!, z: 0 })) });
  }
  return polygons;
}

/** Instances with a random mask in each box and random contours; the masks also pixel by pixel. */
function randomInstances(count: number, seed: number): { instances: Instances; pixels: Uint8Array[] } {
  let state = seed;
  const random = () => {
    state = (state * 1103515245 + 12345) & 0x7fffffff;
    return state / 0x7fffffff;
  };
  const boxes: number[] = [];
  const spans: number[] = [];
  const spanStarts = [0];
  const pixels: Uint8Array[] = [];
  for (let i = 0; i < count; i++) {
    const x1 = random() * 20;
    const y1 = random() * 15;
    const x2 = x1 + random() * 20;
    const y2 = y1 + random() * 15;
    boxes.push(x1, y1, x2, y2);
    const mask = new Uint8Array(40 * 30);
    for (let y = Math.floor(y1); y < Math.ceil(y2); y++) {
      let start = -1;
      for (let x = Math.floor(x1); x <= Math.ceil(x2); x++) {
        const inside = x < Math.ceil(x2) && random() < 0.7;
        if (inside) mask[y * 40 + x] = 255;
        if (inside && start < 0) start = x;
        if (!inside && start >= 0) {
          spans.push(y, start, x);
          start = -1;
        }
      }
    }
    spanStarts.push(spans.length / 3);
    pixels.push(mask);
  }
  const instances: Instances = {
    count,
    boxesImage: Float32Array.from(boxes),
    scores: Float32Array.from({ length: count }, random),
    classIds: Uint16Array.from({ length: count }, (_, i) => i % 3),
    spans: Uint16Array.from(spans),
    spanStarts: Uint32Array.from(spanStarts),
    contours: randomContours(count, random),
  };
  return { instances, pixels };
}

const classNames = ['ball', '', 'traffic light'];

it('an instance with a track has its id in detections and masks, one without that of its frame', () => {
  const { instances } = randomInstances(3, 5);
  const frame = header();
  const ids = Uint32Array.of(4_000_000_000, 0, 7);
  const tracks = { ids, ended: [], trails: null };
  const text = { classNames, classIdText: 'name' as const };
  const result = { header: frame, instances, tracks };
  const expected = ['4000000000', `${frame.stampNs}_2`, '7'];
  const { detections } = readDetections(writeDetections(new CdrWriter(), result, text));
  expect(detections.map(({ id }) => id)).toEqual(expected);
  const options = { ...text, encoding: 'rle' as const, contours: false };
  const { masks } = readMasks(writeMasks(new CdrWriter(), result, options));
  expect(masks.map(({ id }) => id)).toEqual(expected);
});
const stampOf = (frame: FrameHeader) => {
  const sec = Number(frame.stampNs / 1_000_000_000n);
  return {
    sec,
    nanosec: Number(frame.stampNs % 1_000_000_000n),
    nsec: Number(frame.stampNs % 1_000_000_000n),
  };
};
const headerMessage = (frame: FrameHeader) => ({ stamp: stampOf(frame), frame_id: frame.frameId });

function detectionsMessage(frame: FrameHeader, instances: Instances, text: (classId: number) => string) {
  const detections = Array.from({ length: instances.count }, (_, i) => {
    const [x1, y1, x2, y2] = instances.boxesImage.subarray(i * 4, i * 4 + 4) as unknown as number[];
    return {
      header: headerMessage(frame),
      results: [{ hypothesis: { class_id: text(instances.classIds[i]!), score: instances.scores[i]! } }],
      bbox: {
        center: { position: { x: (x1! + x2!) / 2, y: (y1! + y2!) / 2 }, theta: 0 },
        size_x: x2! - x1!,
        size_y: y2! - y1!,
      },
      id: `${frame.stampNs}_${i + 1}`,
    };
  });
  return { header: headerMessage(frame), detections };
}

function masksMessage(
  frame: FrameHeader,
  instances: Instances,
  pixels: Uint8Array[],
  rle: boolean,
  contours: boolean,
) {
  const masks = pixels.map((mask, i) => {
    const [x1, y1, x2, y2] = instances.boxesImage.subarray(i * 4, i * 4 + 4) as unknown as number[];
    const left = Math.floor(x1!);
    const top = Math.floor(y1!);
    const width = Math.ceil(x2!) - left;
    const height = Math.ceil(y2!) - top;
    const cropped: number[] = [];
    for (let y = top; y < top + height; y++)
      cropped.push(...mask.subarray(y * 40 + left, y * 40 + left + width));
    const runs: number[] = [];
    let inside = 0;
    let run = 0;
    for (const value of cropped) {
      if (value === inside) run++;
      else {
        runs.push(run);
        inside = value;
        run = 1;
      }
    }
    if (run > 0) runs.push(run);
    return {
      id: `${frame.stampNs}_${i + 1}`,
      class_id: classNames[instances.classIds[i]!]!,
      score: instances.scores[i]!,
      x_offset: left,
      y_offset: top,
      width,
      height,
      encoding: rle ? 1 : 0,
      data: rle ? new Uint8Array(0) : Uint8Array.from(cropped),
      run_lengths: rle ? Uint32Array.from(runs) : new Uint32Array(0),
      contours: contours ? polygonsOf(instances.contours!, i) : [],
    };
  });
  return { header: headerMessage(frame), image_width: 40, image_height: 30, masks };
}

describe.each([0, 1, 2, 7, 300])('%i instances', (count) => {
  const { instances, pixels } = randomInstances(count, count + 1);

  it.each(['', 'c', 'camera', 'optical_frame'])(
    'as Detection2DArray of frame_id "%s" are the bytes of another writer',
    (frameId) => {
      const frame = header(frameId);
      const written = writeDetections(
        new CdrWriter(16),
        { header: frame, instances, tracks: null },
        { classNames, classIdText: 'name' },
      );
      const expected = detectionsMessage(frame, instances, (classId) => classNames[classId]!);
      expect(Buffer.compare(written, foxglove('vision_msgs/msg/Detection2DArray', expected))).toBe(0);
    },
  );

  it.each([
    ['mono8', false],
    ['rle', false],
    ['mono8', true],
    ['rle', true],
  ] as const)(
    'as InstanceMaskArray in %s, contours %s, are the bytes of another writer',
    (encoding, contours) => {
      const frame = header();
      const options = { classNames, classIdText: 'name', encoding, contours } as const;
      const written = writeMasks(new CdrWriter(16), { header: frame, instances, tracks: null }, options);
      const expected = masksMessage(frame, instances, pixels, encoding === 'rle', contours);
      expect(Buffer.compare(written, foxglove('rdk_yolo_seg_msgs/msg/InstanceMaskArray', expected))).toBe(0);
    },
  );
});

describe('contours', () => {
  const { instances } = randomInstances(7, 8);
  const options = { classNames, classIdText: 'name', encoding: 'rle', contours: true } as const;

  it('are read as they were written, every ring of every mask', () => {
    const { masks } = readMasks(
      writeMasks(new CdrWriter(), { header: header(), instances, tracks: null }, options),
    );
    const rings = masks.map(({ contours }) => contours);
    expect(rings).toEqual(masks.map((_, i) => polygonsOf(instances.contours!, i)));
    expect(rings.some((list) => list.length > 1)).toBe(true);
  });

  it('are none where the instances carry none', () => {
    const without = { header: header(), tracks: null, instances: { ...instances, contours: null } };
    const { masks } = readMasks(writeMasks(new CdrWriter(), without, options));
    expect(masks.flatMap(({ contours }) => contours)).toEqual([]);
  });
});

describe('class_id', () => {
  const { instances } = randomInstances(3, 5);

  it('holds the number on request, and for a class without a name', () => {
    const write = (options: { classNames: string[]; classIdText: 'name' | 'number' }) =>
      readDetections(
        writeDetections(new CdrWriter(), { header: header(), instances, tracks: null }, options),
      ).detections.map((detection) => detection.results[0]!.hypothesis.class_id);
    expect(write({ classNames, classIdText: 'number' })).toEqual(['0', '1', '2']);
    expect(write({ classNames: ['ball'], classIdText: 'name' })).toEqual(['ball', '1', '2']);
  });
});

describe('text beyond ASCII', () => {
  // The other writer counts UTF-16 units here; the DDS-XTYPES specification counts bytes.
  it('is UTF-8 whose length counts bytes and the terminator', () => {
    const text = 'Straße 交差点 🚲';
    const utf8 = Buffer.from(text, 'utf8');
    const written = new CdrWriter(4).begin().text(text).uint32(7).borrowMessage();
    const lengthBytes = Buffer.alloc(4);
    lengthBytes.writeUInt32LE(utf8.length + 1);
    const unpadded = [0, 1, 0, 0, ...lengthBytes, ...utf8, 0];
    while (unpadded.length % 4 !== 0) unpadded.push(0);
    expect([...written]).toEqual([...unpadded, 7, 0, 0, 0]);
  });
});

describe('images', () => {
  const rgb = Uint8Array.from({ length: 4 * 3 * 3 }, (_, i) => i * 7);

  it('as sensor_msgs/Image are the bytes of another writer', () => {
    const written = writeRgbImage(new CdrWriter(8), header(), { widthPx: 4, heightPx: 3, rgb });
    const expected = {
      header: headerMessage(header()),
      height: 3,
      width: 4,
      encoding: 'rgb8',
      is_bigendian: 0,
      step: 12,
      data: rgb,
    };
    expect(Buffer.compare(written, foxglove('sensor_msgs/msg/Image', expected))).toBe(0);
  });

  it('as sensor_msgs/CompressedImage keep every byte of the JPEG file', () => {
    const message = readCompressedImage(writeJpegImage(new CdrWriter(8), header(), rgb).slice());
    expect(message.format).toMatch(/jpeg/);
    expect([...message.data]).toEqual([...rgb]);
  });
});

describe('a writer', () => {
  it('that is used again writes the same bytes as a new one', () => {
    const writer = new CdrWriter();
    const big = randomInstances(50, 3).instances;
    const small = randomInstances(2, 4).instances;
    const options = { classNames, classIdText: 'name', encoding: 'mono8', contours: true } as const;
    writeMasks(writer, { header: header(), instances: big, tracks: null }, options);
    const again = writeMasks(writer, { header: header(), instances: small, tracks: null }, options).slice();
    const fresh = writeMasks(new CdrWriter(), { header: header(), instances: small, tracks: null }, options);
    expect(Buffer.compare(again, fresh)).toBe(0);
    expect(readMasks(again).masks).toHaveLength(2);
  });
});

describe('stamps', () => {
  it.each([
    [0n, { sec: 0, nanosec: 0 }],
    [1_999_999_999n, { sec: 1, nanosec: 999_999_999 }],
    [-1n, { sec: -1, nanosec: 999_999_999 }],
    [2_147_483_647_999_999_999n, { sec: 2_147_483_647, nanosec: 999_999_999 }],
  ])('%i ns splits and joins again', (stampNs, time) => {
    expect(toRosTime(stampNs)).toEqual(time);
    expect(fromRosTime(time)).toBe(stampNs);
  });

  it.each([
    ['the latest', 2n ** 63n, { sec: 2_147_483_647, nanosec: 999_999_999 }],
    ['the earliest', -(2n ** 63n), { sec: -2_147_483_648, nanosec: 0 }],
  ])('beyond the range of int32 seconds become %s', (_, stampNs, time) => {
    expect(toRosTime(stampNs)).toEqual(time);
  });
});
