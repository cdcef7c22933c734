/** Milliseconds of a clock that all threads share; `performance.now()` starts anew in each. */
export function sharedClockMs(): number {
  const [seconds, nanoseconds] = process.hrtime();
  return seconds * 1000 + nanoseconds / 1e6;
}
