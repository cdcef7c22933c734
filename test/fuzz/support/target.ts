import { mkdirSync, writeFileSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { ConfigError, describeError, FrameError, ModelContractError, SegError } from '#dist/core/errors.js';
import { limits } from '#dist/core/limits.js';
import { watched } from './watch.js';

/** How much time of the processor a target takes; null for a fixed number of runs with a fixed seed, as in `npm test`. */
const seconds = process.env.RDK_YOLO_SEG_FUZZ_SECONDS ? Number(process.env.RDK_YOLO_SEG_FUZZ_SECONDS) : null;
/** What `npm run fuzz` was told to begin with. */
const givenSeed = process.env.RDK_YOLO_SEG_FUZZ_SEED ? Number(process.env.RDK_YOLO_SEG_FUZZ_SEED) : null;
const findsFolder = fileURLToPath(new URL('../../../out/fuzz', import.meta.url));

/** More than any input here may take, the runtime of models and the test runner included. */
const mostMemoryBytes = 1024 * 2 ** 20;
/** Two messages, one the cause of the other, with their codes. */
const mostCharacters = 2 * limits.messageCharacters + 1000;
/** What V8 says of a bug; ours say what was found and expected. */
const bugs =
  /Cannot (?:read|set|destructure|convert|access)|is not (?:a function|iterable|defined)|Maximum call stack|Invalid (?:array|typed array|string) length|Array buffer allocation|circular structure|unreachable|memory access/;

/** Passes over an error that tells a user what is wrong with an input; throws one that does not. */
export function expectRefusal(error: unknown): void {
  const isOurs =
    error instanceof ConfigError || error instanceof ModelContractError || error instanceof FrameError;
  if (!isOurs) {
    const kind = error instanceof SegError ? `${error.name} ${error.code}` : String((error as Error)?.name);
    throw new Error(`refused by ${kind}, which is no class for a bad input: ${describeError(error)}`, {
      cause: error,
    });
  }
  const text = describeError(error);
  if (bugs.test(text)) throw new Error(`refused by a bug: ${text}`, { cause: error });
  if (text.length > mostCharacters)
    throw new Error(`refused in ${text.length} characters: ${text.slice(0, 200)}`);
}

/** Reads an input, which may be refused as bad inputs are; the result, or null where it was. */
export async function readOrRefused<Result>(read: () => Result | Promise<Result>): Promise<Result | null> {
  try {
    return await read();
  } catch (error) {
    expectRefusal(error);
    return null;
  }
}

/** What this process has had of the processor, all its threads together. */
function cpuSeconds(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1e6;
}

function hashOf(name: string): number {
  return [...name].reduce((hash, letter) => (Math.imul(hash, 31) + letter.charCodeAt(0)) | 0, 7);
}

/**
 * One target: tries inputs until the time is over, or `runs` of them with a seed of the target's own. What is thrown is a
 * find, which is made smaller and told with the seed that finds it again; bytes and texts are left in `out/fuzz`.
 *
 * @param attempt Throws for whatever is wrong.
 */
export function fuzz<Input>(
  name: string,
  runs: number,
  inputs: fc.Arbitrary<Input>,
  attempt: (input: Input) => void | Promise<void>,
): void {
  it(
    name,
    async () => {
      const firstSeed = givenSeed ?? (seconds === null ? hashOf(name) : Date.now() | 0);
      if (seconds !== null) writeSync(2, `fuzz: ${name}, seed ${firstSeed}, ${seconds} s\n`);
      const endSeconds = cpuSeconds() + (seconds ?? 0);
      let seed = firstSeed;
      let outcome: fc.RunDetails<[Input]>;
      // Always so many with one seed: fast-check's own limit leaves the attempt that it interrupts to itself, also one that hangs.
      for (let tried = runs; ; tried += runs, seed = (seed + 1) | 0) {
        const attemptOfSeed = fc.asyncProperty(inputs, (input) =>
          watched(name, seed, async () => attempt(input)),
        );
        outcome = await fc.check(attemptOfSeed, { seed, numRuns: runs });
        if (!outcome.failed && cpuSeconds() < endSeconds) continue;
        if (seconds !== null) writeSync(2, `fuzz: ${name}: ${tried} runs\n`);
        break;
      }
      if (!outcome.failed) {
        const peakBytes = process.resourceUsage().maxRSS * 1024;
        expect(peakBytes, 'bytes of memory at most').toBeLessThan(mostMemoryBytes);
        return;
      }
      const [input] = outcome.counterexample ?? [];
      mkdirSync(findsFolder, { recursive: true });
      const path = join(findsFolder, name.replaceAll(/\W+/g, '-'));
      writeFileSync(path, contentOf(input));
      const again = `RDK_YOLO_SEG_FUZZ_SEED=${seed}`;
      throw new Error(`${name}: run ${outcome.numRuns} of ${again}, input in ${path}`, {
        cause: outcome.errorInstance,
      });
    },
    // At a low priority ten minutes of the processor may take hours.
    seconds === null ? 60_000 : 0,
  );
}

function contentOf(input: unknown): string | Uint8Array {
  if (typeof input === 'string' || input instanceof Uint8Array) return input;
  return fc.stringify(input);
}
