import { beforeAll, expect, it } from 'vitest';
import { useGraph } from './support/graph.js';
import type { Detection2DArray, InstanceMaskArray, PerceptionTargets, Stamp } from './support/messages.js';

const { robot, yoloSeg } = useGraph({ parameters: { 'tracking.enabled': true } });
const perception = '/hobot_dnn_detection';
const masks = '/yolo_seg/masks';
/** The default of tracking.new_score: what scores less begins no track. */
const newScore = 0.6;
const at = (ms: number): Stamp => ({ sec: 100 + Math.floor(ms / 1000), nanosec: (ms % 1000) * 1_000_000 });
const idsOf = ({ detections }: Detection2DArray) => detections.map(({ id }) => id);
const trackIdOf = (id: string) => (/^[1-9]\d*$/.test(id) ? Number(id) : 0);

beforeAll(async () => {
  await robot.listen(perception, 'ai_msgs/msg/PerceptionTargets');
  await robot.listen(masks, 'rdk_yolo_seg_msgs/msg/InstanceMaskArray');
  // Until everybody has found each other messages get lost; these stamps are later, so that the tests begin anew.
  await yoloSeg.outputOf(perception, { sec: 500, nanosec: 0 });
  await yoloSeg.outputOf(masks, { sec: 501, nanosec: 0 });
});

it('gives what stays the same id in every frame and message, and tells once what has gone', async () => {
  const first = await yoloSeg.segmentFrame({ stamp: at(0) });
  const followed = first.detections.filter(({ results }) => results[0]!.hypothesis.score >= newScore);
  expect(followed.length).toBeGreaterThanOrEqual(4);
  const tracks = followed.map(({ id }) => trackIdOf(id));
  expect(tracks).not.toContain(0);
  expect(new Set(tracks).size).toBe(tracks.length);

  for (const ms of [50, 100, 350]) {
    const ids = idsOf(await yoloSeg.segmentFrame({ stamp: at(ms) }));
    expect(ids.map(trackIdOf), `after ${ms} ms`).toEqual(idsOf(first).map(trackIdOf));
    const { targets } = await yoloSeg.outputOf<PerceptionTargets>(perception, at(ms));
    // The last target holds the masks of all.
    expect(targets.slice(0, -1).map(({ track_id }) => track_id)).toEqual(ids.map(trackIdOf));
    const found = await yoloSeg.outputOf<InstanceMaskArray>(masks, at(ms));
    expect(found.masks.map(({ id }) => id)).toEqual(ids);
  }

  // tracking.max_lost_s is a second.
  const goneAfter = async (ms: number) => {
    await yoloSeg.segmentFrame({ stamp: at(ms), picture: 'empty' });
    const fits = ({ header }: PerceptionTargets) => header.stamp.sec === at(ms).sec;
    return (await robot.next<PerceptionTargets>(perception, fits)).disappeared_targets;
  };
  expect(await goneAfter(1300)).toEqual([]);
  const gone = (await goneAfter(2000)) as { type: string; track_id: number }[];
  const told = gone.map(({ type, track_id }) => `${track_id} ${type}`).toSorted();
  const expected = followed.map(({ id, results }) => `${id} ${results[0]!.hypothesis.class_id}`);
  expect(told).toEqual(expected.toSorted());
  expect(await goneAfter(3000)).toEqual([]);
}, 60_000);
