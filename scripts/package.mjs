#!/usr/bin/env node
// Usage: npm run package -- --distro humble|jazzy --arch arm64|amd64 [--level N]     makes what is installed, in dist-packages
//
// Per part (docs/install.md) a .tar.zst and a .deb, and the folder that they are made of. N is zstd's level, 1 to 19.
import { mkdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { parseArgs } from 'node:util';
import { optionsOrExit } from './optionsOrExit.mjs';
import { ensureSetup } from './setup/index.mjs';
import { describeFailure, run, SetupError } from './setup/exec.mjs';
import { root } from './setup/paths.mjs';
import { checkBinaries } from './package/binaries.mjs';
import { kibibytesIn, makeDebianPackage } from './package/debian.mjs';
import { makePartFolder, writeStartPrograms } from './package/folder.mjs';
import { copyLicences, listOfParts } from './package/licences.mjs';
import { buildPackagedAddons } from './package/nativeParts.mjs';
import { installNodeRuntime } from './package/nodeRuntime.mjs';
import { lockedPackages } from './package/npmPackages.mjs';
import { parts } from './package/parts.mjs';
import { targetOf } from './package/targets.mjs';

const output = join(root, 'dist-packages');

/** @param {string} text */
function levelOf(text) {
  const level = Number(text);
  if (Number.isInteger(level) && level >= 1 && level <= 19) return level;
  throw new SetupError(`--level ${text}: expected a whole number from 1 to 19`);
}

/** @param {number} kibibytes */
const megabytes = (kibibytes) => `${((kibibytes * 1024) / 1e6).toFixed(1)} MB`;

const USAGE = [
  'usage: npm run package -- --distro NAME --arch NAME [--level N]',
  '  --distro NAME  ROS 2 of the robot: humble, jazzy',
  '  --arch NAME    its processor: arm64, amd64',
  '  --level N      how closely zstd packs, 1 to 19 (12)',
].join('\n');

/** @param {string[]} args */
function readOptions(args) {
  const { values } = parseArgs({
    args,
    options: {
      distro: { type: 'string' },
      arch: { type: 'string' },
      level: { type: 'string', default: '12' },
      help: { type: 'boolean', short: 'h', default: false },
    },
  });
  if (values.help) return null;
  return { target: targetOf(values.distro, values.arch), level: levelOf(values.level) };
}

async function makePackages() {
  const { target, level } = optionsOrExit('package', USAGE, readOptions);
  await ensureSetup({ steps: ['npm', 'typescript'] });
  mkdirSync(output, { recursive: true });
  // What is in there twice for colcon is in ros/ of the checkout.
  writeFileSync(join(output, 'COLCON_IGNORE'), '');
  const version = lockedPackages['']?.version ?? '';
  for (const part of parts) {
    const id = `${part.name}_${version}_${target.distribution.distro}_${target.architecture.debian}`;
    const folder = join(output, id);
    console.log(`[package] ${id} ...`);
    await makePartFolder(part, target, folder);
    let made = {
      linked: /** @type {import('./package/debianLibraries.mjs').LinkedLibrary[]} */ ([]),
      hasHbmem: false,
    };
    if (part.needs.length === 0) {
      await installNodeRuntime(target.architecture, join(folder, 'runtime'));
      made = await buildPackagedAddons(target, join(folder, 'native', 'bin'));
      writeStartPrograms(target, folder);
    }
    const glibc = checkBinaries(folder, target);
    copyLicences(part, made.linked, folder);
    const list = listOfParts(part, target, made.linked);
    writeFileSync(
      join(folder, 'licences', `${part.name}.spdx.json`),
      `${JSON.stringify(list, undefined, 2)}\n`,
    );
    const archive = join(output, `${id}.tar.zst`);
    rmSync(archive, { force: true });
    const asRoot = ['--sort=name', '--owner=0', '--group=0', '--numeric-owner'];
    await run(
      'tar',
      [
        ...asRoot,
        `--use-compress-program=zstd -T0 -${level}`,
        `--transform=s,^\\.,rdk-yolo-seg,`,
        '-C',
        folder,
        '-cf',
        archive,
        '.',
      ],
      { log: 'package-tar' },
    );
    const file = join(output, `${id}.deb`);
    await makeDebianPackage(part, target, { folder, file, version, glibc, hasHbmem: made.hasHbmem, level });
    const packed = [archive, file].map(
      (path) => `${relative(root, path)} ${megabytes(statSync(path).size / 1024)}`,
    );
    console.log(
      `[package] ${megabytes(kibibytesIn(folder))} in ${relative(root, folder)}; ${packed.join('; ')}`,
    );
  }
}

try {
  await makePackages();
} catch (error) {
  console.error(`package: ${describeFailure(error)}`);
  process.exitCode = 1;
}
