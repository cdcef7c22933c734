import type { CompileEvent } from '../../toolchain/compile/compileRequest.js';
import type { ToolProgress } from '../../toolchain/compile/toolProgress.js';

/** `8 s`, `3:05`. */
function describeSeconds(seconds: number): string {
  const whole = Math.round(seconds);
  if (whole < 100) return `${seconds < 10 ? seconds.toFixed(1) : whole} s`;
  return `${Math.floor(whole / 60)}:${String(whole % 60).padStart(2, '0')} min`;
}

function describeProgress({ step, percent, secondsLeft }: ToolProgress): string {
  const done = percent === null ? '' : ` ${percent} %`;
  const left = secondsLeft === null || percent === 100 ? '' : `, ${describeSeconds(secondsLeft)} left`;
  return `      ${step}${done}${left}`;
}

/** Where a text goes that a person watches. */
export interface ProgressOutput {
  readonly isTerminal: boolean;
  readonly write: (text: string) => void;
}

/** Without a terminal, which draws over the last line, one line in so many per cent. */
const shownPercent = 25;

/** Shows the events of a compilation: a line per stage and step, and in a terminal how far the step is. */
export class CompileProgress {
  readonly #output: ProgressOutput;
  #title = '';
  #isDrawn = false;
  #shown = { step: '', percent: 0 };

  constructor(output: ProgressOutput) {
    this.#output = output;
  }

  show(event: CompileEvent): void {
    if (event.kind === 'progress') {
      this.#progress(event.progress);
    } else if (event.kind === 'begin') {
      this.#title = `[${event.number}/${event.count}] ${event.title}`;
      this.#shown = { step: '', percent: 0 };
      if (this.#output.isTerminal) this.#draw(this.#title);
    } else {
      const how = event.isKept
        ? `kept, took ${describeSeconds(event.seconds)}`
        : describeSeconds(event.seconds);
      this.#line(`${this.#title}: ${how}${event.detail === '' ? '' : `; ${event.detail}`}`);
    }
  }

  /** Ends a line that was drawn, before something else is written. */
  close(): void {
    if (this.#isDrawn) this.#output.write('\n');
    this.#isDrawn = false;
  }

  #progress(progress: ToolProgress): void {
    const { step, percent } = progress;
    if (this.#output.isTerminal) {
      this.#draw(`${this.#title}:${describeProgress(progress).replace(/^ +/, ' ')}`);
      return;
    }
    const isNew = step !== this.#shown.step;
    if (!isNew && (percent ?? 0) < this.#shown.percent + shownPercent) return;
    this.#shown = { step, percent: percent ?? 0 };
    this.#line(describeProgress(progress));
  }

  /** Over the line that was drawn before. */
  #draw(text: string): void {
    this.#output.write(`\r\x1b[K${text}`);
    this.#isDrawn = true;
  }

  #line(text: string): void {
    this.#output.write(`${this.#isDrawn ? '\r\x1b[K' : ''}${text}\n`);
    this.#isDrawn = false;
  }
}
