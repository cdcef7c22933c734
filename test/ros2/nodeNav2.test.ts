import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { cocoNames } from '#dist/model/cocoNames.js';
import type { InstanceMaskArray } from './support/messages.js';
import { Peer, until } from './support/peer.js';
import { picture } from './support/robot.js';
import { pixelsOf } from './support/shapes.js';
import { useGraph } from './support/graph.js';

const file = 'config/nav2/semantic_segmentation_layer.yaml';
/** Pixels along a side of a costmap tile. */
const side = 8;
/** One of each kind that the file knows. */
const classNames = ['car', 'person', 'chair', 'bench', 'dog'];

interface Costs {
  readonly base_cost: number;
  readonly max_cost: number;
  readonly mark_confidence: number;
  readonly samples_to_max_cost: number;
  readonly classes: readonly string[];
}
interface Source {
  readonly class_types: readonly string[];
}
const layer = parse(readFileSync(file, 'utf8')).local_costmap.local_costmap.ros__parameters
  .semantic_segmentation_layer as { readonly camera: Source & Readonly<Record<string, Costs>> };
const kinds = layer.camera.class_types.map((kind) => layer.camera[kind]!);
const costsOf = (name: string) => kinds.find(({ classes }) => classes.includes(name))!;

it(`${file} has every class of COCO and the background, once`, () => {
  const named = kinds.flatMap(({ classes }) => classes);
  expect(named.toSorted()).toEqual(['background', ...cocoNames].toSorted());
});

describe('costs as the semantic segmentation layer makes them of the maps', () => {
  const { robot, yoloSeg } = useGraph({ parameters: { 'model.class_names': classNames } });
  let consumer: Peer;

  beforeAll(async () => {
    await yoloSeg.segment();
    consumer = new Peer('python3', ['test/ros2/peers/nav2_layer.py', file, String(side)]);
    await consumer.event('info', 30_000);
  });

  afterAll(() => consumer.end());

  /** The costs after so many frames, all of one picture. */
  async function costsAfter(frames: number): Promise<number[][]> {
    const find = () => consumer.events.find(({ event, frames: n }) => event === 'costs' && n === frames);
    for (let attempt = 0; find() === undefined; attempt++) {
      // A frame may be missed until the endpoints have found each other: it is not counted then.
      await yoloSeg.segment({ stamp: { sec: 100 * frames + attempt, nanosec: 5 } });
      await until(() => find() !== undefined, 5000).catch((error: unknown) => {
        if (attempt === 5) throw new Error(`${error}: ${consumer.output.slice(-500)}`);
      });
    }
    return find()!.costs as number[][];
  }

  it('are those of the masks, pixel by pixel, at first sight and when frames agree', async () => {
    const maps = [await costsAfter(1), await costsAfter(2), await costsAfter(3)];
    expect(consumer.events.filter(({ event }) => event === 'refused')).toEqual([]);

    await robot.listen('/yolo_seg/masks', 'rdk_yolo_seg_msgs/msg/InstanceMaskArray');
    const { masks } = await yoloSeg.outputOf<InstanceMaskArray>('/yolo_seg/masks', { sec: 900, nanosec: 1 });
    /** Of each pixel the mask on top, best score first. */
    const onTop = new Array<number>(picture.widthPx * picture.heightPx).fill(-1);
    masks.forEach((mask, index) => {
      pixelsOf(mask).forEach((inside, at) => {
        const x = mask.x_offset + (at % mask.width);
        const pixel = (mask.y_offset + Math.floor(at / mask.width)) * picture.widthPx + x;
        if (inside === 1 && onTop[pixel] === -1) onTop[pixel] = index;
      });
    });
    const nameAt = (index: number) => (index < 0 ? 'background' : masks[index]!.class_id);
    const byteAt = (index: number) => (index < 0 ? 0 : Math.max(1, Math.round(masks[index]!.score * 255)));
    const expected = maps.map((_, frame) =>
      Array.from({ length: picture.heightPx / side }, (_row, tileY) =>
        Array.from({ length: picture.widthPx / side }, (_column, tileX) => {
          const pixels = Array.from({ length: side * side }, (_pixel, at) => {
            const y = tileY * side + Math.floor(at / side);
            return onTop[y * picture.widthPx + tileX * side + (at % side)]!;
          });
          const dearest = Math.max(...pixels.map((index) => costsOf(nameAt(index)).max_cost));
          const index = pixels.find((one) => costsOf(nameAt(one)).max_cost === dearest)!;
          const { base_cost, max_cost, samples_to_max_cost, mark_confidence } = costsOf(nameAt(index));
          const isSure = frame + 1 >= samples_to_max_cost && byteAt(index) > mark_confidence;
          return isSure ? max_cost : base_cost;
        }),
      ),
    );
    expect(maps).toEqual(expected);
    // The picture has both: what is dear at first sight and lethal later, and free floor.
    const values = maps.map((costs) => new Set(costs.flat()));
    expect([...values[0]!].toSorted((a, b) => a - b)).toEqual([0, 120, 200]);
    expect([...values[2]!].toSorted((a, b) => a - b)).toEqual([0, 253, 254]);
  });
});
