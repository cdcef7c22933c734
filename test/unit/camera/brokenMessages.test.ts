// Broken messages of sensor_msgs, read and prepared as the node does it: each is refused with its numbers.
import { readFileSync } from 'node:fs';
import sharp from 'sharp';
import { describe, expect, it } from 'vitest';
import { messageAsFrame } from '#dist/camera/images/messageFrame.js';
import { solveLetterbox } from '#dist/core/geometry.js';
import { letterboxNv12 } from '#dist/native/core.js';
import { Cdr, compressedMessage, headed, type ImageFields, imageMessage } from '../../support/cdr.js';
import { repoPath } from '../../support/frames.js';

const jpeg = readFileSync(repoPath('assets/evalset/images/1000009_640x360.jpg'));
const [widthPx, heightPx] = [640, 360];
const rgb = new Uint8Array(widthPx * heightPx * 3);
const image = 'sensor_msgs/msg/Image';
const compressed = 'sensor_msgs/msg/CompressedImage';

/** Takes a message, makes a model input of 64x64 of it, and gives it back. */
async function prepare(type: string, cdr: Uint8Array): Promise<void> {
  const lease = messageAsFrame({ type, cdr }, { frameId: '', sequence: 1 });
  try {
    const { header, native } = lease;
    const geometry = solveLetterbox(header.widthPx, header.heightPx, 64, 64);
    const output = new Uint8Array((64 * 64 * 3) / 2);
    const request = { filter: 'auto', yuvRange: 'full', preview: null, pitchBytes: 64 } as const;
    await letterboxNv12({ ...request, frame: native, geometry, output });
  } finally {
    lease.close();
  }
}

async function expectRefused(type: string, cdr: Uint8Array, code: string, text: string): Promise<void> {
  const refused = { name: 'FrameError', code, message: expect.stringContaining(text) };
  await expect((async () => prepare(type, cdr))()).rejects.toMatchObject(refused);
}

describe('an Image', () => {
  const sound: ImageFields = { widthPx, heightPx, encoding: 'rgb8', stepBytes: widthPx * 3 };

  it('that is sound is prepared', () => prepare(image, imageMessage(sound, rgb)));
  it.each<[string, string, Partial<ImageFields>, string]>([
    [
      'an unknown encoding',
      'encoding',
      { encoding: 'bayer_rggb8' },
      'encoding is "bayer_rggb8"; expected nv12, ',
    ],
    ['no encoding', 'encoding', { encoding: '' }, 'encoding is ""; expected nv12, '],
    [
      'an encoding of unknown colour order',
      'encoding',
      { encoding: '8UC3' },
      'encoding is "8UC3"; expected nv12, bgr8, rgb8, bgra8, rgba8, mono8, yuv422_yuy2 or uyvy: it does not say',
    ],
    ['width 0', 'size', { widthPx: 0 }, 'size is 0 x 360; expected 1 to 32768 pixels'],
    ['height 0', 'size', { heightPx: 0 }, 'size is 640 x 0; expected 1 to 32768 pixels'],
    [
      'a huge size',
      'size',
      { widthPx: 100_000, heightPx: 100_000, stepBytes: 300_000 },
      'size is 100000 x 100000; expected 1 to 32768 pixels',
    ],
    [
      'a step below the row',
      'step',
      { stepBytes: 1919 },
      'step is 1919 bytes; expected 0 or 1920 (640 px of rgb8) to 131072',
    ],
    [
      'a step of 2^32 - 1',
      'step',
      { stepBytes: 4_294_967_295 },
      'step is 4294967295 bytes; expected 0 or 1920',
    ],
    [
      'one row more than data',
      'data_size',
      { heightPx: 361 },
      'data has 691200 bytes; 640 x 361 with step 1920 needs 693120',
    ],
    [
      'an encoding with more bytes per pixel than data has',
      'step',
      { encoding: 'bgra8' },
      'step is 1920 bytes; expected 0 or 2560 (640 px of bgra8)',
    ],
    [
      'NV12 of odd height',
      'size',
      { encoding: 'nv12', stepBytes: 640, heightPx: 359 },
      'size is 640 x 359; expected even',
    ],
  ])('with %s', (_, code, changes, text) =>
    expectRefused(image, imageMessage({ ...sound, ...changes }, rgb), code, text),
  );

  const sized = (cdr: Cdr) => headed(cdr).uint32(2).uint32(2).text('mono8').byte(0).uint32(2);

  it.each<[string, Buffer, string]>([
    [
      'nothing but its encapsulation',
      new Cdr().message(),
      'the message has 4 bytes; up to the end of header.stamp.sec it needs 8',
    ],
    [
      'an end inside frame_id',
      new Cdr().uint32(7).uint32(9).uint32(1000).raw([108, 101, 110, 115]).message(),
      'the message has 20 bytes; up to the end of header.frame_id it needs 1016',
    ],
    [
      'an encoding of 4 GiB',
      headed(new Cdr()).uint32(2).uint32(2).uint32(4_294_967_295).message(),
      'the message has 36 bytes; up to the end of encoding it needs 4294967331',
    ],
    [
      'data that is shorter than it says',
      sized(new Cdr()).uint32(9).raw([1, 2, 3, 4]).message(),
      'the message has 56 bytes; up to the end of data it needs 61',
    ],
    [
      'an encapsulation of marked fields',
      sized(new Cdr()).uint32(0).message(3),
      'encapsulation 3; expected plain CDR',
    ],
  ])('as bytes with %s', (_, bytes, text) =>
    expectRefused(image, bytes, 'serialized_form', `sensor_msgs/msg/Image: ${text}`),
  );

  it('in big-endian CDR is read as well as any', () => {
    const cdr = headed(new Cdr(false)).uint32(4).uint32(4).text('unknown').byte(0).uint32(4).uint32(16);
    return expectRefused(image, cdr.raw(new Uint8Array(16)).message(), 'encoding', 'encoding is "unknown"');
  });
});

