import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { StoreError } from '#dist/core/errors.js';
import type { ByteRange } from '#dist/offline/byteSource.js';
import { downloaded } from '#dist/offline/store/download.js';
import { makeRandom } from '../../support/random.js';

const scratch = mkdtempSync(join(tmpdir(), 'download-'));
const random = makeRandom(3);
const content = Uint8Array.from({ length: 17 * 1024 * 1024 + 3 }, () => random() * 256);

afterAll(() => rmSync(scratch, { recursive: true }));

/** @param breaksAt Offset from which nothing comes. */
function source(breaksAt = Number.POSITIVE_INFINITY) {
  const asked: { expected: readonly ByteRange[]; read: ByteRange[] } = { expected: [], read: [] };
  return {
    asked,
    path: 's3://bags/run.db3',
    size: async () => BigInt(content.length),
    read: async (offset: bigint, length: bigint) => {
      asked.read.push({ offset, length });
      if (offset >= breaksAt) throw new StoreError('s3://bags/run.db3: the store did not do it', true, {});
      return content.slice(Number(offset), Number(offset + length));
    },
    expect: (parts: readonly ByteRange[]) => {
      asked.expected = parts;
    },
    close: async () => {},
  };
}

it('copies an object part by part, as it was told beforehand, and leaves nothing', async () => {
  const path = join(scratch, 'whole');
  const far = source();
  const near = await downloaded(far, path);
  expect(far.asked.read).toEqual(far.asked.expected);
  expect(far.asked.read.reduce((sum, { length }) => sum + length, 0n)).toBe(BigInt(content.length));
  expect(near.path).toBe('s3://bags/run.db3');
  expect(await near.size()).toBe(BigInt(content.length));
  expect(Buffer.compare(await near.read(0n, BigInt(content.length)), content)).toBe(0);
  const [offset, length] = [8_388_000, 1000];
  const part = await near.read(BigInt(offset), BigInt(length));
  expect(Buffer.compare(part, content.subarray(offset, offset + length))).toBe(0);
  await near.close();
  expect(existsSync(path)).toBe(false);
});

it('leaves nothing of an object that breaks off', async () => {
  const path = join(scratch, 'half');
  await expect(downloaded(source(10_000_000), path)).rejects.toThrow('the store did not do it');
  expect(existsSync(path)).toBe(false);
});

it('tells that this machine cannot take it as what may pass', async () => {
  const path = join(scratch, 'nowhere', 'copy');
  const error = await downloaded(source(), path).catch((fault: unknown) => fault);
  expect(error).toMatchObject({ isTemporary: true });
  expect((error as Error).message).toMatch(
    /run\.db3 has 17825795 bytes, which .*nowhere\/copy cannot take: the folder .* does not exist; TMPDIR names another place/,
  );
});
