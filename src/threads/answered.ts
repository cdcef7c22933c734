/**
 * A flag two threads share: whether the worker has posted its first answer, or will never. For those who wait
 * without an event loop.
 */
export function makeAnswered(): Int32Array {
  return new Int32Array(new SharedArrayBuffer(4));
}

/** Worker: the first answer, `ready` or `refused`, has been posted, or none will come. */
export function markAnswered(answered: Int32Array): void {
  Atomics.store(answered, 0, 1);
  Atomics.notify(answered, 0);
}

/** Blocks the calling thread until that is so; false if the time is over before. */
export function blockUntilAnswered(answered: Int32Array, timeoutMs: number): boolean {
  return Atomics.wait(answered, 0, 0, timeoutMs) !== 'timed-out';
}
