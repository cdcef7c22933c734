import { InvalidArgumentError } from 'commander';

/** Reads a flag that counts something. */
export function positiveInteger(text: string): number {
  const value = Number(text);
  if (!Number.isInteger(value) || value < 1) throw new InvalidArgumentError('expected a positive integer.');
  return value;
}
