/**
 * A whole number that was given as a double, such as 2.0. ROS nodes refuse it where an integer is expected, and so
 * do we.
 */
export class WholeDouble {
  readonly value: number;

  constructor(value: number) {
    this.value = value;
  }

  /** As it may have been written. */
  toString(): string {
    if (Object.is(this.value, -0)) return '-0.0';
    return Number.isSafeInteger(this.value) ? `${this.value}.0` : this.value.toExponential();
  }

  toJSON(): number {
    return this.value;
  }
}

/** The number itself, or a {@link WholeDouble} for a whole number, which JavaScript could not tell from an integer. */
export function doubleValue(value: number): number | WholeDouble {
  return Number.isInteger(value) ? new WholeDouble(value) : value;
}
