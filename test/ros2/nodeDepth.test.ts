import { afterEach, describe, expect, it } from 'vitest';
import type { Stamp } from './support/messages.js';
import { Peer, until } from './support/peer.js';
import { picture } from './support/robot.js';
import { useGraph } from './support/graph.js';
import { sameStamp } from './support/yoloSeg.js';

const graph = useGraph({
  parameters: { 'input.depth': '/StereoNetNode/stereonet_depth', 'depth.max_wait_ms': 1000.5 },
});

const { robot, yoloSeg } = graph;

interface Found {
  readonly count: number;
  readonly median: number;
  readonly mean: number[];
  readonly centre: number[];
  readonly size: number[];
}
interface Instance {
  readonly class: string;
  /** Its box meets no other. */
  readonly alone: boolean;
  readonly score: number;
  readonly theirs: Found;
  readonly exact: Found;
  readonly cloud: { count: number; mean: number[] | null; class_ids: number[]; confidence: number };
  readonly detection: {
    mean: number[];
    centre: number[];
    size: number[];
    class: string;
    frame: string;
  } | null;
  readonly attributes: Record<string, number>;
}
interface Frame {
  readonly stamp: Stamp;
  readonly instances: Instance[];
  readonly frames: string[];
  readonly size: number[];
  readonly dense: boolean;
  readonly order: boolean;
  readonly fields: string[];
}

let stereo: Peer | null = null;
afterEach(async () => {
  await stereo?.end();
  stereo = null;
});

async function startStereo(size: string, encoding: string, reliability: string): Promise<Peer> {
  stereo = new Peer('python3', ['test/ros2/peers/extractor.py', size, encoding, reliability]);
  await stereo.event('ready', 30_000);
  return stereo;
}

/** What the peer makes of the frame of `stamp`, which is sent until all outputs have come. */
async function frameOf(peer: Peer, stamp: Stamp): Promise<Frame> {
  const find = () => peer.events.find((one) => one.event === 'frame' && sameStamp(one.stamp as Stamp, stamp));
  for (let attempt = 0; find() === undefined; attempt++) {
    await yoloSeg.segment({ stamp });
    await until(() => find() !== undefined, 3000).catch((error: unknown) => {
      if (attempt === 6)
        throw new Error(`${error}: ${peer.output.slice(-800)}\n${graph.node.log.slice(-2000)}`);
    });
  }
  return find() as unknown as Frame;
}

const near = (values: readonly number[]) => values.map((value) => expect.closeTo(value, 3) as number);

describe('depth pictures as hobot_stereonet sends them', () => {
  it.each([
    ['640x360', 'mono16', 'reliable', 100],
    ['320x180', '16UC1', 'best_effort', 200],
    ['960x540', '32FC1', 'reliable', 300],
  ])(
    '%s of %s, %s: places are those of numpy, points those of the extractor',
    async (size, encoding, reliability, sec) => {
      const peer = await startStereo(size, encoding, reliability);
      const frame = await frameOf(peer, { sec, nanosec: 5 });
      expect(frame.instances.length).toBeGreaterThanOrEqual(7);
      expect(frame.frames).toEqual(['left_optical', 'left_optical']);
      expect(frame.fields).toEqual(['x', 'y', 'z', 'rgb', 'class_id', 'instance_id', 'confidence']);
      expect(frame.order).toBe(true);
      expect(frame.dense).toBe(true);
      expect(frame.size[1]).toBe(1);
      for (const { exact, cloud, detection, attributes, score, class: kind } of frame.instances) {
        expect(exact.count).toBeGreaterThan(0);
        expect(detection).toEqual({
          mean: near(exact.mean),
          centre: near(exact.centre),
          size: near(exact.size),
          class: kind,
          frame: 'left_optical',
        });
        const [x, y, z] = near(exact.mean);
        expect(attributes).toEqual({
          distance: expect.closeTo(exact.median, 3),
          position_x: x,
          position_y: y,
          position_z: z,
        });
        expect(cloud.confidence).toBeCloseTo(score, 6);
        expect(cloud.class_ids).toHaveLength(1);
        // A better instance may have taken points of this one.
        expect(cloud.count).toBeLessThanOrEqual(exact.count);
      }
      // The extractor's mask tells classes, in steps of 8 pixels: of instances that are alone it finds the same points but for edges.
      const alone = frame.instances.filter((one) => one.alone);
      expect(alone.length).toBeGreaterThanOrEqual(3);
      for (const { theirs, cloud } of alone) {
        expect(theirs.count).toBeGreaterThan(0);
        cloud.mean!.forEach((metres, axis) => {
          expect(Math.abs(metres - theirs.mean[axis]!)).toBeLessThan(0.02);
        });
      }
    },
  );
});

it('a cloud that is organised has the size of the depth picture', async () => {
  expect(await yoloSeg.setParameter('output.points_organised', true)).toMatchObject({ successful: true });
  const peer = await startStereo('320x180', 'mono16', 'best_effort');
  const { size, dense } = await frameOf(peer, { sec: 400, nanosec: 1 });
  expect([size, dense]).toEqual([[320, 180], false]);
});

it('diagnostics count what was paired, and name what is wrong with what was not', async () => {
  const peer = await startStereo(`${picture.widthPx}x${picture.heightPx}`, 'mono16', 'reliable');
  await frameOf(peer, { sec: 500, nanosec: 1 });
  const before = await robot.diagnostics((seen) => seen.count('depth.paired') > 0);
  expect(before.count('depth.pictures')).toBeGreaterThan(0);
  await peer.end();
  const gone = await robot.diagnostics((seen) => /depth/.test(seen.message), 30_000);
  expect(gone.level).toBe(1);
  expect(gone.message).toMatch(/stereonet_depth.*results do not wait for depth until one comes/);
  await robot.listen('/hobot_dnn_detection', 'ai_msgs/msg/PerceptionTargets');
  await yoloSeg.outputOf('/hobot_dnn_detection', { sec: 501, nanosec: 1 });
  const after = await robot.diagnostics((seen) => seen.count('depth.unpaired.silent') > 0);
  expect(after.count('depth.unpaired.no_depth')).toBe(gone.count('depth.unpaired.no_depth'));
});
