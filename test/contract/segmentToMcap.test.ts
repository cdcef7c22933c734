import { createHash } from 'node:crypto';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { spawn } from 'node:child_process';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parse } from '@foxglove/rosmsg';
import { MessageReader } from '@foxglove/rosmsg2-serialization';
import { McapIndexedReader } from '@mcap/core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { repoPath } from '../support/frames.js';
import {
  bagTool,
  listMessages,
  model,
  pictureMessages,
  segment as segmentIn,
  type WrittenMessage,
} from './recordedMessages.js';

const scratch = mkdtempSync(join(tmpdir(), 'segment-mcap-'));
const at = (...path: string[]) => join(scratch, ...path);
const segment = (...args: string[]) => segmentIn(scratch, ...args);
const sha256 = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex');

/** A message as mcap-ros2-support decodes it. */
interface Decoded<Value = Record<string, unknown>> {
  readonly topic: string;
  readonly type: string;
  readonly logTime: string;
  readonly sha256: string;
  readonly value: Value;
}

interface Detections {
  readonly detections: readonly {
    readonly results: readonly {
      readonly hypothesis: { readonly class_id: string; readonly score: number };
    }[];
    readonly bbox: {
      readonly center: { readonly position: { readonly x: number; readonly y: number } };
      readonly size_x: number;
      readonly size_y: number;
    };
  }[];
}

const decode = (path: string) => JSON.parse(bagTool(['decode', path])) as Decoded[];
const of = <Value>(decoded: readonly Decoded[], topic: string) =>
  decoded.filter((one) => one.topic === topic) as unknown as Decoded<Value>[];

/** Every message of a file by Foxglove's reader, with the definitions that the file has. */
async function readByFoxglove(path: string) {
  const bytes = readFileSync(path);
  const reader = await McapIndexedReader.Initialize({
    readable: {
      size: async () => BigInt(bytes.length),
      read: async (offset, length) => bytes.subarray(Number(offset), Number(offset + length)),
    },
  });
  const found = [];
  for await (const { channelId, data, logTime } of reader.readMessages()) {
    const { topic, schemaId } = reader.channelsById.get(channelId)!;
    const schema = reader.schemasById.get(schemaId)!;
    const definition = parse(new TextDecoder().decode(schema.data), { ros2: true });
    const value = new MessageReader(definition).readMessage(data) as Record<string, unknown>;
    found.push({ topic, type: schema.name, logTime: String(logTime), sha256: sha256(data), value });
  }
  return found;
}

const outputs: Record<string, string> = {
  '/yolo_seg/detections': 'vision_msgs/msg/Detection2DArray',
  '/yolo_seg/masks': 'rdk_yolo_seg_msgs/msg/InstanceMaskArray',
  '/yolo_seg/label_map': 'sensor_msgs/msg/Image',
  '/yolo_seg/confidence_map': 'sensor_msgs/msg/Image',
  '/yolo_seg/annotations': 'foxglove_msgs/msg/ImageAnnotations',
  '/yolo_seg/overlay/compressed': 'sensor_msgs/msg/CompressedImage',
  '/hobot_dnn_detection': 'ai_msgs/msg/PerceptionTargets',
};

let messages: WrittenMessage[];
let front: WrittenMessage[];

beforeAll(async () => {
  messages = await pictureMessages(scratch);
  front = messages.filter(({ topic }) => topic === '/front/image/compressed');
  bagTool(['mcap', at('bag.mcap'), 'lz4'], messages);
  const args = ['--topic', '/front/image/compressed', '--forms', 'json,overlay,mcap'];
  expect(segment('bag.mcap', ...args, '-o', 'one')).toMatchObject({ status: 0 });
  expect(segment('bag.mcap', '--forms', 'mcap', '-o', 'all')).toMatchObject({ status: 0 });
}, 120_000);

afterAll(() => rmSync(scratch, { recursive: true }));

