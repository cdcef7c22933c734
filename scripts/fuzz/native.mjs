import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { run, SetupError } from '../setup/exec.mjs';
import { paths, root } from '../setup/paths.mjs';

/** Programs of native/fuzz: libFuzzer, AddressSanitizer and UBSan over the code that reads bytes from outside. */
export const nativeTargets = ['native/message', 'native/jpeg', 'native/png', 'native/tensor'];

const packages = ['clang-14', 'libclang-rt-14-dev'];

/** A clang that has libFuzzer; undefined where there is none. */
function findClang() {
  const names = [
    'clang++-14',
    'clang++',
    'clang++-15',
    'clang++-16',
    'clang++-17',
    'clang++-18',
    'clang++-19',
  ];
  return names.find((name) => {
    const source = 'extern "C" int LLVMFuzzerTestOneInput(const unsigned char*, unsigned long) { return 0; }';
    const args = ['-x', 'c++', '-', '-fsanitize=fuzzer,address,undefined', '-o', '/dev/null'];
    return spawnSync(name, args, { input: source }).status === 0;
  });
}

/** Builds the programs. Throws SetupError where clang is missing. */
async function build() {
  const clang = findClang();
  if (clang === undefined) {
    throw new SetupError('no clang with libFuzzer', { remedy: `apt-get install ${packages.join(' ')}` });
  }
  const folder = join(paths.native, 'build', 'fuzz');
  const options = {
    log: 'fuzz',
    append: false,
    verbose: false,
    env: process.env,
    remedy: 'the output above names the cause',
  };
  const args = [
    '-S',
    paths.native,
    '-B',
    folder,
    '-DRDK_TARGET=fuzz',
    `-DCMAKE_CXX_COMPILER=${clang}`,
    '-DCMAKE_BUILD_TYPE=RelWithDebInfo',
  ];
  await run('cmake', args, options);
  await run('cmake', ['--build', folder, '--parallel', '2'], { ...options, append: true });
  return folder;
}

let built = /** @type {Promise<string> | undefined} */ (undefined);

/**
 * Runs one of `nativeTargets` for some time; whether it found nothing.
 *
 * @param {string} name
 * @param {{ seconds: string, seed: string | undefined }} options
 */
export async function fuzzNative(name, { seconds, seed }) {
  built ??= build();
  const folder = await built;
  const program = name.replace('native/', '');
  const corpus = join(root, 'out', 'fuzz', 'corpus', program);
  mkdirSync(corpus, { recursive: true });
  const seeds = [
    join(root, 'assets', 'evalset', 'images'),
    join(root, 'test', 'fixtures', 'pictures'),
  ].filter((one) => program === 'jpeg' && existsSync(one) && readdirSync(one).length > 0);
  const args = [
    `-max_total_time=${seconds}`,
    ...(seed === undefined ? [] : [`-seed=${seed}`]),
    // No attempt takes as long or as much; pictures of the most pixels take 268 MB.
    ...['-timeout=30', '-rss_limit_mb=1024', '-max_len=200000', '-print_final_stats=1', '-verbosity=0'],
    `-artifact_prefix=${join(root, 'out', 'fuzz')}/${program}-`,
  ];
  console.log(`fuzz: ${name}, ${seconds} s`);
  const { status } = spawnSync(join(folder, 'fuzz', `fuzz_${program}`), [...args, corpus, ...seeds], {
    stdio: 'inherit',
  });
  return status === 0;
}
