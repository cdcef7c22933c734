import { describe, expect, it } from 'vitest';
import { isInShard, parseShard, shardOfEngine } from '#dist/offline/batch/shard.js';

describe('shards', () => {
  it('take each address once, about as many each, whatever else there is', () => {
    const addresses = Array.from({ length: 1000 }, (_, n) => `s3://bags/day/${n}.mcap`);
    const shards = Array.from({ length: 8 }, (_, index) => ({ index, count: 8 }));
    const of = (address: string) => shards.filter((shard) => isInShard(address, shard)).map((s) => s.index);
    const owners = addresses.map(of);
    expect(owners.every((one) => one.length === 1)).toBe(true);
    for (const { index } of shards) {
      const count = owners.filter(([owner]) => owner === index).length;
      expect(count).toBeGreaterThan(80);
      expect(count).toBeLessThan(170);
    }
    // sha256sum of the address, its first 16 hexadecimal digits modulo 8 by Python.
    expect(of('s3://bags/day/0.mcap')).toEqual([2]);
  });

  it.each([
    ['0/8', { index: 0, count: 8 }],
    ['7/8', { index: 7, count: 8 }],
  ])('%s', (text, shard) => {
    expect(parseShard(text)).toEqual(shard);
  });

  it.each(['8/8', '0/0', '-1/8', '1', '1/8/9', '', '0.5/2'])('refuse %s', (text) => {
    expect(() => parseShard(text)).toThrow(/expected/);
  });

  it.each([
    [{ JOB_COMPLETION_INDEX: '3' }, 8, { index: 3, count: 8 }],
    [{ AWS_BATCH_JOB_ARRAY_INDEX: '0' }, 8, { index: 0, count: 8 }],
    [{ AWS_BATCH_JOB_ARRAY_INDEX: '4', AWS_BATCH_JOB_ARRAY_SIZE: '5' }, null, { index: 4, count: 5 }],
    [{}, null, null],
  ])('of an engine: %o, %o workers', (environment, count, shard) => {
    expect(shardOfEngine(environment, count)).toEqual(shard);
  });

  it.each([
    [{}, 8, /neither JOB_COMPLETION_INDEX nor AWS_BATCH_JOB_ARRAY_INDEX.*--shard INDEX\/8/],
    [{ JOB_COMPLETION_INDEX: '3' }, null, /JOB_COMPLETION_INDEX is 3.*--shards COUNT/],
    [{ JOB_COMPLETION_INDEX: 'x' }, 8, /JOB_COMPLETION_INDEX is "x": expected a whole number/],
    [{ JOB_COMPLETION_INDEX: '8' }, 8, /8 of 8 workers: expected an index/],
  ])('of an engine that leaves it open: %o, %o workers', (environment, count, message) => {
    expect(() => shardOfEngine(environment, count)).toThrow(message);
  });
});
