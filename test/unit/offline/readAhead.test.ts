import { expect, it } from 'vitest';
import type { InputSource, OfflineInput } from '#dist/offline/offlineInput.js';
import { openInput } from '#dist/offline/openInput.js';
import { PictureMemory } from '#dist/offline/pictureMemory.js';
import { type OpenedInput, ReadAhead } from '#dist/offline/readAhead.js';

/** Lets everything go on that waits for nothing else. */
const settle = () => new Promise(setImmediate);

const size = { widthPx: 4, heightPx: 2 };
const pictureBytes = 4 * 2 * 3;

/** Pictures of a video that has been decoded so far, and whether that has ended. */
class MadeVideo {
  decoded = 0;
  hasEnded = false;
  readonly source: InputSource;

  constructor(count: number) {
    this.source = {
      path: 'made.mp4',
      name: 'made',
      kind: 'video',
      frameNames: ['made_#'],
      isOneTopic: true,
      topics: [],
      frameCount: null,
      remarks: [],
      frames: () => this.#frames(count),
    };
  }

  async *#frames(count: number): AsyncGenerator<OfflineInput> {
    try {
      for (let number = 0; number < count; number++) {
        this.decoded++;
        const rgb = new Uint8Array(pictureBytes);
        yield { kind: 'video', path: 'made.mp4', name: `made_${number}`, number, ...size, timeNs: null, rgb };
      }
    } finally {
      this.hasEnded = true;
    }
  }
}

/** A reader, two ahead, with memory for so many pictures. */
function readerOf(video: MadeVideo, pictures: number): ReadAhead {
  const memory = new PictureMemory(false, pictures * pictureBytes);
  return new ReadAhead({
    sources: [video.source],
    aheadCount: 2,
    frameId: '',
    memory,
    open: openInput,
    signal: new AbortController().signal,
  });
}

async function isOpen(input: OpenedInput): Promise<boolean> {
  return Promise.race([input.frame.then(() => true), settle().then(() => false)]);
}

/** The next input, its frame closed as whoever prepares it does. */
async function take(reader: ReadAhead): Promise<OpenedInput> {
  const input = (await reader.next())!;
  input.frame.then(
    ({ lease }) => lease.close(),
    () => {},
  );
  return input;
}

it('reads two pictures beyond the one that was asked for', async () => {
  const video = new MadeVideo(9);
  const reader = readerOf(video, 9);
  const first = await take(reader);
  await settle();
  expect([first.index, video.decoded, await isOpen(first)]).toEqual([0, 3, true]);
  await reader.close();
  expect(video.hasEnded).toBe(true);
});

it('reads nothing more while a picture waits for memory, and goes on when one is left', async () => {
  const video = new MadeVideo(9);
  const reader = readerOf(video, 2);
  const inputs = [await take(reader), await take(reader), await take(reader)];
  await settle();
  expect(await Promise.all(inputs.map(isOpen))).toEqual([true, true, false]);
  // The third waits: the two behind it stay in the file.
  expect(video.decoded).toBe(3);
  inputs[0]!.leave();
  await settle();
  expect(await isOpen(inputs[2]!)).toBe(true);
  expect(video.decoded).toBe(4);
  for (const input of inputs) input.leave();
  const indices: number[] = [];
  for (let next = await reader.next(); next !== null; next = await reader.next()) {
    indices.push(next.index);
    (await next.frame).lease.close();
    next.leave();
  }
  expect(indices).toEqual([3, 4, 5, 6, 7, 8]);
  await reader.close();
});

it('closes what was read and never asked for, also where it still waits for memory', async () => {
  const video = new MadeVideo(9);
  const reader = readerOf(video, 1);
  const first = await take(reader);
  const second = await take(reader);
  await reader.close();
  expect(await isOpen(first)).toBe(true);
  await expect(second.frame).rejects.toThrow('no picture is taken any more');
  expect(video.hasEnded).toBe(true);
});

/** A video of one picture whose decoder gives nothing more until it is aborted, another one behind it, and who reads both. */
function readerOfSilence() {
  const controller = new AbortController();
  const silent: InputSource = {
    ...new MadeVideo(1).source,
    frames: async function* (signal) {
      yield* new MadeVideo(1).source.frames();
      await new Promise((_, reject) => {
        signal!.addEventListener('abort', () => reject(signal!.reason as Error));
      });
    },
  };
  const reader = new ReadAhead({
    sources: [silent, new MadeVideo(1).source],
    aheadCount: 2,
    frameId: '',
    memory: new PictureMemory(false),
    open: openInput,
    signal: controller.signal,
  });
  return { reader, abort: () => controller.abort(new Error('aborted')) };
}

it.each([
  ['after an abort', ({ abort }: ReturnType<typeof readerOfSilence>) => abort()],
  ['where it is ended', ({ reader }: ReturnType<typeof readerOfSilence>) => reader.end()],
])('has no more inputs %s, and gives those that were read before', async (_, end) => {
  const made = readerOfSilence();
  const { reader } = made;
  const [first, second] = [await take(reader), reader.next()];
  await settle();
  end(made);
  expect(first.index).toBe(0);
  expect(await second).toBeNull();
  expect(await reader.next()).toBeNull();
  await reader.close();
});

it('closes although a source gives nothing, when nobody has aborted', async () => {
  const { reader } = readerOfSilence();
  const first = await take(reader);
  await settle();
  await reader.close();
  expect(await isOpen(first)).toBe(true);
});
