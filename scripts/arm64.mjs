#!/usr/bin/env node
// Usage: npm run test:arm64 [-- test file ...]     runs tests from the arm64 package under emulation; without files, those listed below
//
// The package is the one that `npm run package -- --distro humble --arch arm64` made last. What it computes is then held
// against the same references as on this machine: integers exactly, floats as closely as the tests say.
import { spawnSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { compareResults, recordSample } from './package/bpuSample.mjs';
import { copyPackage } from './package/folder.mjs';
import { cacheFolder } from './package/fetched.mjs';
import { buildStandIn } from './package/nativeParts.mjs';
import { lockedPackages, packagesNeededBy } from './package/npmPackages.mjs';
import { targetOf } from './package/targets.mjs';
import { describeFailure, run, SetupError } from './setup/exec.mjs';
import { root } from './setup/paths.mjs';
import { which } from './setup/toolchain.mjs';

const target = targetOf('humble', 'arm64');
const emulator = 'qemu-aarch64-static';
/** The C and C++ libraries that Debian's cross compiler comes with. */
const libraries = '/usr/aarch64-linux-gnu';

/**
 * Pictures to model inputs, the decoders, post-processing. The contract's tests are not among them: they start ONNX Runtime, which
 * the emulator cannot load.
 */
const defaultTests = [
  'test/native/letterbox.test.ts',
  'test/native/colours.test.ts',
  'test/native/compressedPictures.test.ts',
  ...['golden', 'boxes', 'dfl', 'masks', 'nms', 'scores', 'spans', 'stock', 'threshold'].map(
    (name) => `test/unit/postprocess/${name}.test.ts`,
  ),
];

/** @param {string} folder that gets the package with all that its tests need */
async function unpack(folder) {
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  const version = lockedPackages['']?.version;
  for (const part of ['rdk-yolo-seg', 'rdk-yolo-seg-onnx']) {
    const archive = join(root, 'dist-packages', `${part}_${version}_humble_arm64.tar.zst`);
    if (!existsSync(archive)) {
      throw new SetupError(`no ${archive}`, { remedy: 'npm run package -- --distro humble --arch arm64' });
    }
    await run('tar', ['--zstd', '-xf', archive, '-C', folder], { log: 'arm64-unpack' });
  }
  const home = join(folder, 'rdk-yolo-seg');
  for (const path of packagesNeededBy(['vitest'], { platform: 'linux', arch: 'arm64' })) {
    if (!existsSync(join(home, path))) await copyPackage(path, target, home);
  }
  for (const path of ['test', 'tools', 'assets', 'scripts', 'vitest.config.ts', 'tsconfig.json'])
    cpSync(join(root, path), join(home, path), { recursive: true });
  const standIn = join(home, 'native', 'bin', 'fakednn', 'libdnn.so');
  cpSync(await buildStandIn(target), standIn);
  return home;
}

/**
 * @param {string} home
 * @param {string[]} args of Node
 */
function emulated(home, ...args) {
  const node = join(home, 'runtime', 'bin', 'node');
  const env = { ...process.env, RDK_YOLO_SEG_TEST_ROS: '0' };
  const { status } = spawnSync(emulator, ['-L', libraries, node, ...args], {
    cwd: home,
    env,
    stdio: 'inherit',
  });
  if (status !== 0) throw new SetupError(`node ${args.slice(0, 2).join(' ')} ended with ${status} on arm64`);
}

/** @param {string} file */
async function tellNeon(file) {
  const code = await run(`${target.architecture.triple}-objdump`, ['-d', file], { log: 'arm64-objdump' });
  const count = code.match(/\bv\d+\.(16b|8b|8h|4h|4s|2s|2d)\b.*$/gm)?.length ?? 0;
  if (count === 0) throw new SetupError(`${file} has no NEON instruction`);
  console.log(`${basename(file)}: ${count} NEON instructions`);
}

/**
 * Holds what `segment` finds with the stand-in for the BPU's library against what it finds on this machine.
 *
 * @param {string} home
 */
async function compareSegment(home) {
  const folder = mkdtempSync(join(tmpdir(), 'rdk-yolo-seg-arm64-'));
  try {
    const command = await recordSample(folder);
    const [here, there] = [join(folder, 'here'), join(folder, 'there')];
    const library = join('native', 'bin', 'fakednn', 'libdnn.so');
    await run(
      join(root, 'bin', 'rdk-yolo-seg'),
      [...command, '--dnn-library', join(root, library), '-o', here],
      { log: 'arm64-segment' },
    );
    const main = join('dist', 'cli', 'main.js');
    emulated(home, main, ...command, '--dnn-library', join(home, library), '-o', there);
    const { instanceCount, found } = compareResults(here, there);
    if (instanceCount === 0 || found.length > 0) {
      throw new SetupError(
        `${instanceCount} instances here; on arm64 differ ${found.slice(0, 10).join('; ')}`,
      );
    }
    console.log(`segment: the same ${instanceCount} instances as on ${process.arch}`);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

async function testArm64() {
  if (!which(emulator) || !existsSync(libraries)) {
    throw new SetupError(`no ${emulator} or no ${libraries}`, {
      remedy: 'sudo apt-get install qemu-user-static g++-aarch64-linux-gnu',
    });
  }
  const home = await unpack(join(cacheFolder, 'arm64'));
  const facts = "const os = require('node:os'); console.log(os.machine(), process.arch, process.version)";
  emulated(home, '-e', facts);
  emulated(home, join('dist', 'cli', 'main.js'), '--version');
  for (const name of ['core-linux-arm64.node', 'libyuv.so.0'])
    await tellNeon(join(home, 'native', 'bin', name));
  await compareSegment(home);
  const files = process.argv.slice(2);
  for (const file of files.length > 0 ? files : defaultTests) {
    emulated(
      home,
      // In this process: a test's process would be one of this machine's.
      ...[join('node_modules', 'vitest', 'vitest.mjs'), 'run', '--project', 'unit', '--pool', 'threads'],
      ...['--maxWorkers', '1', '--testTimeout', '300000', '--hookTimeout', '300000', file],
    );
  }
}

try {
  await testArm64();
} catch (error) {
  console.error(`arm64: ${describeFailure(error)}`);
  process.exitCode = 1;
}
