import { readdirSync } from 'node:fs';
import sharp from 'sharp';
import { beforeAll, describe, expect, it } from 'vitest';
import type { CompressedImage, Image, Stamp } from './support/messages.js';
import { picture } from './support/robot.js';
import { sameStamp } from './support/yoloSeg.js';
import { useGraph } from './support/graph.js';

const stamp: Stamp = { sec: 1_712_345_678, nanosec: 987_654_321 };
const header = (of: Stamp = stamp) => ({ stamp: of, frame_id: 'front_optical' });

const graph = useGraph({ parameters: { frame_id: 'front_optical' } });
const { robot, yoloSeg } = graph;

const threadCount = () => readdirSync(`/proc/${graph.node.pid}/task`).length;

describe('~/overlay', () => {
  const raw = '/yolo_seg/overlay';
  const jpeg = '/yolo_seg/overlay/compressed';
  const half = { width: picture.widthPx / 2, height: picture.heightPx / 2 };
  let threadsBefore: number;

  beforeAll(async () => {
    await yoloSeg.setParameter('overlay.max_rate_hz', 120);
    for (let i = 0; i < 5; i++) await yoloSeg.segment({ stamp });
    threadsBefore = threadCount();
  });

  it('is not drawn while nobody looks: its thread is not even there', async () => {
    for (let i = 0; i < 5; i++) await yoloSeg.segment({ stamp });
    expect(threadCount()).toBe(threadsBefore);
  });

  it('is an rgb8 image of the scaled frame with its header', async () => {
    await robot.listen(raw, 'sensor_msgs/msg/Image');
    const image = await yoloSeg.outputOf<Image>(raw, stamp);
    expect(threadCount()).toBeGreaterThan(threadsBefore);
    const { data, ...fields } = image;
    expect(fields).toEqual({
      header: header(),
      ...half,
      encoding: 'rgb8',
      is_bigendian: 0,
      step: 3 * half.width,
    });
    const bytes = Buffer.from(data, 'base64');
    expect(bytes).toHaveLength(3 * half.width * half.height);
    expect(new Set(bytes).size).toBeGreaterThan(50);
  });

  it('is a JPEG of the same picture on ~/overlay/compressed', async () => {
    await robot.listen(jpeg, 'sensor_msgs/msg/CompressedImage');
    const later: Stamp = { sec: stamp.sec + 2, nanosec: 5 };
    const image = await yoloSeg.outputOf<CompressedImage>(jpeg, later);
    const plain = await robot.next<Image>(raw, ({ header: { stamp: of } }) => sameStamp(of, later));
    expect(image.header).toEqual(header(later));
    expect(image.format).toContain('jpeg');
    const bytes = Buffer.from(image.data, 'base64');
    expect(await sharp(bytes).metadata()).toMatchObject({ format: 'jpeg', ...half });
    const decoded = await sharp(bytes).raw().toBuffer();
    const expected = Buffer.from(plain.data, 'base64');
    const distance = decoded.reduce((sum, value, i) => sum + Math.abs(value - expected[i]!), 0);
    expect(distance / expected.length).toBeLessThan(10);
  });

  it('follows overlay.scale with the next frame', async () => {
    await yoloSeg.setParameter('overlay.scale', 0.25);
    const image = await yoloSeg.outputOf<Image>(raw, { sec: 7, nanosec: 7 });
    expect(image).toMatchObject({ width: 160, height: 90, step: 480 });
  });
});
