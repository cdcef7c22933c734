// What `segment` writes of a recording is what the node publishes of the same messages, to the last byte; and what `record` leaves of one.
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { spawnSync } from 'node:child_process';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { McapIndexedReader } from '@mcap/core';
import { afterAll, expect, it } from 'vitest';
import { readDetections } from '#dist/messages/read.js';
import { bagTool, model } from '../contract/recordedMessages.js';
import { loadPicture, repoPath } from '../support/frames.js';
import { useGraph } from './support/graph.js';
import { loadRos } from './support/hbmem.js';
import { Peer, until } from './support/peer.js';
import { pictureFiles, type480 } from './support/robot.js';

const scratch = mkdtempSync(join(tmpdir(), 'recorded-outputs-'));
const stamp = { sec: 1_712_345_678, nanosec: 987_654_321 };
const stampNs = '1712345678987654321';
/** Times of stages are in ~/.../hobot_dnn_detection, and the time of the start in ~/label_info. */
const topics = {
  '/yolo_seg/detections': 'vision_msgs/msg/Detection2DArray',
  '/yolo_seg/masks': 'rdk_yolo_seg_msgs/msg/InstanceMaskArray',
  '/yolo_seg/label_map': 'sensor_msgs/msg/Image',
  '/yolo_seg/confidence_map': 'sensor_msgs/msg/Image',
  '/yolo_seg/annotations': 'foxglove_msgs/msg/ImageAnnotations',
} as const;
const { yoloSeg } = useGraph({ parameters: { 'model.path': model } });

afterAll(() => rmSync(scratch, { recursive: true }));

/** The last message of each topic that came for the frame, serialised. */
async function published(): Promise<Map<string, Buffer>> {
  const { createNode, initRcl, shutdownRcl } = await loadRos();
  await initRcl([]);
  const ros = createNode('byte_listener');
  const found = new Map<string, Buffer>();
  try {
    for (const [topic, type] of Object.entries(topics))
      ros.createRawSubscription(
        type,
        topic,
        { depth: 10, reliability: 'reliable', durability: 'volatile', history: 'keep_last' },
        (cdr) => {
          found.set(topic, Buffer.from(cdr));
        },
      );
    ros.spin();
    for (let attempt = 0; attempt < 10 && found.size < Object.keys(topics).length; attempt++) {
      await yoloSeg.segmentFrame({ stamp });
      await until(() => found.size === Object.keys(topics).length, 2000).catch(() => {});
    }
  } finally {
    ros.destroy();
    shutdownRcl();
  }
  return found;
}

/** Messages of a file by topic. */
async function written(path: string): Promise<Map<string, Buffer>> {
  const bytes = readFileSync(path);
  const reader = await McapIndexedReader.Initialize({
    readable: {
      size: async () => BigInt(bytes.length),
      read: async (offset, length) => bytes.subarray(Number(offset), Number(offset + length)),
    },
  });
  const found = new Map<string, Buffer>();
  for await (const { channelId, data } of reader.readMessages())
    found.set(reader.channelsById.get(channelId)!.topic, Buffer.from(data));
  return found;
}

it('segment writes the bytes that the node publishes', async () => {
  const nv12 = join(scratch, 'balls.nv12');
  writeFileSync(nv12, (await loadPicture(repoPath(pictureFiles.balls))).bytes);
  const message = { topic: '/hbmem_img', type: type480, logTime: stampNs, stamp: stampNs, file: nv12 };
  const size = { encoding: 'nv12', width: 640, height: 360, step: 640 };
  bagTool(['mcap', join(scratch, 'balls.mcap'), 'none'], [{ ...message, ...size }]);
  const args = ['segment', 'balls.mcap', '--model', model, '-o', 'out', '--forms', 'mcap'];
  const { status, stderr } = spawnSync(repoPath('bin/rdk-yolo-seg'), args, {
    cwd: scratch,
    encoding: 'utf8',
  });
  expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
  const ours = await written(join(scratch, 'out', 'mcap', 'balls.mcap'));
  const theirs = await published();
  expect(readDetections(ours.get('/yolo_seg/detections')!).detections.length).toBeGreaterThanOrEqual(4);
  for (const topic of Object.keys(topics)) {
    const message = ours.get(topic)!;
    // DDS sends payloads of whole words, filled up with zeros.
    const padded = Buffer.concat([message, Buffer.alloc(-message.length & 3)]);
    expect([topic, padded.toString('base64')]).toEqual([topic, theirs.get(topic)?.toString('base64')]);
  }
});

it('a recording that cannot be compared with the truth leaves no report of an earlier one', async () => {
  const out = join(scratch, 'recorded');
  mkdirSync(out);
  for (const name of ['demo.mcap', 'report.json']) writeFileSync(join(out, name), 'earlier');
  const truth = [
    '--ground-truth',
    'assets/evalset/annotations.json',
    '--camera-log',
    join(scratch, 'nowhere'),
  ];
  const recorder = new Peer('bin/rdk-yolo-seg', ['record', '--out', out, '--seconds', '6', ...truth]);
  expect(await recorder.exited).toBe(2);
  expect(recorder.output).toMatch(/nowhere does not exist/);
  expect(readdirSync(out)).toEqual(['demo.mcap']);
  expect(readFileSync(join(out, 'demo.mcap'), 'utf8')).not.toBe('earlier');
});
