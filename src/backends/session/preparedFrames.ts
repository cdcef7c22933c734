import { ClosedError } from '../../core/errors.js';
import type { PreparedFrame } from '../../core/ports.js';

/**
 * What prepared frames hold, by frame. It is handed out once per frame: to `run` or to `discard`.
 *
 * A caller that lets go of a frame without either has a bug: a warning says so when the frame is garbage collected, and
 * what it held goes to `giveBack`.
 */
export class PreparedFrames<Held extends object> {
  readonly #held = new WeakMap<PreparedFrame, Held>();
  readonly #forgotten: FinalizationRegistry<{ readonly held: Held; readonly sequence: number }>;

  constructor(giveBack: (held: Held) => void) {
    this.#forgotten = new FinalizationRegistry(({ held, sequence }) => {
      process.emitWarning(`frame ${sequence} was prepared, and neither run nor discarded`);
      giveBack(held);
    });
  }

  add(prepared: PreparedFrame, held: Held): void {
    this.#held.set(prepared, held);
    this.#forgotten.register(prepared, { held, sequence: prepared.header.sequence }, prepared);
  }

  /** Throws ClosedError `prepared_used` for a frame that was claimed before or is not one of these. */
  claim(prepared: PreparedFrame, call: string): Held {
    const held = this.#held.get(prepared);
    if (held === undefined) {
      const { sequence } = prepared.header;
      throw new ClosedError(
        'prepared_used',
        `${call}() of frame ${sequence}, which was run or discarded before or is not this session's`,
        { sequence },
      );
    }
    this.#held.delete(prepared);
    this.#forgotten.unregister(prepared);
    return held;
  }
}
