import { describe, expect, it } from 'vitest';
import { BufferPool } from '#dist/backends/session/bufferPool.js';
import { PreviewPool } from '#dist/backends/session/previewPool.js';

describe('BufferPool', () => {
  it('hands the same memory out again, also after a transfer there and back', () => {
    const pool = new BufferPool(64, 2);
    const first = pool.take();
    new Uint8Array(first)[0] = 7;
    const there = structuredClone(first, { transfer: [first] });
    pool.give(there);
    expect(new Uint8Array(pool.take())[0]).toBe(7);
    expect(pool.taken).toBe(1);
  });

  it('refuses more than its capacity', () => {
    const pool = new BufferPool(64, 1);
    const buffer = pool.take();
    expect(() => pool.take()).toThrow('opened for 1 at once');
    pool.give(buffer);
    expect(pool.take()).toBe(buffer);
  });
});

describe('PreviewPool', () => {
  it('keeps a few buffers of the size last asked for', () => {
    const pool = new PreviewPool();
    const buffers = Array.from({ length: 5 }, () => pool.take(16));
    for (const buffer of buffers) pool.give(buffer);
    const again = new Set(Array.from({ length: 5 }, () => pool.take(16)));
    expect(buffers.filter((buffer) => again.has(buffer))).toHaveLength(3);
    pool.give(buffers[0]!);
    expect(pool.take(32).byteLength).toBe(32);
    pool.give(buffers[1]!);
    expect(buffers).not.toContain(pool.take(16));
  });
});
