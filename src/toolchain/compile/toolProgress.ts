/** What a tool tells of its progress. */
export interface ToolProgress {
  /** `calibrate the model`. */
  readonly step: string;
  /** 0 to 100; null where the tool does not say. */
  readonly percent: number | null;
  /** Until the step ends; null where nothing tells. */
  readonly secondsLeft: number | null;
}

const stepBegin = /\bStart to (.+?)\.?$/;
const stepEnd = /\bEnd to /;
/** The compiler's bar, `[===-   ]  7%`, and that of Python's tqdm, `calibration in progress:  40%|`. */
const percentage = /(?:^\[[=\- ]+\]|:)\s+(\d{1,3})%/;
/** An extrapolation over less than this is no more than a guess. */
const leastTellingPercent = 3;

/** Reads a tool's output as it comes and tells when something has changed. */
export class ToolProgressReader {
  readonly #onProgress: (progress: ToolProgress) => void;
  readonly #nowMs: () => number;
  #rest = '';
  #step = '';
  /** When a bar was first seen, and how far it was. */
  #bar = { beginMs: 0, percent: 0 };
  #percent: number | null = null;

  constructor(onProgress: (progress: ToolProgress) => void, nowMs = () => performance.now()) {
    this.#onProgress = onProgress;
    this.#nowMs = nowMs;
  }

  read(text: string): void {
    const lines = (this.#rest + text).split(/[\r\n]+/);
    this.#rest = lines.pop() ?? '';
    for (const line of lines) this.#readLine(line);
    // A bar is drawn over without a line's end.
    this.#readPercent(this.#rest);
  }

  #readLine(line: string): void {
    const step = stepBegin.exec(line)?.[1];
    if (step !== undefined) this.#begin(step);
    else if (stepEnd.test(line)) this.#percent = null;
    else this.#readPercent(line);
  }

  #begin(step: string): void {
    this.#step = step;
    this.#percent = null;
    this.#onProgress({ step, percent: null, secondsLeft: null });
  }

  #readPercent(line: string): void {
    const match = percentage.exec(line);
    if (match === null || this.#step === '') return;
    const percent = Number(match[1]);
    // A bar that begins anew is that of another part of the step.
    if (percent > 100 || percent === this.#percent) return;
    if (this.#percent === null || percent < this.#percent) this.#bar = { beginMs: this.#nowMs(), percent };
    this.#percent = percent;
    const done = percent - this.#bar.percent;
    const seconds = (this.#nowMs() - this.#bar.beginMs) / 1000;
    const secondsLeft = done < leastTellingPercent ? null : (seconds * (100 - percent)) / done;
    this.#onProgress({ step: this.#step, percent, secondsLeft });
  }
}
