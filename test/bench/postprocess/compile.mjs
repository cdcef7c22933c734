// Small C++ programs of this benchmark, compiled with plain g++ so that the table can name the flags.
import { spawnSync } from 'node:child_process';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const bench = fileURLToPath(new URL('..', import.meta.url));
const require = createRequire(import.meta.url);

function compile(source, output, flags) {
  const args = ['-std=c++17', '-Wall', '-Wextra', '-Werror', ...flags, '-o', output, join(bench, source)];
  const { status, stderr, error } = spawnSync('g++', args, { encoding: 'utf8' });
  if (status !== 0) throw new Error(`g++ ${args.join(' ')} failed\n${stderr}`, { cause: error });
  return output;
}

/** The C++ contestant, compiled into `folder`; returns the program. */
export function compileBaseline(folder, flags) {
  return compile('postprocess_baseline.cc', join(folder, `postprocess_baseline${flags.join('')}`), flags);
}

/** An addon of one source file, compiled into `folder`; returns its path. */
export function compileAddon(folder, name) {
  const include = require('node-api-headers').include_dir;
  const flags = ['-O3', '-shared', '-fPIC', '-isystem', include];
  return compile(`postprocess/${name}.cc`, join(folder, `${name}.node`), flags);
}

/** Milliseconds of CPU time of the calling thread; its addon is compiled into `folder`. */
export function openThreadClock(folder) {
  return require(compileAddon(folder, 'thread_clock')).threadCpuMs;
}
