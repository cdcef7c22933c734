/** Writes at most one line per topic and interval and says how many it left out. */
export class ThrottledLog {
  readonly #write: (text: string) => void;
  readonly #intervalMs: number;
  readonly #last = new Map<string, { writtenMs: number; suppressed: number }>();

  constructor(write: (text: string) => void, intervalMs = 2000) {
    this.#write = write;
    this.#intervalMs = intervalMs;
  }

  /** @param key Lines of one key share an interval. */
  log(key: string, text: string): void {
    const nowMs = performance.now();
    const last = this.#last.get(key);
    if (last !== undefined && nowMs - last.writtenMs < this.#intervalMs) {
      last.suppressed++;
      return;
    }
    const suppressed = last?.suppressed ?? 0;
    this.#last.set(key, { writtenMs: nowMs, suppressed: 0 });
    this.#write(suppressed === 0 ? text : `${text} (and ${suppressed} more like it)`);
  }
}
