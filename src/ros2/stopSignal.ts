import { endSignals } from '../files/interruption.js';

/** Resolves with the first signal that ends a program; later ones are ignored while it ends. */
export function stopSignal(): Promise<NodeJS.Signals> {
  return new Promise((resolve) => {
    for (const signal of endSignals) process.on(signal, () => resolve(signal));
  });
}
