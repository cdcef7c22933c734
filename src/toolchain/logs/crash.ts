import type { LogLine } from '../text/logLines.js';

/** Why a process did not end by itself, by what the shell, libc, qemu, docker or Python says of it. */
interface Crash {
  readonly pattern: RegExp;
  /** By which a program that starts others reports it; null where there is none. */
  readonly exitCode: number | null;
  readonly meaning: string;
}

/** What shells put before the name of a signal: place, job, process. */
const shellPrefix = String.raw`^(?:zsh: |.*: line \d+:\s+|\S+:\d+: |\[\d+\]\s*[+-]?\s*)?(?:\d+\s+)?`;
/** Before a signal in the middle of a line; qemu has it in brackets. */
const apart = String.raw`(?:^|[\s(])`;

const missingPrefix = String.raw`hb_(?:mapper|model_modifier|model_info)\b`;

/** The vaguest last. */
const crashes: readonly Crash[] = [
  {
    pattern: new RegExp(`${apart}illegal (?:hardware )?instruction\\b`, 'i'),
    exitCode: 132,
    meaning:
      'this processor, or its emulation, lacks instructions the tool was built with, such as AVX; run it on another machine',
  },
  {
    pattern: new RegExp(`${shellPrefix}killed\\b|\\bstd::bad_alloc\\b|\\boom-kill|\\bout of memory\\b`, 'i'),
    exitCode: 137,
    meaning: 'most often because memory ran out; give the run more, or fewer jobs at once',
  },
  {
    pattern: new RegExp(`${apart}segmentation fault\\b`, 'i'),
    exitCode: 139,
    meaning: 'a fault of the tool itself',
  },
  {
    pattern: new RegExp(`${apart}bus error\\b`, 'i'),
    exitCode: 135,
    meaning: 'room ran out on the disk or in /dev/shm',
  },
  {
    pattern: new RegExp(`${apart}floating point exception\\b`, 'i'),
    exitCode: 136,
    meaning: 'a fault of the tool itself',
  },
  // The last is what Python's click makes of it.
  {
    pattern: /^(?:\^C)?KeyboardInterrupt:?$|\^C$|^\^C|^Aborted!$/,
    exitCode: 130,
    meaning: 'somebody interrupted it',
  },
  {
    pattern: new RegExp(`${shellPrefix}(?:terminated|hangup)(?:$|\\s+hb_)`, 'i'),
    exitCode: 143,
    meaning: 'it was ended from outside',
  },
  {
    pattern: /(?:^|[\s(])abort(?:ed)?\)?[\s-]+\(?core dumped\b|^aborted$/i,
    exitCode: 134,
    meaning: 'the tool gave up; the lines before say why',
  },
  {
    pattern: new RegExp(
      `${missingPrefix}: (?:command )?not found\\b|\\bcommand not found: ${missingPrefix}`,
      'i',
    ),
    exitCode: 127,
    meaning: "the tool is not installed here; run it inside the vendor's docker",
  },
  {
    pattern: /\bexec format error\b/i,
    exitCode: null,
    meaning: 'the tool is built for another processor; run it on a PC (x86-64)',
  },
];

/** As docker, CI services and make report it. */
const exitPattern = /\bexit(?:ed)?(?: with)?(?: code| status)?:? (\d{3})\b|^make: \*{3} .* Error (\d{3})$/i;

/** As the tools report what a signal did to the compiler they start, in lines of their own. */
const compilerPattern = /\breturncode -(\d{1,2})\b/;

function isOf({ pattern, exitCode }: Crash, text: string): boolean {
  if (pattern.test(text)) return true;
  const compiler = compilerPattern.exec(text);
  if (compiler !== null) return 128 + Number(compiler[1]) === exitCode;
  const exit = exitPattern.exec(text);
  return exit !== null && Number(exit[1] ?? exit[2]) === exitCode;
}

/** The line that says how a process ended that did not end by itself, and what it means; null if none does. */
export function findCrash(
  lines: readonly LogLine[],
): { readonly line: number; readonly text: string } | null {
  // The tool's own lines tell that of its compiler alone.
  const telling = lines.filter(({ stamp, text }) => stamp === null || compilerPattern.test(text));
  for (const crash of crashes) {
    const line = telling.findLast(({ text }) => isOf(crash, text.trim()));
    if (line !== undefined)
      return { line: line.number, text: `${line.text.trim().replace(/\.$/, '')}: ${crash.meaning}` };
  }
  return null;
}