describe('a recording of one camera', () => {
  let decoded: Decoded[];
  beforeAll(() => {
    decoded = decode(at('one', 'mcap', 'bag.mcap'));
  });

  it('has the messages it was made of, byte for byte, under their times', () => {
    const source = listMessages(at('bag.mcap')).filter(({ topic }) => topic === '/front/image/compressed');
    const found = of(decoded, '/front/image/compressed').map(({ logTime, sha256 }) => ({ logTime, sha256 }));
    expect(found).toEqual(source.map(({ logTime, sha256 }) => ({ logTime, sha256 })));
  });

  it('has every output of the node for each of them, under the time of its picture', () => {
    for (const [topic, type] of Object.entries(outputs)) {
      const found = of(decoded, topic);
      expect([topic, ...found.map((one) => [one.type, one.logTime])]).toEqual([
        topic,
        ...front.map(({ logTime }) => [type, logTime]),
      ]);
      if (type.startsWith('foxglove')) continue;
      for (const [i, { value }] of found.entries()) {
        const { stamp } = value.header as { stamp: { sec: number; nanosec: number } };
        expect(`${stamp.sec}${String(stamp.nanosec).padStart(9, '0')}`).toBe(front[i]!.stamp);
        expect(value.header).toMatchObject({ frame_id: 'front_optical' });
      }
    }
    expect(of(decoded, '/yolo_seg/label_info')).toHaveLength(1);
    expect(of(decoded, '/hobot_dnn_detection_info')).toMatchObject([{ value: { width: 640, height: 360 } }]);
  });

  it('says in its detections what the JSON says', () => {
    for (const [i, { value }] of of<Detections>(decoded, '/yolo_seg/detections').entries()) {
      const json = JSON.parse(
        readFileSync(at('one', 'json', `bag_front_image_compressed_00000${i}.json`), 'utf8'),
      ) as { instances: { class_name: string; score: number; box: [number, number, number, number] }[] };
      expect(json.instances.length).toBeGreaterThan(0);
      expect(value.detections).toHaveLength(json.instances.length);
      for (const [at, { class_name, score, box }] of json.instances.entries()) {
        const { results, bbox } = value.detections[at]!;
        const { x, y } = bbox.center.position;
        expect(results[0]!.hypothesis).toEqual({ class_id: class_name, score: expect.closeTo(score, 5) });
        const [halfX, halfY] = [bbox.size_x / 2, bbox.size_y / 2];
        expect([x - halfX, y - halfY, x + halfX, y + halfY]).toEqual(
          box.map((side) => expect.closeTo(side, 1)),
        );
      }
    }
  });

  it('has the overlay that lies beside it', () => {
    const overlays = of<{ data: string }>(decoded, '/yolo_seg/overlay/compressed');
    for (const [i, { value }] of overlays.entries()) {
      const file = readFileSync(at('one', 'overlay', `bag_front_image_compressed_00000${i}.jpg`));
      expect(value.data).toBe(sha256(file));
    }
  });
});

describe.each(['one', 'all'])('what is written (%s)', (out) => {
  const path = at(out, 'mcap', 'bag.mcap');

  it('is the same to mcap-ros2-support, rosbags and Foxglove', async () => {
    const facts = ({ topic, type, logTime, sha256 }: Omit<Decoded, 'value'>) =>
      `${logTime} ${topic} ${type} ${sha256}`;
    const decoded = decode(path);
    const foxglove = await readByFoxglove(path);
    expect(decoded.length).toBeGreaterThan(20);
    expect(foxglove.map(facts).toSorted()).toEqual(decoded.map(facts).toSorted());
    expect(listMessages(path).map(facts).toSorted()).toEqual(decoded.map(facts).toSorted());
    const detectionsOf = (found: readonly { topic: string; value: unknown }[]) =>
      found
        .filter(({ topic }) => topic.endsWith('/detections'))
        .flatMap(({ value }) =>
          (value as Detections).detections.map(({ results, bbox }) => [
            results[0]!.hypothesis.class_id,
            results[0]!.hypothesis.score,
            bbox.size_x,
            bbox.size_y,
          ]),
        );
    expect(detectionsOf(decoded).length).toBeGreaterThan(5);
    expect(detectionsOf(foxglove)).toEqual(detectionsOf(decoded));
  });
});

