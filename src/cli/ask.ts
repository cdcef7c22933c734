import { createInterface } from 'node:readline/promises';
import { InterruptedError } from '../core/errors.js';

/** True where somebody sits at a terminal who can be asked. */
export function canAsk(): boolean {
  return process.stdin.isTTY && process.stderr.isTTY;
}

/**
 * The answer of the terminal's user; empty where they end the input, as by Ctrl-D.
 *
 * Throws InterruptedError for Ctrl-C, which a terminal does not send as a signal while a line is edited, and what
 * `signal` was aborted with.
 */
export async function ask(question: string, signal: AbortSignal): Promise<string> {
  const terminal = createInterface({ input: process.stdin, output: process.stderr });
  try {
    return await new Promise((resolve, reject) => {
      terminal.once('SIGINT', () => reject(new InterruptedError('SIGINT')));
      terminal.once('close', () => resolve(''));
      signal.addEventListener('abort', () => reject(signal.reason), { once: true });
      terminal.question(question).then(resolve, reject);
    });
  } finally {
    terminal.close();
  }
}
