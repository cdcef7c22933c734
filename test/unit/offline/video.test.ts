import { execFileSync } from 'node:child_process';
import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { findFfmpeg, type FfmpegProgram } from '#dist/offline/video/ffmpegProgram.js';
import { readVideo, type VideoFrame } from '#dist/offline/video/videoFrames.js';
import { ensureVideoTools } from '../../../scripts/videoTools.mjs';

const oracle = fileURLToPath(new URL('../../oracle/video.py', import.meta.url));
const folder = mkdtempSync(join(tmpdir(), 'video-'));
afterAll(() => rmSync(folder, { recursive: true }));
const anyVideo = join(folder, 'any.mp4');
writeFileSync(anyVideo, 'any');

/** A picture as the oracle sees it: mean colours of the box at the upper left, and of the rows under it. */
interface SeenPicture {
  readonly width: number;
  readonly height: number;
  readonly timeNs: number;
  readonly areas: readonly (readonly number[])[];
}

/** What test/oracle/video.py has drawn. */
const drawn = Array.from({ length: 6 }, (_, index) => [
  [250, 20 * index, 10],
  [40 * index, 200 - 30 * index, 90],
]);
const [boxWidthPx, boxHeightPx] = [96, 64];

let python: string;
let ffmpeg: FfmpegProgram;
beforeAll(async () => {
  const tools = await ensureVideoTools();
  python = tools.python;
  ffmpeg = await findFfmpeg(tools.ffmpeg);
}, 300_000);

function makeVideo(codec: string, name: string): string {
  const path = join(folder, name);
  execFileSync(python, ['-I', oracle, 'write', codec, path]);
  return path;
}

function seenByOracle(path: string): SeenPicture[] {
  return JSON.parse(execFileSync(python, ['-I', oracle, 'read', path], { encoding: 'utf8' }));
}

async function readAll(path: string): Promise<VideoFrame[]> {
  const frames: VideoFrame[] = [];
  for await (const frame of readVideo(path, ffmpeg)) frames.push(frame);
  return frames;
}

function meanOf(
  { rgb, widthPx }: VideoFrame,
  rows: readonly [number, number],
  widthOfArea: number,
): number[] {
  const sums = [0, 0, 0];
  for (let y = rows[0]; y < rows[1]; y++)
    for (let x = 0; x < widthOfArea; x++)
      for (let c = 0; c < 3; c++) sums[c]! += rgb[(y * widthPx + x) * 3 + c]!;
  return sums.map((sum) => sum / ((rows[1] - rows[0]) * widthOfArea));
}

function areasOf(frame: VideoFrame): number[][] {
  return [
    meanOf(frame, [0, boxHeightPx], boxWidthPx),
    meanOf(frame, [boxHeightPx, frame.heightPx], frame.widthPx),
  ];
}

/** The largest difference of two lists of colours. */
function distance(one: readonly (readonly number[])[], other: readonly (readonly number[])[]): number {
  return Math.max(...one.flatMap((colour, i) => colour.map((value, c) => Math.abs(value - other[i]![c]!))));
}

describe('pictures of a video, each once, with times and colours as another decoder has them', () => {
  it.each([
    ['ffv1', 'lossless.mkv', 0],
    ['libx264', 'high-definition.mp4', 4],
    ['mpeg4', 'times.mkv', 5],
    ['mjpeg', 'jpeg.mkv', 4],
  ])('%s', async (codec, name, tolerance) => {
    const path = makeVideo(codec, name);
    const [frames, seen] = [await readAll(path), seenByOracle(path)];
    expect(frames.map(({ widthPx, heightPx, timeNs }) => [widthPx, heightPx, timeNs])).toEqual(
      seen.map(({ width, height, timeNs }) => [width, height, BigInt(timeNs)]),
    );
    expect(frames.map(({ timeNs }) => Number(timeNs) / 1e6)).toEqual([0, 40, 75, 200, 201, 1000]);
    for (const [index, frame] of frames.entries()) {
      expect(distance(areasOf(frame), drawn[index]!)).toBeLessThanOrEqual(tolerance);
    }
  });

  it('is turned upright, as the file says', async () => {
    const [lying, upright] = [makeVideo('libx264', 'lying.mp4'), join(folder, 'upright.mp4')];
    const turn = ['-v', 'error', '-display_rotation', '90', '-i', lying, '-c', 'copy', upright];
    execFileSync(ffmpeg.command, turn);
    const [frame] = await readAll(upright);
    expect(frame).toMatchObject({ widthPx: 130, heightPx: 194 });
    // The box of the upper left has come to the lower left: by a quarter against the clock.
    expect(
      distance([meanOf(frame!, [194 - boxWidthPx, 194], boxHeightPx)], [drawn[0]![0]!]),
    ).toBeLessThanOrEqual(4);
  });

  it('may change its size under way', async () => {
    const path = join(folder, 'sizes.ts');
    const sizes = [
      [96, 64],
      [160, 96],
    ] as const;
    const parts = sizes.map(([width, height]) => {
      const source = `testsrc2=size=${width}x${height}:rate=10:duration=0.3`;
      const options = ['-c:v', 'mpeg2video', '-f', 'mpegts', '-'];
      return execFileSync(ffmpeg.command, ['-v', 'error', '-f', 'lavfi', '-i', source, ...options]);
    });
    writeFileSync(path, Buffer.concat(parts));
    const frames = await readAll(path);
    const found = new Set(
      frames.map(({ widthPx, heightPx, rgb }) => [widthPx, heightPx, rgb.length].join(' ')),
    );
    expect([...found]).toEqual(['96 64 18432', '160 96 46080']);
  });
});

