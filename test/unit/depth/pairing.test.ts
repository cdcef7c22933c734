import { expect, it } from 'vitest';
import { DepthPairing, type PairingLimits } from '#dist/depth/pairing.js';

const ms = 1_000_000n;
const limits: PairingLimits = { toleranceNs: 20n * ms, maxWaitMs: 100 };
const pictureAt = (stampMs: number) => ({ stampNs: BigInt(stampMs) * ms });

/** A pairing of numbered results, whose clock the test turns. */
class Clocked {
  readonly pairing = new DepthPairing<{ readonly stampNs: bigint }, string>();
  nowMs = 1000;

  depth(...stampsMs: readonly number[]): this {
    for (const stampMs of stampsMs) this.pairing.addPicture(pictureAt(stampMs), 4);
    return this;
  }

  result(name: string, stampMs: number): this {
    this.pairing.addResult(name, BigInt(stampMs) * ms, this.nowMs);
    return this;
  }

  after(passedMs: number): this {
    this.nowMs += passedMs;
    return this;
  }

  /** What is decided now: `name=stamp` in ms, or `name:reason offMs`. */
  taken(): string[] {
    return this.pairing.take(this.nowMs, limits).map(({ job, outcome }) => {
      if (outcome.kind === 'paired') return `${job}=${outcome.picture.stampNs / ms}`;
      return `${job}:${outcome.reason} ${outcome.offNs === null ? 'none' : outcome.offNs / ms}`;
    });
  }
}

it('a picture of the same stamp is taken at once, before or after the result', () => {
  const clocked = new Clocked().depth(10).result('a', 10);
  expect(clocked.taken()).toEqual(['a=10']);
  clocked.result('b', 40);
  expect(clocked.taken()).toEqual([]);
  expect(clocked.depth(40).taken()).toEqual(['b=40']);
});

it('each picture that no result will get any more is told once', () => {
  const forgotten: bigint[] = [];
  const pairing = new DepthPairing<{ readonly stampNs: bigint }, string>(({ stampNs }) => {
    forgotten.push(stampNs / ms);
  });
  const add = (...stampsMs: readonly number[]) => {
    forgotten.length = 0;
    for (const stampMs of stampsMs) pairing.addPicture(pictureAt(stampMs), 2);
    return [...forgotten];
  };
  expect(add(10, 20)).toEqual([]);
  expect(add(30)).toEqual([10n]);
  expect(add(30)).toEqual([30n]);
  // Another clock: none of those before is of use.
  expect(add(5)).toEqual([20n, 30n]);
  forgotten.length = 0;
  pairing.clear();
  expect(forgotten).toEqual([5n]);
});

it('of pictures with one stamp the last is taken', () => {
  const { pairing } = new Clocked();
  const [first, last] = [pictureAt(0), pictureAt(0)];
  pairing.addPicture(first, 4);
  pairing.addPicture(last, 4);
  pairing.addResult('a', 0n, 0);
  const [taken] = pairing.take(0, limits);
  expect(taken?.outcome).toMatchObject({ kind: 'paired' });
  expect((taken!.outcome as { picture: unknown }).picture).toBe(last);
});

it('the nearest of several is taken, once a newer one shows that none nearer comes', () => {
  const clocked = new Clocked().depth(10).result('a', 24);
  expect(clocked.taken()).toEqual([]);
  expect(clocked.depth(30).taken()).toEqual(['a=30']);
  expect(new Clocked().depth(15).result('a', 22).depth(40).taken()).toEqual(['a=15']);
});

it('what is still open when the time is up gets the nearest that is there', () => {
  const clocked = new Clocked().depth(10).result('a', 24);
  expect(clocked.after(99).taken()).toEqual([]);
  expect(clocked.pairing.nextDueMs(limits)).toBe(1100);
  expect(clocked.after(1).taken()).toEqual(['a=10']);
  expect(clocked.pairing.nextDueMs(limits)).toBeNull();
});

it('without a picture a result goes on when the time is up, and says that there was none', () => {
  expect(new Clocked().result('a', 24).after(100).taken()).toEqual(['a:no_depth none']);
});

it('a picture that is off by more than the tolerance is none, and told at once where no other can come', () => {
  expect(new Clocked().depth(0, 45).result('a', 24).taken()).toEqual(['a:stamp 21']);
  expect(new Clocked().depth(0, 44).result('a', 24).taken()).toEqual(['a=44']);
  expect(new Clocked().depth(3).result('a', 24).after(100).taken()).toEqual(['a:stamp 21']);
});

it('results keep their order: a decided one waits for those before it', () => {
  const clocked = new Clocked().result('a', 33).depth(0).after(50).result('b', 0);
  expect(clocked.taken()).toEqual([]);
  expect(clocked.depth(33).taken()).toEqual(['a=33', 'b=0']);
});

it('two results may have one picture, as where the camera is faster', () => {
  expect(new Clocked().result('a', 30).result('b', 40).depth(40).taken()).toEqual(['a=40', 'b=40']);
});

it('a clock that goes back makes older pictures useless', () => {
  const clocked = new Clocked().depth(1000, 1033).depth(5).result('a', 5).result('b', 1033);
  expect(clocked.taken()).toEqual(['a=5']);
  expect(clocked.after(100).taken()).toEqual(['b:stamp 1028']);
});

it('keeps the last pictures only', () => {
  const clocked = new Clocked().depth(0, 33, 66, 99, 132).result('a', 0);
  expect(clocked.taken()).toEqual(['a:stamp 33']);
});

it('forgets everything at the end, and says what waited', () => {
  const clocked = new Clocked().depth(0).result('a', 33).result('b', 66);
  expect(clocked.pairing.clear()).toEqual(['a', 'b']);
  expect(clocked.pairing.waiting).toBe(0);
  expect(clocked.result('c', 0).after(100).taken()).toEqual(['c:no_depth none']);
});
