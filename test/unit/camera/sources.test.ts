import { readFileSync } from 'node:fs';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import sharp from 'sharp';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { FrameLog } from '#dist/camera/frameLog.js';
import { framesInMemory } from '#dist/camera/frames.js';
import { listPictures, type PictureOptions, readWholePicture } from '#dist/camera/pictureFolder.js';
import { readPictureNames } from '#dist/camera/pictureNames.js';
import { bundledScenes } from '#dist/camera/bundledScenes.js';
import { loadFrames } from '#dist/camera/source.js';
import { ConfigError } from '#dist/core/errors.js';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'camera-'));
});
afterEach(() => rm(folder, { recursive: true }));

const small: PictureOptions = { widthPx: 8, heightPx: 4, fit: 'contain', yuvRange: 'full' };

async function refusal(promise: Promise<unknown>): Promise<string> {
  const error: unknown = await promise.then(
    () => null,
    (reason: unknown) => reason,
  );
  expect(error).toBeInstanceOf(ConfigError);
  return (error as ConfigError).message;
}

async function writeRed(name: string, widthPx: number, heightPx: number): Promise<void> {
  await sharp({ create: { width: widthPx, height: heightPx, channels: 3, background: '#ff0000' } })
    .png()
    .toFile(join(folder, name));
}

/** Y, U, V of the pixel in the middle of a 2x2 block. */
function yuvAt(nv12: Uint8Array, xPx: number, yPx: number): number[] {
  const { widthPx, heightPx } = small;
  const uv = widthPx * heightPx + (yPx >> 1) * widthPx + (xPx & ~1);
  return [nv12[yPx * widthPx + xPx]!, nv12[uv]!, nv12[uv + 1]!];
}

// BT.601 full range of (255, 0, 0): Y 76.2, U 85.0, V 255.5 clipped.
const redYuv = [76, 85, 255];
const blackYuv = [0, 128, 128];

/** The converter's fixed-point arithmetic may be off by one. */
function expectYuv(nv12: Uint8Array, xPx: number, yPx: number, expected: readonly number[]): void {
  const found = yuvAt(nv12, xPx, yPx);
  const off = Math.max(...found.map((value, channel) => Math.abs(value - expected[channel]!)));
  expect(off, `found ${found}, expected ${expected}`).toBeLessThanOrEqual(1);
}

describe('an NV12 file', () => {
  it('gives its frames one by one', async () => {
    const path = join(folder, 'walk.nv12');
    // 8x4 NV12 has 48 bytes.
    await writeFile(
      path,
      Uint8Array.from({ length: 3 * 48 }, (_, at) => Math.floor(at / 48) + 7),
    );
    const frames = await loadFrames(path, small);
    expect(frames.pictures.map((picture) => picture.name)).toEqual([
      'walk.nv12#0',
      'walk.nv12#1',
      'walk.nv12#2',
    ]);
    expect(frames.pictures.map((picture) => [...new Set(picture.nv12)])).toEqual([[7], [8], [9]]);
    expect(frames.pictures[2]!.nv12.length).toBe(48);
    expect(frames.available).toBe(3);
  });

  it('is refused when its length is no multiple of a frame', async () => {
    const path = join(folder, 'cut.nv12');
    await writeFile(path, new Uint8Array(100));
    const message = await refusal(loadFrames(path, small));
    expect(message).toContain('has 100 bytes');
    expect(message).toContain('multiple of 48');
  });

  it('is refused when empty', async () => {
    const path = join(folder, 'empty.nv12');
    await writeFile(path, '');
    expect(await refusal(loadFrames(path, small))).toContain('has 0 bytes');
  });
});

