import { counted, shown } from '../core/words.js';

const redrawMs = 200;
/** Into a file or pipe a line now and then. */
const lineMs = 10_000;

/** Tells how far a command is: one line that is redrawn on a terminal, plain lines elsewhere. */
export class Progress {
  readonly #what: string;
  readonly #total: number | null;
  readonly #isTerminal = process.stderr.isTTY;
  readonly #startMs = performance.now();
  #shownMs = this.#startMs;

  /**
   * @param what One of the things that are counted.
   * @param total Null where nobody knows.
   */
  constructor(what: string, total: number | null) {
    this.#what = what;
    this.#total = total;
  }

  /** Says how many are done, with the rate and the time left; not more often than can be read. */
  show(done: number): void {
    const nowMs = performance.now();
    if (nowMs - this.#shownMs < (this.#isTerminal ? redrawMs : lineMs)) return;
    this.#shownMs = nowMs;
    const ratePerS = (done * 1000) / (nowMs - this.#startMs);
    const rate = `${ratePerS.toFixed(1)}/s`;
    const text =
      this.#total === null
        ? `${counted(done, this.#what)}, ${rate}`
        : `${done} of ${counted(this.#total, this.#what)}, ${rate}, ${Math.ceil((this.#total - done) / ratePerS)} s left`;
    process.stderr.write(this.#isTerminal ? `\r\x1b[K${text}` : `${text}\n`);
  }

  /** Says something that stays. */
  tell(text: string): void {
    this.end();
    process.stderr.write(`${shown(text)}\n`);
  }

  /** Leaves a terminal's line empty. */
  end(): void {
    if (this.#isTerminal) process.stderr.write('\r\x1b[K');
  }
}
