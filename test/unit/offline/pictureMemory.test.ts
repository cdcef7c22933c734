import { expect, it } from 'vitest';
import { type PicturePlace, PictureMemory } from '#dist/offline/pictureMemory.js';

/** Lets everything go on that waits for nothing else. */
const settle = () => new Promise(setImmediate);

/** Pictures of one row: 3 bytes a pixel, of which 12 pixels fill the memory. */
function memoryOf12(isDrawn = false) {
  const memory = new PictureMemory(isDrawn, 36);
  const inside: string[] = [];
  const take = (place: PicturePlace, name: string, widthPx: number, fileBytes = 0) => {
    place.take({ widthPx, heightPx: 1 }, fileBytes).then(
      () => inside.push(name),
      (error: unknown) => inside.push(`${name}: ${(error as Error).message}`),
    );
  };
  return { memory, inside, take };
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
  const { memory, inside, take } = memoryOf12(true);
  const [a, b] = [memory.enter(), memory.enter()];
  // 4 pixels of 7 bytes and 5 bytes, of 36.
  take(a, 'a', 4, 5);
  take(b, 'b', 0, 4);
  await settle();
  expect(inside).toEqual(['a']);
  a.leave();
  await settle();
  expect(inside).toEqual(['a', 'b']);
});

it('lets a picture that is larger than all of it in alone', async () => {
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

it('keeps the order in which they entered, whichever size is known first', async () => {
  const { memory, inside, take } = memoryOf12();
  const [a, b, c] = [memory.enter(), memory.enter(), memory.enter()];
  take(c, 'c', 1);
  take(b, 'b', 1);
  await settle();
  expect(inside).toEqual([]);
  // It had no size that could be told.
  a.leave();
  await settle();
  expect(inside).toEqual(['b', 'c']);
});

it('is idle while nobody waits whose size is known', async () => {
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
  expect(inside).toEqual(['a', 'b: no picture is taken any more', 'c: no picture is taken any more']);
  await memory.idle();
});
