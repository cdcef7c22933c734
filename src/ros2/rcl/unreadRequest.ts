import { limits } from '../../core/limits.js';

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
    const excess = this.bytes > limits.requestBytes ? '' : ` and more than ${limits.requestValues} values`;
    return (
      `the request has ${this.bytes} bytes${excess}; this node reads at most ${limits.requestBytes} bytes and ` +
      `${limits.requestValues} values: a parameter has six of them and the items of its list; ask in several requests, and give long lists in a parameter file at start`
    );
  }

  /** rclnodejs asks a request for the form that its service takes. */
  toPlainObject(): this {
    return this;
  }
}
