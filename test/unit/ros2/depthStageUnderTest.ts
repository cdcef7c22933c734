import { afterEach, beforeEach, expect, vi } from 'vitest';
import { oneCamera } from '#dist/config/cameras.js';
import { ParameterStore } from '#dist/config/store.js';
import type { FrameResult } from '#dist/core/result.js';
import { CdrWriter } from '#dist/messages/cdrWriter.js';
import { writeImage } from '#dist/messages/image.js';
import { DepthStage } from '#dist/ros2/depth/depthStage.js';
import { instancesOf } from '../core/pixelMasks.js';
import { foxgloveBytes } from '../messages/foxglove.js';
import { fakeResult } from '../pipeline/fakes.js';
import { FakeRos } from './fakeRos.js';

/** A depth stage for each test: what is exported is that of the running test. */

export const topic = '/stereo/depth';
export const [widthPx, heightPx] = [64, 48];
const mask = new Uint8Array(widthPx * heightPx).fill(1);
const instances = instancesOf([mask], widthPx, [0]);
export const resultAt = (sequence: number, stampMs: number): FrameResult => ({
  ...fakeResult(sequence, BigInt(stampMs) * 1_000_000n),
  instances,
});

export let ros: FakeRos;
export let stage: DepthStage;
/** Whether anybody listens to what is made of depths, and to points. */
export const wanted = { anything: true, points: false };
/** `sequence distance`, or `sequence -` where nothing is known. */
export let delivered: string[];
export let dropped: number[];

/** Begins anew, on a graph of the test's own where it gives one. */
export function start(parameters: Readonly<Record<string, unknown>> = {}, on = new FakeRos()): void {
  ros = on;
  const { values } = new ParameterStore({ 'input.depth': topic, ...parameters });
  wanted.anything = true;
  wanted.points = false;
  delivered = [];
  dropped = [];
  stage = new DepthStage(ros.node, oneCamera, () => values, {
    anything: () => wanted.anything,
    points: () => wanted.points,
  });
  stage.start();
}

beforeEach(() => start());
afterEach(() => {
  stage.close();
  vi.useRealTimers();
});

export function submit(sequence: number, stampMs: number): void {
  stage.submit({
    result: resultAt(sequence, stampMs),
    deliver: ({ header, depths }) => {
      const distance = depths === null ? '-' : (depths.mediansM[0]?.toFixed(3) ?? 'none');
      const points = depths?.cloud ? ` ${depths.cloud.widthPoints}x${depths.cloud.heightPoints}` : '';
      delivered.push(`${header.sequence} ${distance}${points}`);
    },
    drop: () => dropped.push(sequence),
  });
}

interface Sent {
  readonly encoding?: string;
  readonly size?: readonly [number, number];
  readonly frameId?: string;
}

export function sendDepth(
  stampMs: number,
  mm: number,
  { encoding = 'mono16', size, frameId = 'optical' }: Sent = {},
): void {
  const [columns, rows] = size ?? [widthPx, heightPx];
  const values =
    encoding === '32FC1'
      ? new Float32Array(columns * rows).fill(mm / 1000)
      : new Uint16Array(columns * rows).fill(mm);
  const header = {
    stampNs: BigInt(stampMs) * 1_000_000n,
    frameId,
    sequence: 0,
    widthPx: columns,
    heightPx: rows,
  };
  const bytes = new Uint8Array(values.buffer);
  const image = { widthPx: columns, heightPx: rows, encoding, stepBytes: bytes.length / rows, bytes };
  ros.subscriptions.get(topic)!(Buffer.from(writeImage(new CdrWriter(), header, image)));
}

export function sendInfo(name = `${topic}/camera_info`, changed: object = {}): void {
  const cdr = foxgloveBytes('sensor_msgs/msg/CameraInfo', {
    header: { stamp: { sec: 0, nsec: 0 }, frame_id: 'optical' },
    width: widthPx,
    height: heightPx,
    distortion_model: 'plumb_bob',
    d: [],
    k: [60, 0, 31.5, 0, 60, 23.5, 0, 0, 1],
    ...changed,
  });
  ros.subscriptions.get(name)!(Buffer.from(cdr));
}

export const until = (count: number) => vi.waitFor(() => expect(delivered).toHaveLength(count), 5000);
