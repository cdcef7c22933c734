// Reports of ThreadSanitizer: whose a race is. Suppressions of its own would match any frame of a stack, and Node is below
// every call of an addon: they would hide ours.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/**
 * Modules that are not built with ThreadSanitizer, each with why its races are no findings. A race is theirs where the
 * innermost frame of both its accesses, the run-time library aside, is in one of them.
 *
 * @type {[RegExp, string][]}
 */
const foreign = [
  [
    /^node$/,
    'Node, V8 and libuv synchronise with atomics that only instrumented code shows; their workers and garbage collector free what another thread wrote',
  ],
  [/^rolldown-binding\..*\.node$/, "Rust, in vitest's own process, which loads no addon of ours"],
  [/^libfast(rtps|dds|cdr)\.so/, 'Fast DDS synchronises through shared memory and atomics of its own'],
  [/^lib(rmw|rcl|rcutils|ros)\w*\.so/, 'ROS 2, built without it'],
  [/^(python3[.\d]*|.*\.cpython-.*\.so|libpython.*)$/, 'Python of the peers, built without it'],
  [/^rclnodejs\.node$/, 'rclnodejs, built without it'],
];

/** Ours: built with it, so that every access and every lock is seen. */
const own = /^((core|hbmem)-.*-tsan\.node|libdnn\.so)$/;
/** Code that others run in: its frames say nothing of whose the access is. */
const runtime = /^(libtsan|libstdc\+\+|libc|libgcc_s|libm|ld-linux.*)\.so/;
const moduleOfFrame = /\(([^()\s]+)\+0x[\da-f]+\)/;

/**
 * @typedef {{ kind: string, modules: (string | null)[], text: string }} Race
 * `modules`: of each access the file name of what its innermost frame is in; null where the stack was not kept.
 */

/** @param {string} stack */
function moduleOf(stack) {
  for (const line of stack.split('\n')) {
    const module = moduleOfFrame.exec(line)?.[1]?.replace(/.*\//, '');
    if (module !== undefined && !runtime.test(module)) return module;
  }
  return null;
}

/**
 * The reports in the text of a log.
 *
 * @param {string} log
 * @returns {Race[]}
 * @internal Exported for tests.
 */
export function parseRaces(log) {
  return log.split(/^={18}$/m).flatMap((text) => {
    const kind = /WARNING: ThreadSanitizer: (.*?) \(pid/.exec(text)?.[1];
    if (kind === undefined) return [];
    const [first = '', second = ''] = text.split(/\n\s*\n/);
    return [{ kind, modules: [moduleOf(first), moduleOf(second)], text: text.trim() }];
  });
}

/**
 * Whether a race is a finding: one of ours, of a module that is not named above, or without any stack.
 *
 * @param {Race} race
 */
export function isFinding({ modules }) {
  const known = modules.filter((module) => module !== null);
  if (known.length === 0 || known.some((module) => own.test(module))) return true;
  return !known.every((module) => foreign.some(([pattern]) => pattern.test(module)));
}

/**
 * All reports of a folder of logs.
 *
 * @param {string} folder
 */
export function readRaces(folder) {
  return readdirSync(folder).flatMap((name) => parseRaces(readFileSync(join(folder, name), 'utf8')));
}
