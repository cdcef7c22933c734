import { expect, it } from 'vitest';
import { DepthMemory } from '#dist/depth/depthMemory.js';

const pictureIn = (piece: SharedArrayBuffer) => ({ values: new Uint16Array(piece) });

it('a piece is taken again only when the last of those who hold it has released it', () => {
  const memory = new DepthMemory();
  const first = memory.take(8);
  memory.hold(pictureIn(first));
  memory.release(pictureIn(first));
  const second = memory.take(8);
  expect(second).not.toBe(first);
  memory.release(pictureIn(first));
  expect(memory.take(8)).toBe(first);
  expect(memory.take(8).byteLength).toBe(8);
});

it('one released once too often is handed out once', () => {
  const memory = new DepthMemory();
  const piece = memory.take(8);
  for (let time = 0; time < 3; time++) memory.release(pictureIn(piece));
  expect(memory.take(8)).toBe(piece);
  expect(memory.take(8)).not.toBe(piece);
});

it('pieces of another size are let go', () => {
  const memory = new DepthMemory();
  const small = memory.take(8);
  memory.release(pictureIn(small));
  expect(memory.take(16).byteLength).toBe(16);
  expect(memory.take(8)).not.toBe(small);
});

it('a stream that keeps sixteen pictures and reads two goes round in nineteen pieces', () => {
  const memory = new DepthMemory();
  const pieces = new Set<SharedArrayBuffer>();
  const kept: SharedArrayBuffer[] = [];
  const read: SharedArrayBuffer[] = [];
  for (let picture = 0; picture < 1000; picture++) {
    const piece = memory.take(64);
    pieces.add(piece);
    kept.push(piece);
    memory.hold(pictureIn(piece));
    read.push(piece);
    if (kept.length > 16) memory.release(pictureIn(kept.shift()!));
    if (read.length > 2) memory.release(pictureIn(read.shift()!));
    // Nobody's picture is written over.
    expect(new Set([...kept, ...read]).size).toBe(kept.length);
  }
  expect(pieces.size).toBeLessThanOrEqual(19);
});
