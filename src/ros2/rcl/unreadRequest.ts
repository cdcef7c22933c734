/** Most bytes of a serialised request that is read. */
export const mostRequestBytes = 1_048_576;

/**
 * Most values of a request that is read, items of lists and fields of messages: all parameters of a node are some 500.
 *
 * rclnodejs takes some 10 us for each, in the main thread.
 */
export const mostRequestValues = 10_000;

/** Stands for a request that was too large to be read. */
export class UnreadRequest {
  readonly bytes: number;
  /** Items of its lists, by field. */
  readonly lengths: Readonly<Record<string, number>>;

  constructor(bytes: number, lengths: Readonly<Record<string, number>>) {
    this.bytes = bytes;
    this.lengths = lengths;
  }

  get reason(): string {
    const excess = this.bytes > mostRequestBytes ? '' : ` and more than ${mostRequestValues} values`;
    return (
      `the request has ${this.bytes} bytes${excess}; this node reads at most ${mostRequestBytes} bytes and ` +
      `${mostRequestValues} values: ask in several requests, and give long lists in a parameter file at start`
    );
  }

  /** rclnodejs asks a request for the form that its service takes. */
  toPlainObject(): this {
    return this;
  }
}
