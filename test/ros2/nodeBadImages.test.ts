// Broken messages of sensor_msgs: each is told with its numbers, counted, and the node goes on.
import { readFileSync } from 'node:fs';
import sharp from 'sharp';
import { beforeAll, describe, expect, it } from 'vitest';
import { repoPath } from '../support/frames.js';
import { Drops } from './support/drops.js';
import { useGraph } from './support/graph.js';
import { pictureFiles, type SensorFields } from './support/robot.js';

const jpeg = readFileSync(repoPath(pictureFiles.balls));

/** A message in little-endian CDR, field by field; alignment counts from behind the encapsulation. */
class Cdr {
  #bytes: number[] = [];
  readonly #isLittleEndian: boolean;

  constructor(isLittleEndian = true) {
    this.#isLittleEndian = isLittleEndian;
  }

  uint32(value: number): this {
    while (this.#bytes.length % 4 !== 0) this.#bytes.push(0);
    const four = [value & 255, (value >>> 8) & 255, (value >>> 16) & 255, value >>> 24];
    this.#bytes.push(...(this.#isLittleEndian ? four : four.toReversed()));
    return this;
  }

  byte(value: number): this {
    this.#bytes.push(value);
    return this;
  }

  text(text: string): this {
    return this.uint32(text.length + 1).raw(Buffer.from(`${text}\0`, 'latin1'));
  }

  raw(bytes: Iterable<number>): this {
    for (const byte of bytes) this.#bytes.push(byte);
    return this;
  }

  message(encapsulation = this.#isLittleEndian ? 1 : 0): Buffer {
    return Buffer.from([0, encapsulation, 0, 0, ...this.#bytes]);
  }
}

const header = (cdr: Cdr) => cdr.uint32(7).uint32(9).text('lens');
const sized = (cdr: Cdr) => header(cdr).uint32(2).uint32(2).text('mono8').byte(0).uint32(2);

describe('an Image', () => {
  const graph = useGraph();
  const { robot } = graph;
  const drops = new Drops(graph, { camera: 'sensor', picture: 'rgb' });

  beforeAll(async () => {
    const bytes = new Uint8Array(await sharp(jpeg).removeAlpha().raw().toBuffer());
    await robot.closeCamera();
    await robot.startCamera({ name: 'sensor', type: 'sensor_msgs/msg/Image' });
    await robot.addImage('rgb', { bytes, widthPx: 640, heightPx: 360 }, 'rgb8');
    await drops.start();
  });

  it.each<[string, string, SensorFields, string]>([
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
    ['width 0', 'size', { width: 0 }, 'size is 0 x 360; expected 1 to 32768 pixels'],
    ['height 0', 'size', { height: 0 }, 'size is 640 x 0; expected 1 to 32768 pixels'],
    [
      'a huge size',
      'size',
      { width: 100_000, height: 100_000, step: 300_000 },
      'size is 100000 x 100000; expected 1 to 32768 pixels',
    ],
    [
      'a step below the row',
      'step',
      { step: 1919 },
      'step is 1919 bytes; expected 0 or 1920 (640 px of rgb8) to 131072',
    ],
    ['a step of 2^32 - 1', 'step', { step: 4_294_967_295 }, 'step is 4294967295 bytes; expected 0 or 1920'],
    [
      'one row more than data',
      'data_size',
      { height: 361 },
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
      { encoding: 'nv12', step: 640, height: 359 },
      'size is 640 x 359; expected even',
    ],
  ])('with %s', async (_, code, fields, text) => {
    await drops.expectDropped(code, text, () => robot.send({ camera: 'sensor', picture: 'rgb', fields }));
  });

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
      header(new Cdr()).uint32(2).uint32(2).uint32(4_294_967_295).message(),
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
  ])('as bytes with %s', async (_, bytes, text) => {
    const message = bytes.toString('base64');
    await drops.expectDropped('serialized_form', `sensor_msgs/msg/Image: ${text}`, async () => {
      await robot.do('publish_bytes', { camera: 'sensor', message });
      return null;
    });
  });

  it('in big-endian CDR is read as well as any', async () => {
    const cdr = header(new Cdr(false)).uint32(4).uint32(4).text('unknown').byte(0).uint32(4).uint32(16);
    const message = cdr.raw(new Uint8Array(16)).message().toString('base64');
    await drops.expectDropped('encoding', 'encoding is "unknown"', async () => {
      await robot.do('publish_bytes', { camera: 'sensor', message });
      return null;
    });
  });

  it('that changes its encoding and size from frame to frame is segmented as it comes', async () => {
    const bytes = new Uint8Array(await sharp(jpeg).removeAlpha().raw().toBuffer());
    const picture = { bytes, widthPx: 640, heightPx: 360 };
    const half = new Uint8Array(await sharp(jpeg).removeAlpha().resize(333, 187).raw().toBuffer());
    await robot.addImage('bgra', picture, 'bgra8', 8);
    await robot.addImage('half', { bytes: half, widthPx: 333, heightPx: 187 }, 'bgr8', 1);
    for (const name of ['rgb', 'bgra', 'half', 'rgb', 'half', 'bgra']) {
      const found = await graph.yoloSeg.segment({ camera: 'sensor', picture: name });
      expect(found.length).toBeGreaterThanOrEqual(4);
    }
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
  const graph = useGraph();
  const { robot } = graph;
  const drops = new Drops(graph, { camera: 'sensor', picture: 'jpeg' });

  beforeAll(async () => {
    await robot.closeCamera();
    await robot.startCamera({ name: 'sensor', type: 'sensor_msgs/msg/CompressedImage' });
    await robot.addEncoded('jpeg', jpeg, { format: 'jpeg' });
    await drops.start();
  });

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
    await robot.addEncoded('broken', await make(), { format });
    await drops.expectDropped(code, text, () => robot.send({ camera: 'sensor', picture: 'broken' }));
  });

  it('that is grey, progressive or without chroma subsampling is segmented', async () => {
    const variants = {
      grey: sharp(jpeg).greyscale().jpeg(),
      progressive: sharp(jpeg).jpeg({ progressive: true, quality: 95 }),
      '444': sharp(jpeg).jpeg({ chromaSubsampling: '4:4:4', quality: 95 }),
    };
    for (const [name, picture] of Object.entries(variants)) {
      await robot.addEncoded(name, await picture.toBuffer(), { format: 'jpeg' });
      const found = await graph.yoloSeg.segment({ camera: 'sensor', picture: name });
      expect(found.length, name).toBeGreaterThan(0);
    }
  });
});
