import { describe, expect, it } from 'vitest';
import { solveLetterbox } from '#dist/core/geometry.js';
import { letterboxRgbPlanar } from '#dist/native/core.js';
import { type Lease, Recorder, useIntake } from './support/hbmem.js';
import { until } from './support/peer.js';

const intake = useIntake('overwrite_test');
const geometry = solveLetterbox(640, 480, 64, 64);

async function letterbox(lease: Lease): Promise<Float32Array> {
  const output = new ArrayBuffer(3 * 64 * 64 * 4);
  const request = { geometry, filter: 'auto', yuvRange: 'full', preview: null, output } as const;
  await letterboxRgbPlanar({ frame: lease.native, ...request });
  return new Float32Array(output);
}

/** Takes the first frame of `count` of a camera with five samples in shared memory, and holds it. */
async function holdOne(count = 400): Promise<{ lease: Lease; later: number[] }> {
  const recorder = new Recorder();
  let lease: Lease | null = null;
  const later: number[] = [];
  recorder.each((each) => {
    if (lease === null) {
      lease = each;
      return;
    }
    later.push(each.index);
    each.close();
  });
  await intake.startCameraInGraph({ count, rateHz: 120, linger: true });
  await intake.subscribe(recorder);
  await until(() => lease !== null);
  return { lease: lease!, later };
}

describe('a frame that is held', () => {
  it('reads unchanged at once, by the other addon too', async () => {
    // The only one, so that none overwrites it however long this takes.
    const { lease } = await holdOne(1);
    expect(lease.unchanged()).toBe(true);
    const pixels = await letterbox(lease);
    expect(pixels.some((value) => value !== 0)).toBe(true);
    lease.close();
    await expect(async () => letterbox(lease)).rejects.toMatchObject({ name: 'ClosedError' });
  });

  it('is known as overwritten once the camera has gone round its samples', async () => {
    const { lease, later } = await holdOne();
    expect(lease.loaned).toBe(true);
    const { index } = lease;
    await until(() => later.some((each) => each > index + 8));
    expect(lease.unchanged()).toBe(false);
    await expect(letterbox(lease)).rejects.toMatchObject({ name: 'FrameError', code: 'overwritten' });
    lease.close();
  });
});

describe('a slow reader', () => {
  it('gets the newest frame and never a queue', async () => {
    const recorder = new Recorder();
    const gaps: number[] = [];
    recorder.each((lease) => {
      // Longer than a frame: what comes meanwhile is replaced natively.
      const untilMs = performance.now() + 60;
      while (performance.now() < untilMs);
      lease.close();
    });
    const subscription = await intake.subscribe(recorder);
    const camera = intake.startCamera({ count: 60, rateHz: 60, linger: true });
    await camera.event('sent');
    await until(() => recorder.indices.at(-1) === 59);
    subscription.stopTaking();
    for (let i = 1; i < recorder.indices.length; i++)
      gaps.push(recorder.indices[i]! - recorder.indices[i - 1]!);
    expect(Math.max(...gaps)).toBeGreaterThanOrEqual(2);
    const { taken, returned, supersededNative, outstanding } = subscription.counters;
    expect(supersededNative).toBeGreaterThan(0);
    expect(taken).toBe(recorder.indices.length + supersededNative);
    expect(recorder.superseded).toBe(supersededNative);
    expect([returned, outstanding]).toEqual([taken, 0]);
  });
});
