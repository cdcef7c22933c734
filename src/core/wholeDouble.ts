/** A whole number that was given as a double, as 2.0: where an integer is expected it is refused, as by every ROS node. */
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

/** A double as it is, or as a {@link WholeDouble} where the number alone would not tell that it is one. */
export function doubleValue(value: number): number | WholeDouble {
  return Number.isInteger(value) ? new WholeDouble(value) : value;
}
