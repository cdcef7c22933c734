// What cameras send, as bytes: messages of every type, compressed pictures, planes of NV12. The way is the node's: taken,
// judged, wrapped, letterboxed by native code; under `npm run test:sanitize` with AddressSanitizer.
import { readFileSync } from 'node:fs';
import { MessageReader } from '@foxglove/rosmsg2-serialization';
import { parse as parseDefinition } from '@foxglove/rosmsg';
import fc from 'fast-check';
import sharp from 'sharp';
import { describe, expect } from 'vitest';
import { GeometrySolver } from '#dist/backends/session/geometrySolver.js';
import { compressedImageType, imageType } from '#dist/camera/images/judge.js';
import { validateHeader } from '#dist/camera/images/hbmHeader.js';
import { messageAsFrame } from '#dist/camera/images/messageFrame.js';
import type { NativeFrame } from '#dist/core/frame.js';
import { closeFrame, letterboxNv12, readPictureMessage, wrapNv12, wrapPicture } from '#dist/native/core.js';
import { messageDefinition } from '#dist/messages/definitions.js';
import { hbmMessages, hbmTypeOf } from '#dist/core/hbmMessages.js';
import { Cdr, compressedMessage, imageMessage } from '../support/cdr.js';
import { repoPath } from '../support/frames.js';
import { mutatedBytes } from './support/mutated.js';
import { fuzz, readOrRefused } from './support/target.js';

const modelPx = 32;
const solver = new GeometrySolver({ inputWidthPx: modelPx, inputHeightPx: modelPx }, 'letterbox');
const output = new Uint8Array((modelPx * modelPx * 3) / 2);

/** Makes a model input of a frame, as a session does with what it was given. */
async function prepare(frame: NativeFrame, widthPx: number, heightPx: number): Promise<void> {
  try {
    const geometry = solver.solve({ widthPx, heightPx });
    await letterboxNv12({
      frame,
      geometry,
      filter: 'auto',
      yuvRange: 'limited',
      preview: null,
      output,
      pitchBytes: modelPx,
    });
  } finally {
    closeFrame(frame);
  }
}

const take = (type: string) => async (cdr: Uint8Array) => {
  const lease = await readOrRefused(() => messageAsFrame({ type, cdr }, { frameId: 'camera', sequence: 1 }));
  if (lease === null) return;
  const { widthPx, heightPx } = lease.header;
  await readOrRefused(() => prepare(lease.native, widthPx, heightPx));
};

const rgb = new Uint8Array(8 * 6 * 3).fill(77);
const jpegs = [
  readFileSync(repoPath('assets/evalset/images/1000009_640x360.jpg')),
  await sharp(rgb, { raw: { width: 8, height: 6, channels: 3 } })
    .jpeg()
    .toBuffer(),
  await sharp(rgb, { raw: { width: 8, height: 6, channels: 3 } })
    .jpeg({ progressive: true })
    .toBuffer(),
  await sharp(rgb, { raw: { width: 8, height: 6, channels: 3 } })
    .greyscale()
    .jpeg()
    .toBuffer(),
];
const pngs = [
  await sharp(rgb, { raw: { width: 8, height: 6, channels: 3 } })
    .png()
    .toBuffer(),
  await sharp(rgb, { raw: { width: 8, height: 6, channels: 3 } })
    .png({ palette: true })
    .toBuffer(),
  await sharp(rgb, { raw: { width: 8, height: 6, channels: 3 } })
    .ensureAlpha()
    .png({ progressive: true })
    .toBuffer(),
  await sharp(rgb, { raw: { width: 8, height: 6, channels: 3 } })
    .greyscale()
    .png()
    .toBuffer(),
];

const size = { widthPx: 8, heightPx: 6 };
const images = [
  imageMessage({ ...size, encoding: 'rgb8', stepBytes: 24 }, rgb),
  imageMessage({ ...size, encoding: 'nv12', stepBytes: 8 }, new Uint8Array(72)),
  imageMessage({ ...size, encoding: 'mono8', stepBytes: 10 }, new Uint8Array(60)),
  imageMessage({ ...size, encoding: 'yuv422_yuy2', stepBytes: 0 }, new Uint8Array(96)),
  imageMessage({ ...size, encoding: 'bgra8', stepBytes: 32 }, new Uint8Array(192)),
];
const smallest = hbmMessages[0];
/** Its fields for a picture of 64 x 48. */
const hbmImage = new Cdr()
  .uint32(5)
  .uint32(7)
  .uint32(9)
  .uint32(48)
  .uint32(64)
  .uint32(4608)
  .uint32(64)
  .raw(Buffer.from('nv12\0\0\0\0\0\0\0\0', 'latin1'))
  .message();
const hbm = Buffer.concat([hbmImage, Buffer.alloc(smallest.capacityBytes)]);

