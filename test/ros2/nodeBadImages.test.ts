// Broken messages of sensor_msgs, one of each kind: told with its numbers, counted, and the node goes on. All that can be broken
// is in test/unit/camera/brokenMessages.test.ts.
import { readFileSync } from 'node:fs';
import sharp from 'sharp';
import { beforeAll, describe, expect, it } from 'vitest';
import { repoPath } from '../support/frames.js';
import { Drops } from './support/drops.js';
import { useGraph } from './support/graph.js';
import { pictureFiles, type SensorFields } from './support/robot.js';

const jpeg = readFileSync(repoPath(pictureFiles.balls));

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
    ['width 0', 'size', { width: 0 }, 'size is 0 x 360; expected 1 to 32768 pixels'],
    [
      'a step below the row',
      'step',
      { step: 1919 },
      'step is 1919 bytes; expected 0 or 1920 (640 px of rgb8) to 131072',
    ],
    [
      'one row more than data',
      'data_size',
      { height: 361 },
      'data has 691200 bytes; 640 x 361 with step 1920 needs 693120',
    ],
  ])('with %s', async (_, code, fields, text) => {
    await drops.expectDropped(code, text, () => robot.send({ camera: 'sensor', picture: 'rgb', fields }));
  });

  it('as bytes with nothing but its encapsulation', async () => {
    const message = Buffer.from([0, 1, 0, 0]).toString('base64');
    const text =
      'sensor_msgs/msg/Image: the message has 4 bytes; up to the end of header.stamp.sec it needs 8';
    await drops.expectDropped('serialized_form', text, async () => {
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
      'a JPEG cut off in its picture',
      'picture',
      'jpeg',
      () => jpeg.subarray(0, jpeg.length / 2),
      `the JPEG of ${Math.floor(jpeg.length / 2)} bytes, 640 x 360: Premature end of JPEG file`,
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
