import { createWriteStream, type WriteStream } from 'node:fs';
import { finished } from 'node:stream/promises';
import { ConfigError } from '../core/errors.js';
import { writeFault } from '../files/fault.js';

/** What the log says of one published frame. */
export interface LoggedFrame {
  readonly index: number;
  readonly stampNs: bigint;
  readonly picture: string;
  readonly loaned: boolean;
}

/** One line of the log. The stamp is a text: as a JSON number it would lose its last digits. */
function logLine({ index, stampNs, picture, loaned }: LoggedFrame): string {
  return `${JSON.stringify({ index, stamp_ns: String(stampNs), picture, loaned })}\n`;
}

/** Writes the published frames as JSON lines. */
export class FrameLog {
  readonly #path: string;
  readonly #stream: WriteStream;

  private constructor(path: string, stream: WriteStream) {
    this.#path = path;
    this.#stream = stream;
  }

  /** Throws ConfigError `log` when the file cannot be written. */
  static async open(path: string): Promise<FrameLog> {
    const stream = createWriteStream(path);
    await new Promise<void>((resolve, reject) => {
      stream.once('open', () => resolve());
      stream.once('error', (error) => reject(cannotWriteLog(path, error)));
    });
    return new FrameLog(path, stream);
  }

  add(frame: LoggedFrame): void {
    this.#stream.write(logLine(frame));
  }

  /** Throws ConfigError `log` where a line could not be written. */
  async close(): Promise<void> {
    this.#stream.end();
    await finished(this.#stream).catch((error: unknown) => {
      throw cannotWriteLog(this.#path, error);
    });
  }
}

function cannotWriteLog(path: string, error: unknown): ConfigError {
  return new ConfigError('log', `cannot write ${path}: ${writeFault(error, path)}`, { path });
}
