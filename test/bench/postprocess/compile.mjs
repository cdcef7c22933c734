// Small C++ programs of this benchmark, compiled with plain g++ so that the table can name the flags.
import { spawnSync } from 'node:child_process';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const bench = fileURLToPath(new URL('..', import.meta.url));
const require = createRequire(import.meta.url);

/**
 * @param {string} source
 * @param {string} output
 * @param {readonly string[]} flags
 */
function compile(source, output, flags) {
  const args = ['-std=c++17', '-Wall', '-Wextra', '-Werror', ...flags, '-o', output, join(bench, source)];
  const { status, stderr, error } = spawnSync('g++', args, { encoding: 'utf8' });
  if (status !== 0) throw new Error(`g++ ${args.join(' ')} failed\n${stderr}`, { cause: error });
  return output;
}

/**
 * The C++ contestant, compiled into `folder`; returns the program.
 *
 * @param {string} folder
 * @param {readonly string[]} flags
 */
export function compileBaseline(folder, flags) {
  return compile('postprocess_baseline.cc', join(folder, `postprocess_baseline${flags.join('')}`), flags);
}

/**
 * An addon of one source file, compiled into `folder`; returns its path.
 *
 * @param {string} folder
 * @param {string} name of the source file, without its end
 */
export function compileAddon(folder, name) {
  // The package has no types.
  const { include_dir: include } = /** @type {{ include_dir: string }} */ (require('node-api-headers'));
  const flags = ['-O3', '-shared', '-fPIC', '-isystem', include];
  return compile(`postprocess/${name}.cc`, join(folder, `${name}.node`), flags);
}

/**
 * Milliseconds of CPU time of the calling thread; its addon is compiled into `folder`.
 *
 * @param {string} folder
 * @returns {() => number}
 */
export function openThreadClock(folder) {
  return require(compileAddon(folder, 'thread_clock')).threadCpuMs;
}
