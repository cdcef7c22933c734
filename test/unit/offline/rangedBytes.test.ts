import { describe, expect, it } from 'vitest';
import { RangedBytes } from '#dist/offline/store/rangedBytes.js';

const kib = 1024;
const content = Uint8Array.from({ length: 40_000 * kib }, (_, at) => (at * 31 + (at >> 9)) & 255);

function ranged() {
  const requests: [number, number][] = [];
  const fetch = async (offset: number, length: number) => {
    requests.push([offset, length]);
    return content.slice(offset, offset + length);
  };
  return { requests, bytes: new RangedBytes('bag', BigInt(content.length), fetch, async () => {}) };
}

const isContent = (read: Uint8Array, at: number, length: number) =>
  Buffer.compare(read, content.subarray(at, at + length)) === 0;
const part = (offset: number, length: number) => ({ offset: BigInt(offset), length: BigInt(length) });

describe('parts that are told beforehand', () => {
  it('are joined over small gaps, not over large ones, and read once', async () => {
    const { bytes, requests } = ranged();
    const parts = [part(1000, 500 * kib), part(1000 + 520 * kib, 100 * kib), part(20_000 * kib, 64 * kib)];
    bytes.expect(parts);
    for (const { offset, length } of parts) {
      const read = await bytes.read(offset, length);
      expect(isContent(read, Number(offset), Number(length))).toBe(true);
    }
    expect(requests).toEqual([
      [1000, 620 * kib],
      [20_000 * kib, 64 * kib],
    ]);
    expect(bytes.cost).toEqual({ requests: 2, bytes: 684 * kib, askedBytes: 664 * kib });
  });

  it('are read one request ahead, and no further', async () => {
    const { bytes, requests } = ranged();
    const parts = [0, 1, 2, 3].map((n) => part(n * 5000 * kib, 4000 * kib));
    bytes.expect(parts);
    await bytes.read(parts[0]!.offset, parts[0]!.length);
    expect(requests.map(([offset]) => offset)).toEqual([0, 5000 * kib]);
    await bytes.read(parts[1]!.offset, parts[1]!.length);
    expect(requests.map(([offset]) => offset)).toEqual([0, 5000 * kib, 10_000 * kib]);
  });

  it('make no request larger than 8 MiB of several parts', async () => {
    const { bytes, requests } = ranged();
    const parts = Array.from({ length: 30 }, (_, n) => part(n * 1000 * kib, 1000 * kib));
    bytes.expect(parts);
    for (const { offset, length } of parts) await bytes.read(offset, length);
    expect(Math.max(...requests.map(([, length]) => length))).toBe(8000 * kib);
    expect(bytes.cost.bytes).toBe(30_000 * kib);
  });
});

describe('parts that nobody told of', () => {
  it('are read with what lies behind them, more where reading goes on', async () => {
    const { bytes, requests } = ranged();
    for (let at = 0; at < 6000 * kib; at += 32 * kib) {
      const read = await bytes.read(BigInt(at), 32n * 1024n);
      expect(isContent(read, at, 32 * kib)).toBe(true);
    }
    expect(requests).toEqual([
      [0, 64 * kib],
      [64 * kib, 256 * kib],
      [320 * kib, 1024 * kib],
      [1344 * kib, 4096 * kib],
      [5440 * kib, 8192 * kib],
    ]);
  });

  it('end where the object does, and there are read with what lies before', async () => {
    const { bytes, requests } = ranged();
    const at = content.length - 8;
    expect(await bytes.read(BigInt(at), 8n)).toEqual(content.slice(at));
    expect(await bytes.read(BigInt(at - 1000), 500n)).toEqual(content.slice(at - 1000, at - 500));
    expect(requests).toEqual([[content.length - 64 * kib, 64 * kib]]);
  });

  it('are not read again where they are told later', async () => {
    const { bytes, requests } = ranged();
    await bytes.read(0n, 8n);
    bytes.expect([part(100, 1000)]);
    expect(await bytes.read(100n, 1000n)).toEqual(content.slice(100, 1100));
    expect(requests).toEqual([[0, 64 * kib]]);
  });
});

it('a request that failed is told to whoever reads it, also one made ahead', async () => {
  let count = 0;
  const fetch = async (_: number, length: number) => {
    if (++count > 1) throw new Error('gone');
    return new Uint8Array(length);
  };
  const bytes = new RangedBytes('bag', 1n << 30n, fetch, async () => {});
  bytes.expect([part(0, 8), part(1 << 20, 8)]);
  await bytes.read(0n, 8n);
  await expect(bytes.read(1n << 20n, 8n)).rejects.toThrow('gone');
});
