import { createHash } from 'node:crypto';
import { ConfigError } from '../../core/errors.js';

/** Which part of all inputs one worker does. */
export interface Shard {
  /** From 0. */
  readonly index: number;
  readonly count: number;
}

type Environment = Readonly<Record<string, string | undefined>>;

/** Variables with the index of a worker, and with how many there are where the engine says it. */
const engines = [
  { index: 'JOB_COMPLETION_INDEX', count: null },
  { index: 'AWS_BATCH_JOB_ARRAY_INDEX', count: 'AWS_BATCH_JOB_ARRAY_SIZE' },
] as const;

function wholeNumber(text: string, name: string): number {
  if (/^\d{1,9}$/.test(text)) return Number(text);
  throw new ConfigError('arguments', `${name} is "${text}": expected a whole number`, { name });
}

function checked(index: number, count: number, named: string): Shard {
  if (count >= 1 && index < count) return { index, count };
  const what = `${named}: expected an index from 0 to the count less 1, such as 0/8 to 7/8`;
  throw new ConfigError('arguments', what, { index, count });
}

/** Reads `i/n`. Throws ConfigError `arguments`. */
export function parseShard(text: string): Shard {
  const [, index, count] = /^(\d{1,9})\/(\d{1,9})$/.exec(text) ?? [];
  if (index === undefined || count === undefined)
    throw new ConfigError('arguments', `--shard ${text}: expected INDEX/COUNT, such as 0/8`, { text });
  return checked(Number(index), Number(count), `--shard ${text}`);
}

/**
 * The shard that the engine gives this worker; null where none does.
 *
 * @param count How many workers there are; null where nobody said. Throws ConfigError `arguments` where the engine does not say
 *   it either: each worker would do everything.
 */
export function shardOfEngine(environment: Environment, count: number | null): Shard | null {
  const engine = engines.find(({ index }) => (environment[index] ?? '') !== '');
  if (engine === undefined) {
    if (count === null) return null;
    const what = `--shards ${count} says how many workers there are, but neither ${engines.map(({ index }) => index).join(' nor ')} says which this is: give --shard INDEX/${count}`;
    throw new ConfigError('arguments', what, { count });
  }
  const index = wholeNumber(environment[engine.index]!, engine.index);
  const told = engine.count === null ? undefined : environment[engine.count];
  const all = count ?? (told === undefined ? null : wholeNumber(told, engine.count!));
  if (all === null) {
    const what = `${engine.index} is ${index}, but nothing says how many workers there are: give --shards COUNT`;
    throw new ConfigError('arguments', what, { index });
  }
  return checked(index, all, `${engine.index} ${index} of ${all} workers`);
}

/**
 * True if an input is this worker's. It depends on the address alone: inputs that come or go while workers start change nothing
 * for the others, so that none falls between two of them.
 */
export function isInShard(address: string, { index, count }: Shard): boolean {
  const hash = createHash('sha256').update(address).digest();
  return Number(hash.readBigUInt64BE() % BigInt(count)) === index;
}