describe('a video that cannot be read whole', () => {
  const read: VideoFrame[] = [];
  const readSome = async (path: string) => {
    read.length = 0;
    for await (const frame of readVideo(path, ffmpeg)) read.push(frame);
  };

  it('gives what can be read, and then says what could not', async () => {
    const path = makeVideo('ffv1', 'damaged.mkv');
    const bytes = readFileSync(path);
    writeFileSync(path, bytes.fill(0x55, bytes.length - 1500, bytes.length - 700));
    await expect(readSome(path)).rejects.toMatchObject({
      code: 'source',
      message: expect.stringMatching(/damaged\.mkv cannot be decoded behind \d pictures?: \S/),
    });
    expect(read.length).toBeGreaterThan(0);
  });

  it.each([
    ['text', 'hello\n'],
    ['nothing', ''],
    ['a list of addresses', '#EXTM3U\n#EXTINF:5,\nhttp://127.0.0.1:9/x.ts\n#EXT-X-ENDLIST\n'],
  ])('is refused where it holds %s', async (name, content) => {
    const path = join(folder, `${name}.mp4`);
    writeFileSync(path, content);
    await expect(readSome(path)).rejects.toMatchObject({ code: 'source', details: { pictures: 0 } });
  });

  it('leaves no decoder behind where the reader stops early', async () => {
    const path = join(folder, 'endless.sh');
    // Passes for an ffmpeg whose pictures never end, and says when it is gone.
    const line = '[Parsed_showinfo_1 @ 0x1] [info] n: 0 pts: 0 pts_time:0 fmt:rgb24 s:2x2 i:P';
    writeFileSync(
      path,
      `#!/bin/sh\necho $$ > '${folder}/pid'\nwhile :; do echo '${line}' >&2; printf 'abcdefghijkl'; done\n`,
    );
    chmodSync(path, 0o755);
    for await (const frame of readVideo(anyVideo, { command: path, everyPicture: [] })) {
      expect(frame.rgb).toEqual(new Uint8Array(Buffer.from('abcdefghijkl')));
      break;
    }
    const pid = Number(readFileSync(join(folder, 'pid'), 'utf8'));
    expect(() => process.kill(pid, 0)).toThrow(/ESRCH/);
  });

  it('leaves no decoder behind, nor what it started, where it is aborted while that gives nothing', async () => {
    const path = join(folder, 'silent.sh');
    const pids = join(folder, 'pids');
    writeFileSync(
      path,
      `#!/bin/sh\nsleep 60 &\necho $$ $! > '${pids}.new'\nmv '${pids}.new' '${pids}'\nwait\n`,
    );
    chmodSync(path, 0o755);
    const controller = new AbortController();
    const pictures = readVideo(anyVideo, { command: path, everyPicture: [] }, controller.signal);
    const first = pictures.next();
    while (!existsSync(pids)) await new Promise((resolve) => setTimeout(resolve, 10));
    controller.abort();
    expect(await first).toEqual({ done: true, value: undefined });
    // A zombie is gone, too: perhaps nobody has taken note of the end of what the script has started.
    const gone = (pid: number) => {
      try {
        return /^State:\s+Z/m.test(readFileSync(`/proc/${pid}/status`, 'utf8'));
      } catch {
        return true;
      }
    };
    const started = readFileSync(pids, 'utf8').trim().split(' ').map(Number);
    expect(started).toHaveLength(2);
    for (const pid of started) while (!gone(pid)) await new Promise((resolve) => setTimeout(resolve, 10));
    expect(await readVideo(anyVideo, { command: path, everyPicture: [] }, controller.signal).next()).toEqual({
      done: true,
      value: undefined,
    });
  });
});

describe('findFfmpeg', () => {
  const program = (name: string, text: string) => {
    const path = join(folder, name);
    writeFileSync(path, `#!/bin/sh\necho '${text}'\n`, { mode: 0o755 });
    return path;
  };

  it.each([
    ['ffmpeg version 4.4.2-0ubuntu0.22.04.1 Copyright', '-vsync'],
    ['ffmpeg version 5.1.9-0+deb12u1 Copyright', '-fps_mode'],
    ['ffmpeg version n9.0.2-17-g2a571b6068 Copyright', '-fps_mode'],
    ['ffmpeg version N-109468-gd39b34123d Copyright', '-fps_mode'],
  ])('takes %s', async (version, mode) => {
    const { everyPicture } = await findFfmpeg(program('some', version));
    expect(everyPicture).toEqual([mode, 'passthrough']);
  });

  it.each([
    [
      () => program('old', 'ffmpeg version 4.2.7-0ubuntu0.1 Copyright'),
      /is ffmpeg 4\.2, expected 4\.4 or newer: sudo apt/,
    ],
    [
      () => program('other', 'avconv version 11'),
      /other is no ffmpeg: sudo apt install ffmpeg, or name one with --ffmpeg/,
    ],
    [() => join(folder, 'missing'), /missing does not exist: sudo apt install ffmpeg/],
  ])('refuses what cannot do it', async (path, message) => {
    await expect(findFfmpeg(path())).rejects.toMatchObject({
      code: 'ffmpeg',
      message: expect.stringMatching(message),
    });
  });
});
