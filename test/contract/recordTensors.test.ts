import { execFileSync, spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeEach, describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { openSession } from '#dist/backends/registry.js';
import { solveLetterbox } from '#dist/core/geometry.js';
import { letterboxRgbPlanar } from '#dist/native/core.js';
import { defaultOptions } from '../support/defaultOptions.js';
import { sessionOptions } from './backendContract.js';
import { leaseOf, loadPicture, plainPicture, repoPath } from '../support/frames.js';
import { record } from './recordings.js';

const folder = mkdtempSync(join(tmpdir(), 'record-tensors-'));
const tiny = repoPath('test/fixtures/models/good.onnx');
const smallModel = repoPath('assets/models/shapes-seg-320.onnx');
const grey = plainPicture(32, 32);
let place = '';
let path = '';

beforeEach(() => {
  place = mkdtempSync(join(folder, 'place-'));
  path = join(place, 'tiny.replay');
});
afterAll(() => rmSync(folder, { recursive: true }));

interface Document {
  readonly outputs: { readonly name: string; readonly dims: number[]; readonly strideBytes: number[] }[];
  readonly frames: { readonly hash: string; readonly source: string }[];
}

function readDocument(recording: string): Document {
  return parse(readFileSync(join(recording, 'recording.yaml'), 'utf8')) as Document;
}

describe('recordTensors', () => {
  it('keys a frame by the first 64 bits of the SHA-256 of its input, as sha256sum has it', async () => {
    const dark = plainPicture(32, 32, 9);
    await record(tiny, path, [dark]);
    await record(tiny, join(place, 'nv12.replay'), [dark], { form: 'nv12' });
    const frame = leaseOf(dark);
    const rgb = new ArrayBuffer(4 * 3 * 32 * 32);
    await letterboxRgbPlanar({
      frame: frame.native,
      geometry: solveLetterbox(32, 32, 32, 32),
      filter: 'bilinear',
      yuvRange: 'full',
      output: rgb,
      preview: null,
    });
    frame.close();
    for (const [recording, input] of [
      [path, new Uint8Array(rgb)],
      [join(place, 'nv12.replay'), dark.bytes],
    ] as const) {
      const sum = execFileSync('sha256sum', { input }).toString();
      expect(readDocument(recording).frames).toContainEqual({
        hash: sum.slice(0, 16),
        source: 'picture 0',
      });
    }
  });

  it('records for NV12 what a session of the BPU begins with, which counts as no picture', async () => {
    const summary = await record(tiny, path, [grey], { form: 'nv12' });
    expect(summary).toMatchObject({ frameCount: 0, repeatCount: 1, inputCount: 1 });
    const sum = execFileSync('sha256sum', { input: grey.bytes }).toString();
    expect(readDocument(path).frames.map(({ hash }) => hash)).toEqual([sum.slice(0, 16)]);
  });

  it('writes outputs of one frame at multiples of 64 bytes and nothing else into the folder', async () => {
    const { frameBytes } = await record(tiny, path, [grey]);
    const { outputs, frames } = readDocument(path);
    const sizes = outputs.map(({ dims, strideBytes }) => dims[0]! * strideBytes[0]!);
    expect(frameBytes).toBe(sizes.reduce((sum, bytes) => sum + Math.ceil(bytes / 64) * 64, 0));
    expect(statSync(join(path, 'frames', `${frames[0]!.hash}.bin`)).size).toBe(frameBytes);
    expect(readdirSync(path).sort()).toEqual(['frames', 'recording.yaml']);
    expect(readdirSync(place)).toEqual(['tiny.replay']);
  });

  it('shows the name only when the recording is whole', async () => {
    const seen: string[][] = [];
    function* pictures() {
      for (const value of [1, 2]) {
        const { bytes, ...size } = plainPicture(32, 32, value);
        yield { ...size, name: `grey ${value}`, nv12: bytes };
        seen.push(readdirSync(place));
      }
    }
    await record(tiny, path, [], { pictures: pictures() });
    expect(seen).toEqual([
      [`.tiny.replay.unfinished-${process.pid}`],
      [`.tiny.replay.unfinished-${process.pid}`],
    ]);
  });

  it('records an input that comes twice once', async () => {
    const summary = await record(tiny, path, [grey, plainPicture(32, 32, 9), grey]);
    expect(summary).toMatchObject({ frameCount: 2, repeatCount: 1 });
    expect(readDocument(path).frames.map(({ source }) => source)).toEqual(['picture 0', 'picture 1']);
  });

  it.each([
    [
      'an existing name',
      () => record(tiny, place.concat('/taken.replay'), [grey]),
      'output',
      'exists already',
    ],
    ['another suffix', () => record(tiny, join(place, 'x'), [grey]), 'output', 'expected NAME.replay'],
    [
      'a folder that is not there',
      () => record(tiny, join(place, 'a/b.replay'), [grey]),
      'output',
      'does not exist',
    ],
    ['no pictures', () => record(tiny, path, []), 'source', 'no pictures'],
    ['no pictures for NV12', () => record(tiny, path, [], { form: 'nv12' }), 'source', 'no pictures'],
    [
      'an odd picture',
      () => record(tiny, path, [grey, { ...grey, widthPx: 31 }]),
      'layout',
      'even integer for widthPx',
    ],
    [
      'scales of an output there is none of',
      () => record(tiny, path, [grey], { scales: { nothing: [1] } }),
      'scales',
      'scales for nothing; the outputs of the model are',
    ],
    [
      'a model that is not one for segmentation',
      () => record(repoPath('test/fixtures/models/detect-unlabelled.onnx'), path, [grey]),
      'heads',
      'mask prototype',
    ],
  ])('leaves nothing behind for %s', async (_name, recording, code, text) => {
    mkdirSync(join(place, 'taken.replay'));
    const error = await recording().catch((reason: unknown) => reason);
    expect(error).toMatchObject({ code });
    expect((error as Error).message).toContain(text);
    expect(readdirSync(place)).toEqual(['taken.replay']);
    expect(readdirSync(join(place, 'taken.replay'))).toEqual([]);
  });
});

function runTensors(...args: string[]) {
  const { status, stdout, stderr } = spawnSync(
    repoPath('bin/rdk-yolo-seg'),
    ['tensors', '--model', smallModel, '-o', path, ...args],
    { encoding: 'utf8' },
  );
  return { status, stdout, stderr };
}

describe('rdk-yolo-seg tensors', () => {
  it('records a folder of pictures in their own sizes', { timeout: 60_000 }, async () => {
    const images = repoPath('test/fixtures/pictures');
    const ending = runTensors('--images', images, '--scale-filter', 'bilinear');
    expect(ending).toMatchObject({ status: 0, stderr: '' });
    expect(ending.stdout).toMatch(/tiny\.replay: 3 frames, \d+\.\d MB\n$/);
    const session = await openSession('auto', sessionOptions(path));
    for (const name of ['wide', 'portrait', 'hd']) {
      const frame = leaseOf(await loadPicture(join(images, `${name}.jpg`)));
      const prepared = await session.prepare(frame, null);
      frame.close();
      expect((await session.run(prepared, defaultOptions)).instances.count, name).toBeGreaterThan(2);
    }
    await session.close();
    expect(readDocument(path).frames.map(({ source }) => source)).toEqual([
      'hd.jpg',
      'portrait.jpg',
      'wide.jpg',
    ]);
  });

  it('records frames of one size as the camera sends them', { timeout: 60_000 }, () => {
    const file = join(place, 'walk.nv12');
    writeFileSync(file, new Uint8Array(2 * 64 * 32 * 1.5).fill(128, 0, 64 * 32 * 1.5));
    const ending = runTensors('--images', file, '--width', '64', '--height', '32', '--input', 'nv12');
    expect(ending).toMatchObject({ status: 0, stderr: '' });
    const sources = readDocument(path).frames.map(({ source }) => source);
    expect(sources).toEqual(['grey, at the opening', 'walk.nv12#0', 'walk.nv12#1']);
  });

  it.each([
    ['no folder', ['--images', '/nonexistent'], '/nonexistent does not exist'],
    ['a broken picture', ['--images', '.'], 'cannot be decoded as JPEG'],
    ['half a size', ['--images', '.', '--width', '64'], '--width and --height belong together'],
    ['scales that are none', ['--images', '.', '--scales', 'broken.png'], 'does not hold scales'],
  ])('%s: exit 2, nothing written', { timeout: 30_000 }, (_name, args, text) => {
    writeFileSync(join(place, 'broken.png'), 'no picture');
    const placed = args.map((arg) => (arg === '.' ? place : arg === 'broken.png' ? join(place, arg) : arg));
    const ending = runTensors(...placed);
    expect(ending.stderr).toContain(text);
    expect(ending.status).toBe(2);
    expect(readdirSync(place)).toEqual(['broken.png']);
  });
});
