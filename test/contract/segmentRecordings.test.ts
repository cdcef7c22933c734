import {
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readdirSync,
  readFileSync,
  rmSync,
  truncateSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  bagTool,
  listMessages,
  pictureMessages,
  segment as segmentIn,
  type WrittenMessage,
} from './recordedMessages.js';

const scratch = mkdtempSync(join(tmpdir(), 'segment-recordings-'));
const at = (...path: string[]) => join(scratch, ...path);
const segment = (...args: string[]) => segmentIn(scratch, ...args);
const topicNames: Record<string, string> = {
  '/front/image/compressed': 'front_image_compressed',
  '/back/image': 'back_image',
  '/hbmem_img': 'hbmem_img',
};

let messages: WrittenMessage[];

interface FrameFile {
  readonly input: string;
  readonly topic: string;
  readonly stamp: string;
  readonly log_time: string;
  readonly frame_id: string;
  readonly width: number;
  readonly height: number;
  readonly instances: readonly object[];
}

const readJson = (...path: string[]) => JSON.parse(readFileSync(at(...path), 'utf8')) as FrameFile;
const seconds = (ns: string) => `${ns.slice(0, -9)}.${ns.slice(-9)}`;

/** What is to be found in the messages: what is found in the files of the same pixels. */
function expectFrames(out: string, bag: string, listed = listMessages(at(bag))): void {
  const counts = new Map<string, number>();
  const pictures = listed.filter(({ topic }) => topic in topicNames);
  const stem = bag.replace(/\.(mcap|db3)$/, '').replace(/^.*\//, '');
  const names: string[] = [];
  for (const { topic, logTime, stamp } of pictures) {
    const number = counts.get(topic) ?? 0;
    counts.set(topic, number + 1);
    const name = `${stem}_${topicNames[topic]}_00000${number}.json`;
    names.push(name);
    const frame = readJson(out, 'json', name);
    const reference = readJson('files', 'json', `${topicNames[topic]}_${number}.json`);
    expect(reference.instances.length).toBeGreaterThan(0);
    expect(frame).toMatchObject({
      topic,
      log_time: seconds(logTime),
      stamp: seconds(stamp!),
      width: 640,
      height: 360,
      instances: reference.instances,
    });
    const frameIds: Record<string, string> = {
      '/front/image/compressed': 'front_optical',
      '/back/image': 'back_optical',
    };
    expect(frame.frame_id).toBe(frameIds[topic] ?? 'camera');
  }
  expect(names.length).toBeGreaterThan(0);
  expect(readdirSync(at(out, 'json')).toSorted()).toEqual(names.toSorted());
}

beforeAll(async () => {
  messages = await pictureMessages(scratch);
  mkdirSync(at('same'));
  for (const number of [0, 1, 2]) {
    copyFileSync(at(`${number}.jpg`), at('same', `front_image_compressed_${number}.jpg`));
    copyFileSync(at(`${number}.png`), at('same', `back_image_${number}.png`));
    copyFileSync(at(`${number}.nv12`), at('same', `hbmem_img_${number}.nv12`));
  }
  const nv12 = [0, 1, 2].map((number) => join('same', `hbmem_img_${number}.nv12`));
  const size = ['--width', '640', '--height', '360'];
  expect(segment('same', ...nv12, ...size, '-o', 'files', '--forms', 'json')).toMatchObject({ status: 0 });
}, 120_000);

afterAll(() => rmSync(scratch, { recursive: true }));

describe('recordings of every storage hold what files of the same pixels hold', () => {
  it.each([
    ['sqlite3', 'none'],
    ['sqlite3', 'zstd-message'],
    ['mcap', 'none'],
    ['mcap', 'zstd-message'],
  ])('rosbag2 in %s, compression %s', (storage, compression) => {
    const bag = `bag-${storage}-${compression}`;
    bagTool(['bag', at(bag), storage, compression], messages);
    expect(segment(bag, '-o', `${bag}-out`, '--forms', 'json')).toMatchObject({ status: 0 });
    expectFrames(`${bag}-out`, bag);
  });

  it.each([
    ['lz4', []],
    ['zstd', []],
    ['none', []],
    ['none', ['unchunked']],
    ['zstd', ['chunk=1000']],
  ])('MCAP, compression %s %j', (compression, options) => {
    const bag = `plain-${compression}-${options.join('')}.mcap`.replaceAll('=', '');
    bagTool(['mcap', at(bag), compression, ...options], messages);
    const ended = segment(bag, '-o', `${bag}-out`, '--forms', 'json');
    expect(ended).toMatchObject({ status: 0, stderr: '' });
    expectFrames(`${bag}-out`, bag);
  });

  it('a file of rosbag2 without its folder', () => {
    bagTool(['bag', at('alone'), 'sqlite3', 'none'], messages);
    const [file] = readdirSync(at('alone')).filter((name) => name.endsWith('.db3'));
    copyFileSync(at('alone', file!), at('bare.db3'));
    expect(segment('bare.db3', '-o', 'bare-out', '--forms', 'json')).toMatchObject({ status: 0 });
    expectFrames('bare-out', 'bare.db3', listMessages(at('alone')));
  });

  it('one of several files, whose numbers go on', () => {
    mkdirSync(at('split'));
    for (const [index, part] of [messages.slice(0, 5), messages.slice(5)].entries())
      bagTool(['mcap', at('split', `split_${index}.mcap`), 'lz4'], part);
    const files = ['split_0.mcap', 'split_1.mcap'];
    writeFileSync(
      at('split', 'metadata.yaml'),
      `rosbag2_bagfile_information:\n  version: 9\n  storage_identifier: mcap\n  relative_file_paths: [${files.join(', ')}]\n`,
    );
    expect(segment('split', '-o', 'split-out', '--forms', 'json')).toMatchObject({ status: 0 });
    expectFrames(
      'split-out',
      'split',
      files.flatMap((file) => listMessages(at('split', file))),
    );
  });
});
