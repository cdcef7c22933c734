// Videos through the command line, beside the same pictures as files: without loss both are the same pixels.
import { execFileSync, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { constants, tmpdir } from 'node:os';
import { join } from 'node:path';
import sharp from 'sharp';
import { afterAll, beforeAll, expect, it, onTestFinished } from 'vitest';
import { type CocoRle, rleToSpans } from '#dist/evaluate/cocoRle.js';
import { ensureVideoTools } from '../../scripts/videoTools.mjs';
import { repoPath } from '../support/frames.js';

const scratch = mkdtempSync(join(tmpdir(), 'segment-video-'));
afterAll(() => rmSync(scratch, { recursive: true }));
const scenes = ['scene_000', 'scene_004', 'scene_008'];
const pictures = join(scratch, 'pictures');
const video = join(scratch, 'drive.mkv');
let ffmpeg: string;

function segment(...args: string[]) {
  const command = ['segment', ...args, '--model', repoPath('assets/models/shapes-seg-320.onnx')];
  const { status, stdout, stderr } = spawnSync(repoPath('bin/rdk-yolo-seg'), command, {
    encoding: 'utf8',
    cwd: scratch,
  });
  return { status, stdout, stderr };
}

const readJson = (...path: string[]) => JSON.parse(readFileSync(join(scratch, ...path), 'utf8'));

beforeAll(async () => {
  ffmpeg = (await ensureVideoTools()).ffmpeg;
  mkdirSync(pictures);
  for (const [index, scene] of scenes.entries()) {
    const png = sharp(repoPath(`assets/scenes/${scene}.jpg`))
      .resize(640, 360, { fit: 'fill' })
      .png();
    await png.toFile(join(pictures, `p_${index}.png`));
  }
  const source = ['-framerate', '8', '-i', join(pictures, 'p_%d.png')];
  execFileSync(ffmpeg, ['-v', 'error', ...source, '-c:v', 'ffv1', '-pix_fmt', 'bgr0', video]);
}, 300_000);

it('gives for a video what it gives for its pictures, with their number and time', () => {
  expect(segment('pictures', '-o', 'still', '--forms', 'json')).toMatchObject({ status: 0, stderr: '' });
  const moving = segment(video, '-o', 'moving', '--ffmpeg', ffmpeg);
  expect(moving).toMatchObject({ status: 0, stderr: '' });
  expect(moving.stdout).toMatch(/^moving: 3 pictures with \d+ instances/);
  for (const [index] of scenes.entries()) {
    const name = `drive_00000${index}`;
    const [still, found] = [
      readJson('still', 'json', `p_${index}.json`),
      readJson('moving', 'json', `${name}.json`),
    ];
    expect(still.instances.length).toBeGreaterThan(0);
    expect(found).toEqual({ ...still, input: video, frame: index, time: `0.${index * 125}`.padEnd(11, '0') });
  }
  expect(readdirSync(join(scratch, 'moving', 'overlay'))).toHaveLength(3);
});

it('takes the videos of a folder, and goes on behind one that breaks off', () => {
  const folder = join(scratch, 'drives');
  mkdirSync(folder);
  copyFileSync(video, join(folder, 'a.mkv'));
  copyFileSync(video, join(folder, 'b.mkv'));
  truncateSync(join(folder, 'a.mkv'), 5000);
  const { status, stderr } = segment('drives', '-o', 'some', '--forms', 'json', '--ffmpeg', ffmpeg);
  expect(status).toBe(2);
  expect(stderr).toMatch(/a\.mkv cannot be decoded/);
  expect(stderr).toMatch(/1 of 4 pictures could not be segmented; the others were/);
  const names = readdirSync(join(scratch, 'some', 'json')).toSorted();
  expect(names).toEqual(['b_000000.json', 'b_000001.json', 'b_000002.json']);
});

it('follows objects: the same id in every frame of JSON, MOT and COCO for videos, where nothing moves', () => {
  const still = join(scratch, 'parked.mkv');
  const source = ['-framerate', '8', '-loop', '1', '-i', join(pictures, 'p_1.png'), '-frames:v', '4'];
  execFileSync(ffmpeg, ['-v', 'error', ...source, '-c:v', 'ffv1', '-pix_fmt', 'bgr0', still]);
  const forms = ['--track', '--forms', 'json,mot,coco-video', '--ffmpeg', ffmpeg];
  expect(segment(still, '-o', 'parked', ...forms)).toMatchObject({ status: 0, stderr: '' });
  type Found = {
    track_id: number | null;
    class_id: number;
    class_name: string;
    score: number;
    box: number[];
    segmentation: CocoRle;
  };
  const frames = [0, 1, 2, 3].map(
    (index) => readJson('parked', 'json', `parked_00000${index}.json`).instances as Found[],
  );
  const ids = frames[0]!.map(({ track_id: id }) => id);
  const tracked = ids.filter((id) => id !== null);
  expect(tracked.toSorted()).toEqual(tracked.map((_, index) => index + 1));
  expect(tracked.length).toBeGreaterThan(1);
  for (const frame of frames) expect(frame.map(({ track_id: id }) => id)).toEqual(ids);
  const expected = frames.flatMap((frame, index) =>
    frame.flatMap(({ track_id: id, class_id: classId, score, box }) => {
      const [x1, y1, x2, y2] = box as [number, number, number, number];
      return id === null ? [] : [[index + 1, id, x1, y1, x2 - x1, y2 - y1, score, classId + 1, -1]];
    }),
  );
  const lines = readFileSync(join(scratch, 'parked', 'mot', 'parked.txt'), 'utf8')
    .trimEnd()
    .split('\n');
  const cells = lines.map((line) => line.split(',').map(Number));
  expect(cells).toHaveLength(expected.length);
  cells.forEach((line, row) => {
    // Both round their own differences to hundredths.
    line.forEach((cell, column) => {
      expect(Math.abs(cell - expected[row]![column]!), `line ${row}, ${column}`).toBeLessThan(0.021);
    });
  });
  const coco = readJson('parked', 'coco-video', 'parked.json');
  expect(coco.videos).toEqual([expect.objectContaining({ id: 1, name: 'parked' })]);
  const images = coco.images as { id: number; video_id: number; frame_index: number }[];
  expect(images.map(({ id, video_id: v, frame_index: index }) => [id, v, index])).toEqual(
    frames.map((_, index) => [index + 1, 1, index]),
  );
  type Annotation = Found & {
    image_id: number;
    category_id: number;
    bbox: number[];
    area: number;
    segmentation: object;
  };
  const annotations = coco.annotations as Annotation[];
  const instances = frames.flatMap((frame, index) =>
    frame.filter(({ track_id: id }) => id !== null).map((one) => ({ ...one, frame: index + 1 })),
  );
  expect(annotations.map(({ image_id: image, track_id: id }) => [image, id])).toEqual(
    instances.map(({ frame, track_id: id }) => [frame, id]),
  );
  const categories = coco.categories as { id: number; name: string }[];
  annotations.forEach(({ segmentation, area, score, category_id: category, bbox }, i) => {
    const one = instances[i]!;
    expect({ segmentation, score }).toEqual({ segmentation: one.segmentation, score: one.score });
    expect(categories.find(({ id }) => id === category)!.name).toBe(one.class_name);
    const [x1, y1, x2, y2] = one.box as [number, number, number, number];
    [x1, y1, x2 - x1, y2 - y1].forEach((px, side) => {
      expect(Math.abs(bbox[side]! - px)).toBeLessThan(0.021);
    });
    const spans = rleToSpans(one.segmentation);
    let pixels = 0;
    for (let at = 0; at < spans.length; at += 3) pixels += spans[at + 2]! - spans[at + 1]!;
    expect(area).toBe(pixels);
  });
  const tracks = coco.tracks as { id: number; category_id: number }[];
  for (const { id, category_id: category } of tracks)
    expect(category).toBe(annotations.find(({ track_id: track }) => track === id)!.category_id);
  expect(tracks.map(({ id }) => id).toSorted((a, b) => a - b)).toEqual(tracked.map((_, index) => index + 1));
});

it.each([
  [['pictures', '--track'], /--track follows objects by the times of frames, and \S*p_0\.png has none/],
  [['pictures', '--forms', 'mot'], /--forms mot holds tracks: it goes with --track/],
  [['pictures', '--forms', 'json,coco-video'], /--forms coco-video holds tracks: it goes with --track/],
])('refuses to follow what cannot be followed: %s', (flags, message) => {
  const { status, stderr } = segment(...flags, '-o', 'none');
  expect(status).toBe(2);
  expect(stderr).toMatch(message);
});

it.each([
  [
    ['--forms', 'labelme', '--ffmpeg'],
    /--forms labelme names files of pictures, and \S*drive\.mkv is a video/,
  ],
  [['--topic', '/image', '--ffmpeg'], /--topic chooses from recordings, and none is given/],
])('refuses beforehand what has no meaning for a video: %s', (flags, message) => {
  const { status, stderr } = segment(video, '-o', 'none', ...flags, ffmpeg);
  expect(status).toBe(2);
  expect(stderr).toMatch(message);
});

it('says how to get the decoder where there is none', () => {
  const { status, stderr } = segment(video, '-o', 'none', '--ffmpeg', join(scratch, 'no-ffmpeg'));
  expect(status).toBe(2);
  expect(stderr).toMatch(
    /^rdk-yolo-seg: ffmpeg: .*no-ffmpeg does not exist: sudo apt install ffmpeg, or name one with --ffmpeg\n$/,
  );
});

/** A folder with a "video", and a decoder that announces one picture of it, gives that and then waits. */
function layWaitingDecoder() {
  const folder = mkdtempSync(join(scratch, 'waits-'));
  const at = (name: string) => join(folder, name);
  writeFileSync(at('a.mp4'), 'any');
  const told = '[Parsed_showinfo_1 @ 0x1] [info] n: 0 pts: 0 pts_time:0 fmt:rgb24 s:64x64 i:P';
  writeFileSync(
    at('waits.sh'),
    [
      '#!/bin/sh',
      'case "$*" in *-version*) echo ffmpeg version 7.1; exit;; esac',
      `echo $$ > '${at('pid')}'`,
      `echo '${told}' >&2`,
      'head -c 12288 /dev/zero',
      'exec sleep infinity',
    ].join('\n'),
    { mode: 0o755 },
  );
  const flags = ['-o', at('out'), '--forms', 'json', '--ffmpeg', at('waits.sh')];
  const args = ['segment', at('a.mp4'), ...flags, '--model', repoPath('assets/models/shapes-seg-320.onnx')];
  const expectGone = () =>
    expect(() => process.kill(Number(readFileSync(at('pid'), 'utf8')), 0)).toThrow(/ESRCH/);
  return { at, args, expectGone };
}

it.each(['SIGINT', 'SIGTERM'] as const)(
  'ends by %s while the decoder gives nothing, with what is done and without the decoder',
  async (signal) => {
    const { at, args, expectGone } = layWaitingDecoder();
    const child = spawn(repoPath('bin/rdk-yolo-seg'), args);
    onTestFinished(() => void child.kill('SIGKILL'));
    const ended = once(child, 'close');
    const result = at('out/json/a_000000.json');
    while (!existsSync(result)) await new Promise((resolve) => setTimeout(resolve, 20));
    child.kill(signal);
    expect(await ended).toEqual([128 + constants.signals[signal], null]);
    expect(JSON.parse(readFileSync(result, 'utf8'))).toMatchObject({ width: 64, height: 64 });
    expectGone();
  },
);

it('ends where a result cannot be written while the decoder gives nothing, and ends the decoder', async () => {
  const { at, args, expectGone } = layWaitingDecoder();
  mkdirSync(at('out'));
  writeFileSync(at('out/json'), 'no folder');
  const child = spawn(repoPath('bin/rdk-yolo-seg'), args);
  onTestFinished(() => void child.kill('SIGKILL'));
  let stderr = '';
  child.stderr.on('data', (text: Buffer) => {
    stderr += text.toString();
  });
  expect(await once(child, 'close')).toEqual([2, null]);
  expect(stderr).toMatch(/cannot make the folder \S*\/out\/json/);
  expectGone();
});