/** A JPEG whose header says another size; its data is that of the small one. */
function claiming(width: number, height: number): Buffer {
  const bytes = Buffer.from(jpeg);
  const at = bytes.indexOf(Buffer.from([0xff, 0xc0]));
  bytes.writeUInt16BE(height, at + 5);
  bytes.writeUInt16BE(width, at + 7);
  return bytes;
}

describe('a CompressedImage', () => {
  it('that is sound is prepared', () => prepare(compressed, compressedMessage('jpeg', jpeg)));

  it.each<[string, string, string, () => Promise<Buffer> | Buffer, string]>([
    ['no format', 'encoding', '', () => jpeg, 'format is ""; expected jpeg or png'],
    [
      'a depth format',
      'encoding',
      '16UC1; compressedDepth png',
      () => jpeg,
      'format is "16UC1; compressedDepth png"',
    ],
    ['no data', 'picture', 'jpeg', () => Buffer.alloc(0), 'not a JPEG: its 0 bytes begin with nothing'],
    ['a PNG that says it is JPEG', 'picture', 'jpeg', () => sharp(jpeg).png().toBuffer(), 'not a JPEG: its '],
    [
      'a JPEG that says it is PNG',
      'picture',
      'png',
      () => jpeg,
      `not a PNG: its ${jpeg.length} bytes begin with ff d8 ff`,
    ],
    [
      'a JPEG cut off in its header',
      'picture',
      'jpeg',
      () => jpeg.subarray(0, 40),
      'the JPEG of 40 bytes ends or',
    ],
    [
      'a JPEG cut off in its picture',
      'picture',
      'jpeg',
      () => jpeg.subarray(0, jpeg.length / 2),
      `the JPEG of ${Math.floor(jpeg.length / 2)} bytes, 640 x 360: Premature end of JPEG file`,
    ],
    [
      'a JPEG that decodes to four gigapixels',
      'picture',
      'jpeg',
      () => claiming(65_500, 65_500),
      `the JPEG of ${jpeg.length} bytes is 65500 x 65500 pixels; expected 1 to 67108864 of them`,
    ],
    [
      'a JPEG that is larger than its data',
      'picture',
      'jpeg',
      () => claiming(4000, 3000),
      `the JPEG of ${jpeg.length} bytes, 4000 x 3000: `,
    ],
    [
      'a JPEG of height 0',
      'picture',
      'jpeg',
      () => claiming(640, 0),
      `the JPEG of ${jpeg.length} bytes is 640 x 0 pixels`,
    ],
    [
      'a JPEG of four colours',
      'picture',
      'jpeg',
      () => sharp(jpeg).toColourspace('cmyk').jpeg().toBuffer(),
      'the JPEG is CMYK of 4 components; expected YCbCr or grey',
    ],
    [
      'a PNG of 16 bits',
      'picture',
      'png',
      () => sharp(jpeg).toColourspace('rgb16').png().toBuffer(),
      'the PNG has 16 bits per channel',
    ],
    [
      'a PNG cut off',
      'picture',
      'png',
      async () => (await sharp(jpeg).png().toBuffer()).subarray(0, 5000),
      'the PNG of 5000 bytes, 640 x 360: ',
    ],
  ])('with %s', async (_, code, format, make, text) => {
    await expectRefused(compressed, compressedMessage(format, await make()), code, text);
  });
});