describe('a folder of pictures', () => {
  it('is played in the order of its numbers', async () => {
    for (const name of ['b10.png', 'b9.PNG', 'a.jpeg', 'b1.jpg', 'notes.txt'])
      await writeFile(join(folder, name), '');
    await mkdir(join(folder, 'c.jpg'));
    expect(await listPictures(folder)).toEqual(['a.jpeg', 'b1.jpg', 'b9.PNG', 'b10.png']);
  });

  it('has its pictures taken and everything else named with its count', async () => {
    for (const name of [
      'a.webp',
      'b.tif',
      'c.avif',
      'd.jpg',
      'e.bmp',
      'f.BMP',
      'g.heic',
      'h',
      '._d.jpg',
      '.x',
    ])
      await writeFile(join(folder, name), '');
    await mkdir(join(folder, 'night.jpg'));
    await mkdir(join(folder, 'day'));
    expect(await readPictureNames(folder)).toEqual({
      names: ['a.webp', 'b.tif', 'c.avif', 'd.jpg'],
      leftOut: '2 .bmp, 1 .heic, 1 without a suffix, 2 folders (day, night.jpg), 2 hidden (._d.jpg, .x)',
    });
    expect(await readPictureNames(bundledScenes)).toMatchObject({ leftOut: null });
  });

  it.each(['webp', 'tiff', 'avif'] as const)('of %s is played', async (format) => {
    const red = { create: { width: 16, height: 8, channels: 3 as const, background: '#ff0000' } };
    const options = format === 'tiff' ? {} : { lossless: true };
    await sharp(red)
      .toFormat(format, options)
      .toFile(join(folder, `red.${format}`));
    const { pictures, leftOut } = await loadFrames(folder, small);
    expectYuv(pictures[0]!.nv12, 4, 2, redYuv);
    expect(leftOut).toBeNull();
  });

  it('without pictures says what it has, one picture in its place what it is', async () => {
    await mkdir(join(folder, 'sub'));
    await writeFile(join(folder, 'x.bmp'), '');
    expect(await refusal(loadFrames(folder, small))).toMatch(
      /no picture among the 2 entries of .*; it has 1 \.bmp, 1 folder \(sub\); expected .*\.webp/,
    );
    await writeRed('red.png', 16, 8);
    expect(await refusal(loadFrames(join(folder, 'red.png'), small))).toMatch(
      /red\.png is one picture; expected a folder of pictures, or a file of raw NV12/,
    );
  });

  it('becomes NV12 of the wanted size', async () => {
    await writeRed('red.png', 16, 8);
    const { pictures } = await loadFrames(folder, small);
    expect(pictures).toHaveLength(1);
    expect(pictures[0]!.nv12.length).toBe(48);
    expectYuv(pictures[0]!.nv12, 4, 2, redYuv);
  });

  it('puts black bars beside a picture of another shape', async () => {
    await writeRed('square.png', 8, 8);
    const { pictures } = await loadFrames(folder, small);
    expectYuv(pictures[0]!.nv12, 0, 1, blackYuv);
    expectYuv(pictures[0]!.nv12, 4, 1, redYuv);
    expectYuv(pictures[0]!.nv12, 7, 1, blackYuv);
  });

  it('fills the frame with `cover`', async () => {
    await writeRed('square.png', 8, 8);
    const { pictures } = await loadFrames(folder, { ...small, fit: 'cover' });
    expectYuv(pictures[0]!.nv12, 0, 1, redYuv);
  });

  it('reads transparent and grey pictures', async () => {
    await sharp({ create: { width: 8, height: 4, channels: 4, background: '#00000000' } })
      .png()
      .toFile(join(folder, '1.png'));
    await sharp({ create: { width: 8, height: 4, channels: 3, background: '#808080' } })
      .greyscale()
      .png()
      .toFile(join(folder, '2.png'));
    const { pictures } = await loadFrames(folder, small);
    expectYuv(pictures[0]!.nv12, 2, 2, blackYuv);
    expectYuv(pictures[1]!.nv12, 2, 2, [128, 128, 128]);
  });

  it('is refused when it is missing, holds no picture or a broken one', async () => {
    expect(await refusal(loadFrames(join(folder, 'nowhere'), small))).toContain('does not exist');
    await writeFile(join(folder, 'notes.txt'), '');
    expect(await refusal(loadFrames(folder, small))).toContain('no picture among the 1 entry');
    await writeFile(join(folder, 'x.jpg'), 'no picture');
    expect(await refusal(loadFrames(folder, small))).toContain('cannot be decoded');
  });
});

describe('memory', () => {
  it('holds a bounded number of frames', () => {
    // 512 MiB / (1920 * 1080 * 1.5) = 172.6
    expect(framesInMemory(1920, 1080)).toBe(172);
  });
});

describe('the bundled scenes', () => {
  it('are the pictures of their ground truth', async () => {
    const truth = JSON.parse(readFileSync(join(bundledScenes, 'ground_truth.json'), 'utf8')) as {
      images: { file_name: string }[];
    };
    expect(await listPictures(bundledScenes)).toEqual(truth.images.map((image) => image.file_name));
  });
});

describe('the log of published frames', () => {
  it('keeps every digit of the stamps', async () => {
    const path = join(folder, 'log.jsonl');
    const log = await FrameLog.open(path);
    log.add({ index: 0, stampNs: 1_795_520_997_723_424_211n, picture: 'a.jpg', loaned: true });
    log.add({ index: 1, stampNs: 1_795_520_997_756_304_653n, picture: 'b.jpg', loaned: false });
    await log.close();
    const lines = readFileSync(path, 'utf8').trimEnd().split('\n');
    expect(lines.map((line) => JSON.parse(line))).toEqual([
      { index: 0, stamp_ns: '1795520997723424211', picture: 'a.jpg', loaned: true },
      { index: 1, stamp_ns: '1795520997756304653', picture: 'b.jpg', loaned: false },
    ]);
  });

  it('is refused where it cannot be written', async () => {
    expect(await refusal(FrameLog.open(join(folder, 'no', 'log.jsonl')))).toContain('cannot write');
  });
});

describe('an abort', () => {
  const reason = new Error('stopped');
  const aborted = AbortSignal.abort(reason);

  it('ends the reading of a folder before its next picture, which cannot be decoded', async () => {
    await writeFile(join(folder, 'bad.png'), 'no picture');
    await expect(loadFrames(folder, small, aborted)).rejects.toBe(reason);
    expect(await refusal(loadFrames(folder, small))).toContain('cannot be decoded');
  });

  it('ends the reading of NV12 before its next frame', async () => {
    const path = join(folder, 'walk.nv12');
    await writeFile(path, new Uint8Array(96));
    await expect(loadFrames(path, small, aborted)).rejects.toBe(reason);
    expect((await loadFrames(path, small)).pictures).toHaveLength(2);
  });
});

describe('a picture in its own size', () => {
  it('loses an odd last row and column, and nothing else', async () => {
    await writeRed('odd.png', 9, 5);
    const { widthPx, heightPx, nv12 } = await readWholePicture(join(folder, 'odd.png'), 'full');
    expect([widthPx, heightPx, nv12.length]).toEqual([8, 4, 48]);
    expectYuv(nv12, 4, 2, redYuv);
  });

  it.each([
    [1, 1],
    [1, 5],
    [6, 1],
  ])('is refused by its size where nothing is left of %d x %d pixels', async (widthPx, heightPx) => {
    await writeRed('thin.png', widthPx, heightPx);
    const message = await refusal(readWholePicture(join(folder, 'thin.png'), 'full'));
    expect(message).toMatch(
      new RegExp(`thin\\.png is ${widthPx} x ${heightPx} pixels; expected at least 2 x 2$`),
    );
  });
});
