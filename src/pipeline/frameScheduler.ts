import type { FlightLimits } from './stats.js';

/** A pipeline that has a frame to start. */
export interface Applicant {
  /** Starts the frame at once; the place is the applicant's until it leaves it. */
  start(place: Place): void;
}

/** The room that one frame takes in a session: for an input until its inference is over, and for a frame until it is left. */
export interface Place {
  /** The inference is over or will not come; a second call does nothing. */
  endInput(): void;
  /** The frame is out of the session; a second call does nothing. */
  leave(): void;
}

/**
 * Grants the places of one session to several pipelines, in the order in which they came to have a frame to start.
 *
 * Each pipeline stands in line once, whatever it offers: a newer frame takes over the turn of the one that it replaces.
 * So before a camera's turn there is at most one frame of each other camera, and a camera that floods, is slow or dead
 * costs the others no more than that. Frames, not cameras, that come faster than the session takes them are dropped.
 */
export class FrameScheduler {
  readonly #limits: FlightLimits;
  /** Longest waiting first. */
  readonly #line: Applicant[] = [];
  #frames = 0;
  #inputs = 0;

  /** @param limits Of the session, as it tells them. */
  constructor(limits: FlightLimits) {
    this.#limits = limits;
  }

  /** Stands in line, where the applicant may stand already, and starts what there is room for. */
  apply(applicant: Applicant): void {
    if (!this.#line.includes(applicant)) this.#line.push(applicant);
    this.#grant();
  }

  /** Leaves the line: there is nothing to start any more. */
  withdraw(applicant: Applicant): void {
    const index = this.#line.indexOf(applicant);
    if (index >= 0) this.#line.splice(index, 1);
  }

  get #hasRoom(): boolean {
    const { framesInFlight, inputsInFlight } = this.#limits;
    return this.#frames < framesInFlight && this.#inputs < inputsInFlight;
  }

  #grant(): void {
    while (this.#hasRoom) {
      const applicant = this.#line.shift();
      if (applicant === undefined) return;
      applicant.start(this.#makePlace());
    }
  }

  #makePlace(): Place {
    this.#frames++;
    this.#inputs++;
    let isInput = true;
    let isFrame = true;
    const endInput = () => {
      if (!isInput) return;
      isInput = false;
      this.#inputs--;
      this.#grant();
    };
    const leave = () => {
      if (!isFrame) return;
      isFrame = false;
      this.#frames--;
      if (isInput) endInput();
      else this.#grant();
    };
    return { endInput, leave };
  }
}
