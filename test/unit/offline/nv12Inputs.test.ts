import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { listInputs } from '#dist/offline/inputs.js';
import type { Nv12Input } from '#dist/offline/offlineInput.js';
import { openInput } from '#dist/offline/openInput.js';
import { PictureMemory } from '#dist/offline/pictureMemory.js';

const folder = mkdtempSync(join(tmpdir(), 'nv12-'));
afterAll(() => {
  rmSync(folder, { recursive: true });
});

const size = { widthPx: 4, heightPx: 2 };
const frameBytes = 12;

it('frames of NV12 keep their bytes until they are released, and only then does a later one take their memory', async () => {
  const path = join(folder, 'five.nv12');
  writeFileSync(
    path,
    Uint8Array.from({ length: 5 * frameBytes }, (_, at) => Math.floor(at / frameBytes) + 1),
  );
  const { sources } = await listInputs([path], { nv12Size: size, topics: null, ffmpeg: 'ffmpeg' });
  const inputs: Nv12Input[] = [];
  for await (const input of sources[0]!.frames()) inputs.push(input as Nv12Input);
  const memory = new PictureMemory(false);
  const open = async (frame: number) => {
    const opened = await openInput(inputs[frame]!, { sequence: frame, frameId: '' }, memory.enter());
    opened.lease.close();
    return { opened, bytes: opened.picture!.bytes };
  };
  const [first, second] = [await open(0), await open(1)];
  expect(second.bytes.buffer).not.toBe(first.bytes.buffer);
  first.opened.release();
  const third = await open(2);
  expect(third.bytes.buffer).toBe(first.bytes.buffer);
  const fourth = await open(3);
  expect([second, third, fourth].map(({ bytes }) => new Set(bytes))).toEqual([
    new Set([2]),
    new Set([3]),
    new Set([4]),
  ]);
});

it('files share the memory of released frames', async () => {
  const paths = Array.from({ length: 20 }, (_, index) => {
    const path = join(folder, `one${index}.nv12`);
    writeFileSync(path, new Uint8Array(frameBytes).fill(index + 1));
    return path;
  });
  const { sources } = await listInputs(paths, { nv12Size: size, topics: null, ffmpeg: 'ffmpeg' });
  const memory = new Set<ArrayBufferLike>();
  for (const [index, source] of sources.entries()) {
    for await (const input of source.frames()) {
      const place = new PictureMemory(false).enter();
      const { lease, picture, release } = await openInput(input, { sequence: index, frameId: '' }, place);
      lease.close();
      memory.add(picture!.bytes.buffer);
      expect(new Set(picture!.bytes)).toEqual(new Set([index + 1]));
      release();
    }
  }
  // Of frames that are read one after the other.
  expect(memory.size).toBe(1);
});
