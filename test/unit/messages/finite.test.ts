import { expect, it } from 'vitest';
import { DepthError } from '#dist/core/errors.js';
import { alignPictures } from '#dist/depth/alignment.js';
import { DepthMeasurer } from '#dist/depth/measure.js';
import { pinholeOf } from '#dist/depth/pinhole.js';
import { CdrWriter } from '#dist/messages/cdrWriter.js';
import { writeDetections3d } from '#dist/messages/detections3d.js';
import { writePerceptionTargets } from '#dist/messages/perceptionTargets.js';
import { writePointCloud } from '#dist/messages/pointCloud.js';
import { makeRandom } from '../../support/random.js';
import { randomPixelMasks } from '../core/pixelMasks.js';
import { foxgloveMessage } from './foxglove.js';

const sizePx = { widthPx: 48, heightPx: 34 };
const classNames = ['ball', 'crate', 'cone', 'barrel', 'pallet'];
const options = {
  erosionPx: 0,
  outlierFactor: 100,
  leastValidShare: 0,
  nearestM: 0,
  farthestM: 1000,
  cloud: 'points' as const,
};

/** Every number in a message, however deep. */
function numbersIn(value: unknown): number[] {
  if (typeof value === 'number') return [value];
  if (typeof value !== 'object' || value === null) return [];
  return Object.values(value).flatMap(numbersIn);
}

function isRefused(act: () => unknown): boolean {
  try {
    act();
    return false;
  } catch (error) {
    if (error instanceof DepthError) return true;
    throw error;
  }
}

it('no number of a place leaves the node that is not finite, whatever depths and camera_info hold', () => {
  const random = makeRandom(9);
  const { header, instances } = randomPixelMasks(3, 4, sizePx);
  const writer = new CdrWriter();
  const measurer = new DepthMeasurer();
  /** Of any magnitude that a double has, and near those of a camera. */
  const anyOf = (usual: number) =>
    usual * (random() < 0.6 ? 10 ** (3 * random() - 1.5) : 10 ** (600 * random() - 300));
  let [refused, told] = [0, 0];
  for (let round = 0; round < 300; round++) {
    const [fx, fy, cx, cy] = [anyOf(40), anyOf(40), anyOf(24) - 20, anyOf(17) - 15];
    const info = {
      frameId: 'optical',
      ...(random() < 0.5 ? sizePx : { widthPx: 0, heightPx: 0 }),
      k: [fx, 0, cx, 0, fy, cy, 0, 0, 1],
      p: [],
      binningX: 0,
      binningY: 0,
      roi: { xPx: 0, yPx: 0, widthPx: 0, heightPx: 0 },
    };
    if (isRefused(() => pinholeOf(info, 'auto', sizePx, 'depth picture'))) {
      refused++;
      continue;
    }
    const camera = pinholeOf(info, 'auto', sizePx, 'depth picture');
    // Bits of any float32 among depths of metres.
    const bits = Uint32Array.from({ length: 48 * 34 }, () => Math.floor(random() * 2 ** 32));
    const values = new Float32Array(bits.buffer).map((z) => (random() < 0.5 ? z : 1 + random()));
    const picture = { ...sizePx, stampNs: 0n, frameId: 'optical', unitM: 1, values };
    const scene = { picture, camera, alignment: alignPictures(sizePx, null, camera) };
    const depths = measurer.measure(instances, scene, options, new Uint32Array(3));
    const result = { header, instances, tracks: null, depths };
    const texts = { classNames, classIdText: 'name' as const };
    const boxes = foxgloveMessage<{
      detections: { results: { pose: { pose: { position: { z: number } } } }[] }[];
    }>('vision_msgs/msg/Detection3DArray', writeDetections3d(writer, result, depths, texts));
    const targets = foxgloveMessage<{ targets: unknown[] }>(
      'ai_msgs/msg/PerceptionTargets',
      writePerceptionTargets(writer, result, {
        classNames,
        perfs: [],
        rateHz: 30,
        mapSize: { widthPx: 1, heightPx: 1 },
        mapStepPx: 1,
        hasSpareValue: false,
      }),
    );
    const cloud = foxgloveMessage<{ data: Uint8Array }>(
      'sensor_msgs/msg/PointCloud2',
      writePointCloud(writer, result, depths, depths.cloud!),
    );
    const points = new Float32Array(Uint8Array.from(cloud.data).buffer);
    expect(numbersIn(boxes.detections).filter((value) => !Number.isFinite(value))).toEqual([]);
    expect(numbersIn(targets.targets).filter((value) => !Number.isFinite(value))).toEqual([]);
    // x, y and z of each.
    expect(points.filter((value, at) => at % 7 < 3 && !Number.isFinite(value))).toHaveLength(0);
    // A place nearer than a millimetre would be the camera itself.
    const nearest = boxes.detections.map(({ results }) => results[0]!.pose.pose.position.z);
    expect(nearest.every((z) => z >= 0.001)).toBe(true);
    told += boxes.detections.length;
  }
  expect(refused).toBeGreaterThan(50);
  expect(told).toBeGreaterThan(100);
});
