import { execFileSync, spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { checkModelFile } from '#dist/backends/bpu/modelFile.js';
import { readManifest } from '#dist/backends/manifestFile.js';
import { readOnnxFileInfo } from '#dist/backends/onnx/modelFile.js';
import { nv12FrameCount, readNv12Frame } from '#dist/camera/nv12File.js';
import { hashOfFile } from '#dist/files/contentKey.js';
import { openRegularFile, readRegularFile } from '#dist/files/regularFile.js';
import { readTextFile } from '#dist/files/textFile.js';
import { modelHash } from '#dist/offline/batch/resultKey.js';
import { openFileBytes } from '#dist/offline/byteSource.js';
import { checkRecordingFile } from '#dist/offline/recordings/bagFolder.js';
import { readVideo } from '#dist/offline/video/videoFrames.js';
import { readPictureFile } from '#dist/camera/pictureFile.js';

const folder = mkdtempSync(join(tmpdir(), 'regular-'));
const socket = createServer();
const at = (name: string) => join(folder, name);

beforeAll(async () => {
  // Nobody writes into it: whoever reads it waits for ever.
  execFileSync('mkfifo', [at('pipe')]);
  for (const name of ['m.onnx', 'm.bin', 'm.yaml', 'm.png', 'm.nv12', 'm.mcap', 'm.mp4'])
    symlinkSync('pipe', at(name));
  symlinkSync('/dev/zero', at('device'));
  mkdirSync(at('folder'));
  await new Promise<void>((ready) => socket.listen(at('socket'), ready));
});
afterAll(() => {
  socket.close();
  rmSync(folder, { recursive: true });
});

it.each(['pipe', 'device', 'folder', 'socket'])('a %s is no file', async (kind) => {
  await expect(openRegularFile(at(kind))).rejects.toThrow(`it is a ${kind}, expected a file`);
});

it('what is read is checked before', async () => {
  writeFileSync(at('file'), 'twelve bytes');
  expect((await readRegularFile(at('file'))).toString()).toBe('twelve bytes');
  const tooLarge = ({ size }: { size: number }) => {
    throw new Error(`${size} are too many`);
  };
  await expect(readRegularFile(at('file'), tooLarge)).rejects.toThrow('12 are too many');
});

describe('a pipe in the place of', () => {
  it.each<[what: string, read: () => unknown]>([
    ['a model of ONNX', () => readOnnxFileInfo(at('m.onnx'))],
    ['a compiled model', () => checkModelFile(at('m.bin'))],
    ['a manifest', () => readManifest(at('m.bin'))],
    ['a model that names results', () => modelHash(at('m.onnx'))],
    ['a file that is told by its content', () => hashOfFile(at('m.bin'))],
    ['a picture', () => readPictureFile(at('m.png'))],
    ['frames of NV12', () => nv12FrameCount(at('m.nv12'), 4, 2)],
    ['one of them', () => readNv12Frame(at('m.nv12'), 4, 2, 0)],
    ['a recording', () => checkRecordingFile(at('m.mcap'))],
    ['a video', () => readVideo(at('m.mp4'), { command: 'false', everyPicture: [] }).next()],
    ['the bytes of one', () => openFileBytes(at('m.mcap'))],
  ])('%s is refused at once', async (_what, read) => {
    await expect(Promise.resolve().then(read)).rejects.toThrow(
      /\/m\.\w+(, read beside the model,)? cannot be read: it is a pipe, expected a file$/,
    );
  });
});

describe('texts', () => {
  it('come through a pipe as well', async () => {
    execFileSync('mkfifo', [at('text')]);
    const feeder = spawn('sh', ['-c', `{ echo first; sleep 0.1; echo second; } > ${at('text')}`]);
    expect(await readTextFile(at('text'))).toBe('first\nsecond\n');
    feeder.kill();
  });

  it('that never end are refused', async () => {
    await expect(readTextFile(at('device'))).rejects.toThrow(
      /device has 268\d{6} bytes; texts up to 268435456 are read$/,
    );
  });
});
