import { describe, expect, it } from 'vitest';
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
  expect(add(1010, 1020)).toEqual([]);
  expect(add(1030)).toEqual([1010n]);
  expect(add(1030)).toEqual([1030n]);
  // Late, and too old to be one of the two that are kept.
  expect(add(1005)).toEqual([1005n]);
  expect(add(1025)).toEqual([1020n]);
  // Another clock: none of those before is of use.
  expect(add(5)).toEqual([1025n, 1030n]);
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

describe('pictures that come out of order', () => {
  it('take their places: nothing that waited or was there is lost', () => {
    const clocked = new Clocked().depth(0, 66, 33);
    expect(clocked.result('a', 0).result('b', 33).result('c', 66).taken()).toEqual(['a=0', 'b=33', 'c=66']);
  });

  it('are waited for while they come late, by as much as they did, where no picture has the very stamp', () => {
    const clocked = new Clocked().depth(100, 60, 140).result('a', 125);
    expect(clocked.taken()).toEqual([]);
    expect(clocked.depth(128).taken()).toEqual([]);
    expect(clocked.depth(170).taken()).toEqual(['a=128']);
    expect(clocked.result('b', 170).taken()).toEqual(['b=170']);
  });

  it('are decided at once again when those that were late are forgotten', () => {
    const clocked = new Clocked().depth(100, 60, 140, 180, 220, 260).result('a', 255);
    expect(clocked.taken()).toEqual(['a=260']);
  });

  it('of two publishers, one half a second behind the other, are all of use', () => {
    const clocked = new Clocked().depth(1000, 500, 1033, 533);
    expect(clocked.result('a', 533).result('b', 1000).taken()).toEqual(['a=533', 'b=1000']);
  });

  it('and older than the newest by more than half a second come from another time', () => {
    const clocked = new Clocked().depth(1000, 499).result('a', 1000);
    expect(clocked.after(100).taken()).toEqual(['a:stamp 501']);
  });

  it('five times in a row come from a clock that went back a little', () => {
    const four = new Clocked().depth(900, 933, 700, 733).result('a', 933);
    expect(four.taken()).toEqual(['a=933']);
    const five = new Clocked().depth(900, 933, 700, 733, 766, 799, 832).result('a', 933);
    expect(five.after(100).taken()).toEqual(['a:stamp 101']);
    expect(five.depth(865).result('b', 865).taken()).toEqual(['b=865']);
  });

  it('keep the last of one stamp, wherever it stands', () => {
    const { pairing } = new Clocked();
    const late = pictureAt(33);
    for (const picture of [pictureAt(0), pictureAt(33), pictureAt(66), late]) pairing.addPicture(picture, 4);
    pairing.addResult('a', 33n * ms, 0);
    const [taken] = pairing.take(0, limits);
    expect((taken!.outcome as { picture: unknown }).picture).toBe(late);
  });
});

it('a result whose picture is of no use yet waits for as long as it may, and those behind it', () => {
  const clocked = new Clocked().depth(0, 33).result('a', 0).after(60).result('b', 33);
  const isUsable = () => false;
  const take = () => clocked.pairing.take(clocked.nowMs, limits, isUsable).map(({ job }) => job);
  expect(take()).toEqual([]);
  clocked.after(40);
  expect(take()).toEqual(['a']);
  expect(clocked.taken()).toEqual(['b=33']);
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
