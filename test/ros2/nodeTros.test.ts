import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { InstanceMaskArray, Stamp } from './support/messages.js';
import { Peer, type PeerEvent, until } from './support/peer.js';
import { picture } from './support/robot.js';
import { edges, pixelsOf } from './support/shapes.js';
import { useGraph } from './support/graph.js';
import { sameStamp } from './support/yoloSeg.js';

const classNames = ['ball', 'crate', 'cone', 'barrel', 'pallet'];
const info = '/hobot_dnn_detection_info';
const { robot, yoloSeg } = useGraph();

describe('a TROS consumer that reads results strictly', () => {
  let consumer: Peer;

  beforeAll(async () => {
    await yoloSeg.segment();
    const size = `${picture.widthPx}x${picture.heightPx}`;
    consumer = new Peer('python3', ['test/ros2/peers/tros_consumer.py', size]);
    await consumer.event('ready', 30_000);
  });

  afterAll(() => consumer.end());

  /** What the consumer made of the frame of `stamp`, which is sent until it comes. */
  async function readingOf(stamp: Stamp, event = 'result'): Promise<PeerEvent> {
    const find = () =>
      consumer.events.find(
        (one) => one.event === event && (event !== 'result' || sameStamp(one.stamp as Stamp, stamp)),
      );
    for (let attempt = 0; find() === undefined; attempt++) {
      await yoloSeg.segmentFrame({ stamp });
      await until(() => find() !== undefined, 2000).catch((error: unknown) => {
        if (attempt === 10) throw new Error(`${error}: ${consumer.output.slice(-500)}`);
      });
    }
    return find()!;
  }

  it('is told the class names in the order of their numbers and the size of the picture', async () => {
    const told = await consumer.event('info');
    expect(told).toMatchObject({ names: classNames, width: picture.widthPx, height: picture.heightPx });
  });

  it('finds the boxes of the detections, the stages of dnn_node and the masks on its grid', async () => {
    const stamp = { sec: 50, nanosec: 7 };
    const { boxes, labels, stages } = (await readingOf(stamp)) as unknown as {
      boxes: { class: number; confidence: number; edges: number[] }[];
      labels: string;
      stages: Record<string, number>;
    };
    const detections = await yoloSeg.segment({ stamp });
    expect(boxes.map((box) => classNames[box.class])).toEqual(
      detections.map(({ results }) => results[0]!.hypothesis.class_id),
    );
    boxes.forEach((box, i) => {
      const { x1, y1, x2, y2 } = edges(detections[i]!);
      expect(box.confidence).toBeCloseTo(detections[i]!.results[0]!.hypothesis.score, 6);
      expect(box.edges).toEqual([Math.floor(x1), Math.floor(y1), Math.ceil(x2), Math.ceil(y2)]);
    });
    const theirs = ['preprocess', 'predict_infer', 'predict_parse', 'postprocess'];
    expect(Object.keys(stages).slice(0, 4)).toEqual(theirs);

    await robot.listen('/yolo_seg/masks', 'rdk_yolo_seg_msgs/msg/InstanceMaskArray');
    const { masks } = await yoloSeg.outputOf<InstanceMaskArray>('/yolo_seg/masks', { sec: 51, nanosec: 7 });
    const expected = new Uint8Array(picture.widthPx * picture.heightPx);
    for (const mask of masks.toReversed()) {
      const label = classNames.indexOf(mask.class_id) + 1;
      pixelsOf(mask).forEach((inside, at) => {
        const x = mask.x_offset + (at % mask.width);
        const y = mask.y_offset + Math.floor(at / mask.width);
        if (inside === 1) expected[y * picture.widthPx + x] = label;
      });
    }
    // The prototypes lie 8 pixels of this picture apart; a cell has the label under its centre.
    const centreOf = (px: number) => Math.floor(px / 8) * 8 + 4;
    const onGrid = Uint8Array.from(expected, (_, at) => {
      const [x, y] = [at % picture.widthPx, Math.floor(at / picture.widthPx)];
      return expected[centreOf(y) * picture.widthPx + centreOf(x)]!;
    });
    expect(new Set(onGrid).size).toBeGreaterThanOrEqual(4);
    expect(Buffer.compare(Buffer.from(labels, 'base64'), onGrid)).toBe(0);
  });

  it('refuses the value that web viewers need, which is off unless asked for', async () => {
    await yoloSeg.setParameter('output.perception_spare_value', true);
    const { why } = await readingOf({ sec: 52, nanosec: 7 }, 'refused');
    await yoloSeg.setParameter('output.perception_spare_value', false);
    expect(why).toBe(`${80 * 45 + 1} features; expected ${80 * 45}`);
  });
});

describe(info, () => {
  const sent = async () => (await robot.diagnostics()).count('output.hobot_dnn_detection_info.handed_over');

  it('comes again and again to a subscriber, and is not published without one', async () => {
    await robot.listen(info, 'ai_msgs/msg/PerceptionInfo');
    for (let i = 0; i < 2; i++) await robot.next(info);
    await robot.unlisten(info);
    // The graph tells the node of the end in its own time; from then on nothing is sent.
    let before = -1;
    for (let now = await sent(); now !== before; now = await sent()) before = now;
    expect(await sent()).toBe(before);
  });

  it('is volatile and reliable', async () => {
    expect(await robot.do('publisher_qos', { topic: info })).toEqual([
      { reliability: 'RELIABLE', durability: 'VOLATILE' },
    ]);
  });
});
