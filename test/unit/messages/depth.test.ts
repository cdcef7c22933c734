import { expect, it } from 'vitest';
import type { FrameDepths } from '#dist/core/depths.js';
import { CdrWriter } from '#dist/messages/cdrWriter.js';
import { writeDetections3d } from '#dist/messages/detections3d.js';
import { writePerceptionTargets } from '#dist/messages/perceptionTargets.js';
import { writePointCloud } from '#dist/messages/pointCloud.js';
import { randomPixelMasks } from '../core/pixelMasks.js';
import { foxgloveBytes, foxgloveMessage } from './foxglove.js';

const scene = randomPixelMasks(3, 4);
const { header, instances } = scene;
const classNames = ['ball', 'crate', 'cone', 'barrel', 'pallet'];
const cloud = {
  widthPoints: 2,
  heightPoints: 1,
  bytes: Uint8Array.from({ length: 56 }, (_, i) => i),
  isDense: true,
};
/** The second instance has no place. */
const depths: FrameDepths = {
  frameId: 'left_optical',
  stampNs: 3n,
  outcomes: Uint8Array.of(0, 3, 0),
  mediansM: Float32Array.of(1.25, Number.NaN, 2.5),
  madsM: Float32Array.of(0.25, Number.NaN, 0),
  validShares: Float32Array.of(0.5, 0, 1),
  positionsM: Float32Array.of(1, 2, 3, Number.NaN, Number.NaN, Number.NaN, -1, -2, 4),
  boxCentresM: Float32Array.of(1.5, 2.5, 3.5, Number.NaN, Number.NaN, Number.NaN, -1.5, -2.5, 4.5),
  extentsM: Float32Array.of(0.5, 0.25, 0.125, Number.NaN, Number.NaN, Number.NaN, 1, 2, 3),
  cloud,
};
const stamp = {
  sec: Number(header.stampNs / 1_000_000_000n),
  nanosec: Number(header.stampNs % 1_000_000_000n),
  nsec: Number(header.stampNs % 1_000_000_000n),
};
const headerMessage = { stamp, frame_id: 'left_optical' };
const orientation = { x: 0, y: 0, z: 0, w: 1 };
const point = (values: Float32Array, i: number) => ({
  x: values[i * 3],
  y: values[i * 3 + 1],
  z: values[i * 3 + 2],
});

it('Detection3DArray has the bytes of another writer: instances with a place, with the ids of the 2D detections', () => {
  const detections = [0, 2].map((i) => ({
    header: headerMessage,
    results: [
      {
        hypothesis: { class_id: classNames[instances.classIds[i]!], score: instances.scores[i] },
        pose: {
          pose: { position: point(depths.positionsM, i), orientation },
          covariance: new Array(36).fill(0),
        },
      },
    ],
    bbox: {
      center: { position: point(depths.boxCentresM, i), orientation },
      size: point(depths.extentsM, i),
    },
    id: `${header.stampNs}_${i + 1}`,
  }));
  const expected = foxgloveBytes('vision_msgs/msg/Detection3DArray', { header: headerMessage, detections });
  const options = { classNames, classIdText: 'name' } as const;
  const written = writeDetections3d(new CdrWriter(8), scene, depths, options);
  expect(Buffer.compare(written, expected)).toBe(0);
});

it('PointCloud2 has the bytes of another writer', () => {
  const names = ['x', 'y', 'z', 'rgb', 'class_id', 'instance_id', 'confidence'];
  const datatypes = [7, 7, 7, 6, 5, 5, 7];
  const expected = foxgloveBytes('sensor_msgs/msg/PointCloud2', {
    header: headerMessage,
    height: 1,
    width: 2,
    fields: names.map((name, i) => ({ name, offset: i * 4, datatype: datatypes[i], count: 1 })),
    is_bigendian: false,
    point_step: 28,
    row_step: 56,
    data: cloud.bytes,
    is_dense: true,
  });
  expect(Buffer.compare(writePointCloud(new CdrWriter(8), scene, depths, cloud), expected)).toBe(0);
});

it('targets tell where they are, with the valid share as confidence; one without a place tells nothing', () => {
  const options = { classNames, perfs: [], rateHz: 1, mapStepPx: 4, hasSpareValue: false };
  const mapSize = { widthPx: 12, heightPx: 8 };
  const written = writePerceptionTargets(new CdrWriter(), { ...scene, depths }, { ...options, mapSize });
  const { targets } = foxgloveMessage<{
    targets: { attributes: { type: string; value: number; confidence: number }[] }[];
  }>('ai_msgs/msg/PerceptionTargets', written);
  const told = (values: readonly (readonly [string, number])[], confidence: number) =>
    values.map(([type, value]) => ({ type, value, confidence }));
  const position = (x: number, y: number, z: number) =>
    [
      ['position_x', x],
      ['position_y', y],
      ['position_z', z],
    ] as const;
  expect(targets.map(({ attributes }) => attributes)).toEqual([
    told([['distance', 1.25], ...position(1, 2, 3)], 0.5),
    [],
    told([['distance', 2.5], ...position(-1, -2, 4)], 1),
    told([['segmentation_label_count', classNames.length]], 0),
  ]);
});
