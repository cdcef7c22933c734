import { afterEach, expect, it, vi } from 'vitest';
import { settledWithin } from '#dist/core/deadline.js';

const farMs = 600_000;

afterEach(() => void vi.useRealTimers());

it.each([
  ['is kept', async () => 1],
  ['is broken', () => Promise.reject(new Error('broken'))],
])('a promise that %s in time has settled', async (_, begin) => {
  expect(await settledWithin(begin(), farMs)).toBe(true);
});

it('a promise that stays open has not settled', async () => {
  expect(await settledWithin(new Promise(() => {}), 1)).toBe(false);
});

it('no timer is left when the promise settles first', async () => {
  vi.useFakeTimers();
  const waiting = settledWithin(Promise.resolve(), farMs);
  expect(vi.getTimerCount()).toBe(1);
  await waiting;
  expect(vi.getTimerCount()).toBe(0);
});
