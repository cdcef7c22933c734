/** How long opening a model may take unless somebody says otherwise, milliseconds: on a board it is a second or two. */
export const defaultOpenTimeoutMs = 60_000;

/** Milliseconds of a clock that all threads share; `performance.now()` starts anew in each. */
export function sharedClockMs(): number {
  const [seconds, nanoseconds] = process.hrtime();
  return seconds * 1000 + nanoseconds / 1e6;
}
