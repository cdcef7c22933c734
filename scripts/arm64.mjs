#!/usr/bin/env node
// Usage: npm run test:arm64 [-- test file ...]     runs tests from the arm64 package under emulation; without files, those listed below
//
// The package is the one that `npm run package -- --distro humble --arch arm64` made last. What it computes is then held
// against the same references as on this machine: integers exactly, floats as closely as the tests say.
import { cpSync, existsSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, delimiter, join } from 'node:path';
import { emulatorRemedy, findEmulator, runEmulated } from './emulation.mjs';
import { compareRecordings, compareResults, recordSample } from './package/bpuSample.mjs';
import { copyPackage } from './package/folder.mjs';
import { cacheFolder } from './package/fetched.mjs';
import { buildStandIn } from './package/nativeParts.mjs';
import { lockedPackages, packagesNeededBy } from './package/npmPackages.mjs';
import { targetOf } from './package/targets.mjs';
import { describeFailure, run, SetupError } from './setup/exec.mjs';
import { paths, root } from './setup/paths.mjs';

/** @typedef {NonNullable<ReturnType<typeof findEmulator>>} Emulator */

const target = targetOf('humble', 'arm64');
/** The C and C++ libraries that Debian's cross compiler comes with. */
const libraries = '/usr/aarch64-linux-gnu';

/**
 * Pictures to model inputs, the decoders, the kernels of WebAssembly, post-processing, the BPU's models through the stand-in. Not
 * those of the contract that open ONNX Runtime in a worker: that takes longer here than the node waits for it.
 */
const defaultTests = [
  'test/native/letterbox.test.ts',
  'test/native/colours.test.ts',
  'test/native/compressedPictures.test.ts',
  ...[
    'golden',
    'boxes',
    'dfl',
    'masks',
    'nms',
    'scores',
    'spans',
    'stock',
    'threshold',
    'wasmKernels',
    'oracle',
  ].map((name) => `test/unit/postprocess/${name}.test.ts`),
  'test/native/frames.test.ts',
  'test/contract/bpuModels.test.ts',
];

/** These start programs of Node, some of which QEMU 7.2 ends by a segmentation fault at their end; QEMU 10 does not. */
const testsOfPrograms = ['test/contract/bpuModels.test.ts'];

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
  for (const path of packagesNeededBy(['vitest', 'wabt', 'fast-check'], {
    platform: 'linux',
    arch: 'arm64',
  })) {
    if (!existsSync(join(home, path))) await copyPackage(path, target, home);
  }
  for (const path of ['src', 'test', 'tools', 'assets', 'scripts', 'vitest.config.ts', 'tsconfig.json'])
    cpSync(join(root, path), join(home, path), { recursive: true });
  const standIn = join(home, 'native', 'bin', 'fakednn', 'libdnn.so');
  cpSync(await buildStandIn(target), standIn);
  return home;
}

/**
 * @param {Emulator} emulator
 * @param {string} home
 * @param {string[]} args of Node
 */
async function emulated(emulator, home, ...args) {
  const bin = join(home, 'runtime', 'bin');
  const env = {
    ...process.env,
    // The reference of post-processing is numpy, which runs on this machine as it is.
    PATH: [bin, join(paths.wheels, 'bin'), process.env.PATH].join(delimiter),
    QEMU_LD_PREFIX: libraries,
    RDK_YOLO_SEG_TEST_ROS: '0',
  };
  const code = await runEmulated(emulator, [join(bin, 'node'), ...args], { cwd: home, env });
  if (code !== 0) throw new SetupError(`node ${args.slice(0, 2).join(' ')} ended with ${code} on arm64`);
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
 * @param {Emulator} emulator
 * @param {string} home
 * @param {string} folder
 * @param {readonly string[]} command of `segment`, with a model that was recorded on this machine
 */
async function compareSegment(emulator, home, folder, command) {
  const [here, there] = [join(folder, 'here'), join(folder, 'there')];
  const library = join('native', 'bin', 'fakednn', 'libdnn.so');
  await run(
    join(root, 'bin', 'rdk-yolo-seg'),
    [...command, '--dnn-library', join(root, library), '-o', here],
    { log: 'arm64-segment' },
  );
  const main = join('dist', 'cli', 'main.js');
  await emulated(emulator, home, main, ...command, '--dnn-library', join(home, library), '-o', there);
  const { instanceCount, found } = compareResults(here, there);
  if (instanceCount === 0 || found.length > 0) {
    throw new SetupError(`${instanceCount} instances here; on arm64 differ ${found.slice(0, 10).join('; ')}`);
  }
  console.log(`segment: the same ${instanceCount} instances as on ${process.arch}`);
}

/**
 * Holds what ONNX Runtime computes for pictures against what it computes on this machine.
 *
 * @param {Emulator} emulator
 * @param {string} home
 * @param {string} folder
 */
async function compareOnnx(emulator, home, folder) {
  const there = join(folder, 'onnx');
  const record =
    "import('./scripts/package/bpuSample.mjs').then(({ recordSample }) => recordSample(process.argv[1]))";
  await emulated(emulator, home, '-e', record, there);
  const { frameCount, worst } = compareRecordings(folder, there);
  console.log(
    `ONNX Runtime: ${frameCount} model inputs byte for byte, outputs to ${worst.toExponential(1)} of the greatest`,
  );
}

async function testArm64() {
  const emulator = findEmulator();
  if (!emulator || !existsSync(libraries)) {
    throw new SetupError(emulator ? `no ${libraries}` : 'no qemu-aarch64-static or qemu-aarch64', {
      remedy: emulator ? 'sudo apt-get install g++-aarch64-linux-gnu' : emulatorRemedy,
    });
  }
  const home = await unpack(join(cacheFolder, 'arm64'));
  const facts = "const os = require('node:os'); console.log(os.machine(), process.arch, process.version)";
  await emulated(emulator, home, '-e', facts);
  await emulated(emulator, home, join('dist', 'cli', 'main.js'), '--version');
  for (const name of ['core-linux-arm64.node', 'libyuv.so.0'])
    await tellNeon(join(home, 'native', 'bin', name));
  const folder = mkdtempSync(join(tmpdir(), 'rdk-yolo-seg-arm64-'));
  try {
    await compareSegment(emulator, home, folder, await recordSample(folder));
    if (emulator.runsOnnx) await compareOnnx(emulator, home, folder);
    else console.log(`not tried: ONNX Runtime, under QEMU ${emulator.version}: ${emulatorRemedy}`);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
  const files = process.argv.slice(2);
  for (const file of files.length > 0 ? files : defaultTests) {
    if (!emulator.runsOnnx && testsOfPrograms.includes(file)) {
      console.log(`not tried: ${file}, under QEMU ${emulator.version}: ${emulatorRemedy}`);
      continue;
    }
    await emulated(
      emulator,
      home,
      // In this process: others take seconds to start.
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
