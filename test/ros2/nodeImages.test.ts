// Every other camera: Image of every encoding, CompressedImage, JPEG in an HbmMsg. The same picture has to give the same
// detections as it does as NV12; numpy makes the encodings.
import { readFileSync } from 'node:fs';
import sharp from 'sharp';
import { afterEach, beforeAll, describe, expect, it } from 'vitest';
import { repoPath } from '../support/frames.js';
import { useGraph } from './support/graph.js';
import type { Detection2D } from './support/messages.js';
import { pictureFiles, type SendOptions, type480 } from './support/robot.js';

const imageType = 'sensor_msgs/msg/Image';
const compressedType = 'sensor_msgs/msg/CompressedImage';
const graph = useGraph();
const { robot, yoloSeg } = graph;
const cameras: string[] = [];
/** The picture as NV12 in an HbmMsg: what everything is compared with. */
let expected: readonly Detection2D[];

async function rgbOf(region?: { width: number; height: number }) {
  const picture = sharp(repoPath(pictureFiles.balls)).removeAlpha();
  if (region !== undefined) picture.extract({ left: 0, top: 0, ...region });
  const { data, info } = await picture.raw().toBuffer({ resolveWithObject: true });
  return { bytes: new Uint8Array(data), widthPx: info.width, heightPx: info.height };
}

/** The camera whose messages the node listens to until the test ends. */
async function startCamera(type: string): Promise<void> {
  await robot.closeCamera('front').catch(() => {});
  await robot.startCamera({ name: 'sensor', type });
  cameras.push('sensor');
}

const segment = (options: SendOptions) => yoloSeg.segmentFrame({ camera: 'sensor', ...options }, 40_000);

/** Same classes in the same order, scores and boxes within what encoding and rounding cost. */
function expectSame(found: readonly Detection2D[], scoreTolerance: number, boxTolerancePx: number): void {
  const classOf = ({ results }: Detection2D) => results[0]!.hypothesis.class_id;
  expect(found.map(classOf).toSorted()).toEqual(expected.map(classOf).toSorted());
  for (const detection of expected) {
    const { x, y } = detection.bbox.center.position;
    const near = found
      .filter((other) => classOf(other) === classOf(detection))
      .map((other) => ({
        other,
        distance: Math.hypot(other.bbox.center.position.x - x, other.bbox.center.position.y - y),
      }))
      .toSorted((a, b) => a.distance - b.distance)[0]!.other;
    const sides = (one: Detection2D) => [
      one.bbox.center.position.x - one.bbox.size_x / 2,
      one.bbox.center.position.y - one.bbox.size_y / 2,
      one.bbox.center.position.x + one.bbox.size_x / 2,
      one.bbox.center.position.y + one.bbox.size_y / 2,
    ];
    const [actual, wanted] = [sides(near), sides(detection)];
    for (const [i, side] of wanted.entries())
      expect(Math.abs(actual[i]! - side)).toBeLessThanOrEqual(boxTolerancePx);
    const score = (one: Detection2D) => one.results[0]!.hypothesis.score;
    expect(Math.abs(score(near) - score(detection))).toBeLessThanOrEqual(scoreTolerance);
  }
}

beforeAll(async () => {
  expected = await yoloSeg.segment();
  expect(expected.length).toBeGreaterThanOrEqual(4);
});

afterEach(async () => {
  for (const name of cameras.splice(0)) await robot.closeCamera(name);
});

describe('an Image', () => {
  it.each([
    ['bgr8', 0.02, 1],
    ['rgb8', 0.02, 1],
    ['bgra8', 0.02, 1],
    ['rgba8', 0.02, 1],
    ['yuv422_yuy2', 0.02, 1],
    ['uyvy', 0.02, 1],
    ['nv12', 0.02, 1],
  ])('of %s, rows padded, gives what NV12 in shared memory does', async (encoding, score, box) => {
    await robot.addImage(encoding, await rgbOf(), encoding, 24);
    await startCamera(imageType);
    // NV12 says with its step alone how long its rows are.
    const { header, detections } = await segment({ picture: encoding });
    expectSame(detections, score, box);
    expect(header.frame_id).toBe('lens');
  });

  it('of odd sides gives boxes in its own pixels', async () => {
    await robot.addImage('odd', await rgbOf({ width: 639, height: 359 }), 'bgr8');
    await startCamera(imageType);
    expectSame((await segment({ picture: 'odd' })).detections, 0.05, 3);
  });

  it('of grey is segmented', async () => {
    await robot.addImage('grey-balls', await rgbOf(), 'mono8', 3);
    await startCamera(imageType);
    expect((await segment({ picture: 'grey-balls' })).detections.length).toBeGreaterThan(0);
  });

  it('says once that it is copied, as information', async () => {
    expect(graph.node.log).toMatch(/INFO.*sensor_msgs\/msg\/Image has no fixed size and cannot be loaned/);
  });
});

describe('a CompressedImage', () => {
  const jpeg = readFileSync(repoPath(pictureFiles.balls));

  it.each(['jpeg', 'bgr8; jpeg compressed bgr8'])('with format "%s"', async (format) => {
    await robot.addEncoded('jpeg', jpeg, { format });
    await startCamera(compressedType);
    expectSame((await segment({ picture: 'jpeg' })).detections, 0.05, 2);
  });

  it.each(['png', 'rgb8; png compressed '])('with format "%s"', async (format) => {
    await robot.addEncoded('png', await sharp(jpeg).png().toBuffer(), { format });
    await startCamera(compressedType);
    expectSame((await segment({ picture: 'png' })).detections, 0.02, 1);
  });
});

it('a JPEG in an HbmMsg is taken, with one line on what is faster', async () => {
  const jpeg = readFileSync(repoPath(pictureFiles.balls));
  await robot.addPicture('hbm-jpeg', { bytes: jpeg, widthPx: 640, heightPx: 360 });
  await robot.startCamera({ name: 'sensor', type: type480 });
  cameras.push('sensor');
  expectSame((await segment({ picture: 'hbm-jpeg', fields: { encoding: 'jpeg' } })).detections, 0.05, 2);
  await segment({ picture: 'hbm-jpeg', fields: { encoding: 'mjpeg' } });
  expect(graph.node.log.match(/hobot_codec between camera and node is faster/g)).toHaveLength(1);
});