describe('messages of cameras', () => {
  fuzz('Image', 3000, mutatedBytes(images), take(imageType));

  const compressed = [
    ...jpegs.map((bytes) => compressedMessage('jpeg', bytes)),
    ...pngs.map((bytes) => compressedMessage('png', bytes)),
  ];
  fuzz('CompressedImage', 1500, mutatedBytes(compressed), take(compressedImageType));

  // The first 48 bytes have every field; the pixels are any bytes at all.
  const fields = mutatedBytes([hbm.subarray(0, 48)]).map((head) => Buffer.concat([head, hbm.subarray(48)]));
  fuzz(smallest.name, 300, fields, take(hbmTypeOf(smallest.name)));

  const number = fc.oneof(
    fc.constantFrom(0, 1, 2, 3, 480, 640, 1088, 1920, 32_768, 65_535, 2 ** 31, 2 ** 32 - 1),
    fc.nat(),
  );
  const header = fc.record({
    widthPx: number,
    heightPx: number,
    stepBytes: number,
    dataSizeBytes: number,
    capacityBytes: number,
    encodingLatin1: fc.oneof(fc.constantFrom('nv12', 'NV12', 'jpeg', 'rgb8', 'nv12\0'), fc.string()),
    stampNs: fc.bigInt(),
    frameId: fc.string(),
  });
  fuzz('fields of HbmMsg', 4000, header, async (fieldsOfMessage) => {
    const rows = await readOrRefused(() => validateHeader(fieldsOfMessage));
    if (rows === null || rows.format !== 'nv12') return;
    // What is taken has all of its planes inside the data.
    const { widthPx, heightPx, strideBytes } = rows;
    expect(strideBytes).toBeGreaterThanOrEqual(widthPx);
    expect((strideBytes * heightPx * 3) / 2 - (strideBytes - widthPx)).toBeLessThanOrEqual(
      fieldsOfMessage.capacityBytes,
    );
  });
});

describe('messages of cameras, read by another reader too', () => {
  const readers = ([imageType, compressedImageType] as const).map(
    (type) => [type, new MessageReader(parseDefinition(messageDefinition(type), { ros2: true }))] as const,
  );
  for (const [type, reader] of readers) {
    const sound =
      type === imageType
        ? images
        : [compressedMessage('jpeg', jpegs[1]!), compressedMessage('png', pngs[0]!)];
    fuzz(`${type} against @foxglove/rosmsg2-serialization`, 1500, mutatedBytes(sound), async (cdr) => {
      const ours = await readOrRefused(() => readPictureMessage(cdr, { name: type, capacityBytes: 0 }));
      if (ours === null || cdr[1]! > 1) return;
      const theirs = reader.readMessage<Record<string, never>>(cdr) as unknown as {
        header: { stamp: { sec: number; nsec?: number; nanosec?: number }; frame_id: string };
        data: Uint8Array;
        width?: number;
        height?: number;
        step?: number;
      };
      const { sec, nsec, nanosec } = theirs.header.stamp;
      expect(ours.stampNs).toBe(BigInt(sec) * 1_000_000_000n + BigInt(nsec ?? nanosec ?? 0));
      expect(ours.dataSizeBytes).toBe(theirs.data.length);
      expect(
        Buffer.compare(
          cdr.subarray(ours.dataOffsetBytes, ours.dataOffsetBytes + ours.dataSizeBytes),
          theirs.data,
        ),
      ).toBe(0);
      if (type === imageType)
        expect([ours.widthPx, ours.heightPx, ours.stepBytes]).toEqual([
          theirs.width,
          theirs.height,
          theirs.step,
        ]);
    });
  }
});

describe('pictures', () => {
  const open = (format: 'jpeg' | 'png') => async (bytes: Uint8Array) => {
    const picture = await readOrRefused(() => wrapPicture(bytes, { format, sizeBytes: bytes.length }));
    if (picture === null) return;
    const { frame, widthPx, heightPx } = picture;
    await readOrRefused(() => prepare(frame, widthPx, heightPx));
  };
  fuzz('JPEG', 1000, mutatedBytes(jpegs), open('jpeg'));
  fuzz('PNG', 1000, mutatedBytes(pngs), open('png'));

  const bytes = new Uint8Array(4000);
  const number = fc.oneof(
    fc.integer({ min: -2, max: 70 }),
    fc.constantFrom(2 ** 31 - 1, 2 ** 32, 0.5, Number.NaN),
  );
  const layout = fc.record({
    widthPx: number,
    heightPx: number,
    yStrideBytes: number,
    uvOffsetBytes: fc.oneof(number, fc.integer({ max: 5000 })),
    uvStrideBytes: number,
  });
  fuzz('layouts of NV12', 4000, layout, async (one) => {
    const frame = await readOrRefused(() => wrapNv12(bytes, one));
    if (frame !== null) await readOrRefused(() => prepare(frame, one.widthPx, one.heightPx));
  });
});
