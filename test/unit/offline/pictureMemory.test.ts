import { expect, it } from 'vitest';
import { type PicturePlace, PictureMemory } from '#dist/offline/pictureMemory.js';

/** Lets everything go on that waits for nothing else. */
const settle = () => new Promise(setImmediate);

/** For pictures of one row: 3 bytes a pixel, of which 12 pixels fill the memory. */
function memoryOf12(isDrawn = false) {
  const memory = new PictureMemory(isDrawn, 36);
  const inside: string[] = [];
  const told = (taken: Promise<void>, name: string) => {
    taken.then(
      () => inside.push(name),
      (error: unknown) => inside.push(`${name}: ${(error as Error).message}`),
    );
  };
  const take = (place: PicturePlace, name: string, widthPx: number) =>
    told(place.takePixels({ widthPx, heightPx: 1 }), name);
  const takeFile = (place: PicturePlace, name: string, bytes: number) => told(place.takeFile(bytes), name);
  return { memory, inside, take, takeFile };
}

it('lets in what there is room for, and the next when somebody leaves', async () => {
  const { memory, inside, take } = memoryOf12();
  const [a, b, c] = [memory.enter(), memory.enter(), memory.enter()];
  take(a, 'a', 6);
  take(b, 'b', 6);
  take(c, 'c', 1);
  await settle();
  expect(inside).toEqual(['a', 'b']);
  b.leave();
  b.leave();
  await settle();
  expect(inside).toEqual(['a', 'b', 'c']);
});

it('counts what a picture is decoded from, and the overlay that is drawn of it', async () => {
  const { memory, inside, take, takeFile } = memoryOf12(true);
  const [a, b] = [memory.enter(), memory.enter()];
  // 4 pixels of 7 bytes and 5 bytes, of 36.
  takeFile(a, 'file of a', 5);
  take(a, 'a', 4);
  await settle();
  takeFile(b, 'file of b', 4);
  await settle();
  expect(inside).toEqual(['file of a', 'a']);
  a.leave();
  await settle();
  expect(inside).toEqual(['file of a', 'a', 'file of b']);
});

it('gives the first whatever it asks for, whom the others wait for, and lets none in beside it', async () => {
  const { memory, inside, take } = memoryOf12();
  const [a, big, c] = [memory.enter(), memory.enter(), memory.enter()];
  take(a, 'a', 1);
  take(big, 'big', 1000);
  take(c, 'c', 1);
  await settle();
  expect(inside).toEqual(['a']);
  a.leave();
  await settle();
  expect(inside).toEqual(['a', 'big']);
  big.leave();
  await settle();
  expect(inside).toEqual(['a', 'big', 'c']);
});

it('gives the first its pixels although the files of those behind it fill the memory', async () => {
  const { memory, inside, take, takeFile } = memoryOf12();
  const [a, b] = [memory.enter(), memory.enter()];
  takeFile(b, 'file of b', 36);
  await settle();
  take(a, 'a', 12);
  take(b, 'b', 1);
  await settle();
  expect(inside).toEqual(['file of b', 'a']);
  a.leave();
  await settle();
  expect(inside).toEqual(['file of b', 'a', 'b']);
});

it('is idle while nobody waits', async () => {
  const { memory, take } = memoryOf12();
  const [a, b] = [memory.enter(), memory.enter()];
  await memory.idle();
  take(a, 'a', 12);
  await memory.idle();
  take(b, 'b', 12);
  let isIdle = false;
  void memory.idle().then(() => {
    isIdle = true;
  });
  await settle();
  expect(isIdle).toBe(false);
  a.leave();
  await settle();
  expect(isIdle).toBe(true);
});

it('refuses those that wait and those that come when it is closed', async () => {
  const { memory, inside, take } = memoryOf12();
  const [a, b, c] = [memory.enter(), memory.enter(), memory.enter()];
  take(a, 'a', 12);
  take(b, 'b', 12);
  memory.close();
  take(c, 'c', 1);
  await settle();
  expect(inside.sort()).toEqual(['a', 'b: no picture is taken any more', 'c: no picture is taken any more']);
  await memory.idle();
});
