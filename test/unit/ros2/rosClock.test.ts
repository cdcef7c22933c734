import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { RosClock } from '#dist/ros2/rcl/rosClock.js';

let tell: ((cdr: Buffer) => void) | null = null;
const makeClock = () =>
  new RosClock({
    hear: (_type, _topic, onMessage) => {
      tell = onMessage;
      return () => {
        tell = null;
      };
    },
  });

/** rosgraph_msgs/Clock in either byte order. */
function message(sec: number, nanosec: number, isLittleEndian = true): Buffer {
  const cdr = Buffer.from([0, isLittleEndian ? 1 : 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0]);
  if (isLittleEndian) {
    cdr.writeInt32LE(sec, 4);
    cdr.writeUInt32LE(nanosec, 8);
  } else {
    cdr.writeInt32BE(sec, 4);
    cdr.writeUInt32BE(nanosec, 8);
  }
  return cdr;
}

beforeEach(() => vi.useFakeTimers({ now: 5_000_000, toFake: ['Date', 'performance'] }));
afterEach(() => vi.useRealTimers());

describe('RosClock', () => {
  it("is the system's until it is simulated, and again afterwards", () => {
    const clock = makeClock();
    expect([clock.kind, clock.nowNs(), clock.stamp()]).toEqual([
      'system',
      5_000_000_000_000n,
      { sec: 5000, nanosec: 0 },
    ]);
    clock.simulate(true);
    tell!(message(7, 8));
    clock.simulate(false);
    expect([clock.kind, clock.nowNs(), tell]).toEqual(['system', 5_000_000_000_000n, null]);
  });

  it.each([true, false])('takes the time of /clock, little endian: %s', (isLittleEndian) => {
    const clock = makeClock();
    clock.simulate(true);
    expect([clock.kind, clock.nowNs(), clock.realtimeMs()]).toEqual(['simulated, not heard', null, null]);
    expect(clock.stamp()).toEqual({ sec: 0, nanosec: 0 });
    tell!(message(1_712_345_678, 987_654_321, isLittleEndian));
    expect([clock.kind, clock.nowNs()]).toEqual(['simulated', 1_712_345_678_987_654_321n]);
    expect(clock.stamp()).toEqual({ sec: 1_712_345_678, nanosec: 987_654_321 });
  });

  it('passes with the simulation, stands still with it, and does not run backwards when a bag begins anew', () => {
    const clock = makeClock();
    clock.simulate(true);
    tell!(message(100, 0));
    const startMs = clock.elapsedMs();
    vi.advanceTimersByTime(60_000);
    expect(clock.elapsedMs() - startMs).toBe(0);
    tell!(message(101, 500_000_000));
    expect(clock.elapsedMs() - startMs).toBe(1500);
    tell!(message(50, 0));
    tell!(message(51, 0));
    expect(clock.elapsedMs() - startMs).toBe(2500);
  });

  it('warns where nothing comes on /clock for two seconds', () => {
    const clock = makeClock();
    clock.simulate(true);
    vi.advanceTimersByTime(1999);
    expect(clock.warning).toBeNull();
    vi.advanceTimersByTime(1);
    expect(clock.warning).toMatch(/nothing has come on \/clock/);
    tell!(message(1, 0));
    expect(clock.warning).toBeNull();
  });
});