describe('other recordings', () => {
  it('of several cameras give each its own node', () => {
    const topics = new Set(decode(at('all', 'mcap', 'bag.mcap')).map(({ topic }) => topic));
    for (const camera of ['/front/image/compressed', '/back/image', '/hbmem_img']) {
      expect(topics).toContain(camera);
      expect(topics).toContain(`${camera}/yolo_seg/detections`);
      expect(topics).toContain(`${camera}/hobot_dnn_detection`);
    }
    expect(topics).not.toContain('/yolo_seg/detections');
  });

  it('give the same bytes whenever they are segmented', () => {
    expect(segment('bag.mcap', '--forms', 'mcap', '-o', 'again')).toMatchObject({ status: 0 });
    const [once, again] = ['all', 'again'].map((out) => sha256(readFileSync(at(out, 'mcap', 'bag.mcap'))));
    expect(again).toBe(once);
  });

  it('of rosbag2 with faults keep the messages that cannot be segmented', () => {
    const odd = { ...front[1]!, encoding: 'webp' };
    bagTool(['bag', at('odd'), 'sqlite3', 'zstd-message'], [front[0]!, odd, front[2]!]);
    expect(segment('odd', '--forms', 'mcap', '-o', 'odd-out')).toMatchObject({ status: 2 });
    const decoded = decode(at('odd-out', 'mcap', 'odd.mcap'));
    expect(of(decoded, '/front/image/compressed').map(({ sha256 }) => sha256)).toEqual(
      listMessages(at('odd')).map(({ sha256 }) => sha256),
    );
    expect(of(decoded, '/yolo_seg/detections')).toHaveLength(2);
  });

  it('of pictures have them as they are, a second apart', async () => {
    expect(segment('0.jpg', '1.png', '--forms', 'mcap', '-o', 'pictures')).toMatchObject({ status: 0 });
    const found = await readByFoxglove(at('pictures', 'mcap', 'pictures.mcap'));
    const images = found.filter(({ topic }) => topic.startsWith('/image'));
    expect(images.map(({ topic, logTime }) => [topic, logTime])).toEqual([
      ['/image/compressed', '0'],
      ['/image', '1000000000'],
    ]);
    const [jpeg, rows] = images.map(({ value }) => value) as [{ data: Uint8Array }, Record<string, unknown>];
    expect(sha256(jpeg.data)).toBe(sha256(readFileSync(at('0.jpg'))));
    expect(rows).toMatchObject({ width: 640, height: 360, encoding: 'rgb8', step: 1920 });
    expect(sha256(rows.data as Uint8Array)).toBe(sha256(readFileSync(at('1.rgb'))));
    expect(found.filter(({ topic }) => topic === '/yolo_seg/masks')).toHaveLength(2);
  });

  it('broken off leave those that are whole and nothing of the one in work', async () => {
    mkdirSync(at('many'));
    writeFileSync(at('many', 'a.mcap'), readFileSync(at('bag.mcap')));
    const many = Array.from({ length: 300 }, (_, i) => ({ ...front[0]!, logTime: String(i) }));
    bagTool(['mcap', at('many', 'b.mcap'), 'none'], many);
    const args = ['segment', 'many', '-o', 'broken', '--forms', 'json,mcap', '--model', model];
    const process = spawn(repoPath('bin/rdk-yolo-seg'), args, { cwd: scratch });
    const ended = new Promise<number | null>((resolve) => process.on('close', resolve));
    const isAtWork = () => {
      try {
        return readdirSync(at('broken', 'json')).some((name) => name.startsWith('b_'));
      } catch {
        return false;
      }
    };
    while (!isAtWork()) await new Promise((resolve) => setTimeout(resolve, 20));
    process.kill('SIGINT');
    expect(await ended).toBe(130);
    expect(readdirSync(at('broken', 'mcap'))).toEqual(['a.mcap']);
    expect(decode(at('broken', 'mcap', 'a.mcap')).length).toBeGreaterThan(20);
  });
});
