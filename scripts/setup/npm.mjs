import { existsSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { run, SetupError } from './exec.mjs';
import { paths, root } from './paths.mjs';
import { hashOf, readStamp, writeStamp } from './stamp.mjs';

const lockFile = join(root, 'package-lock.json');
const stamp = join(paths.nodeModules, '.rdk-yolo-seg-checked');

/** npm links the bins of dependencies only; with this link `npx rdk-yolo-seg` works in the checkout. */
const binLink = join(paths.nodeModules, '.bin', 'rdk-yolo-seg');

/** Packages whose native parts come ready in the package: loading them proves that npm ci fetched the right ones. */
const PREBUILT = ['sharp', '@napi-rs/canvas', 'onnxruntime-node'];

/** Why node_modules is not what the lock file says; undefined when it is. */
function differenceToLock() {
  const hidden = join(paths.nodeModules, '.package-lock.json');
  if (!existsSync(hidden)) return 'node_modules is missing or incomplete';
  const wanted = JSON.parse(readFileSync(lockFile, 'utf8')).packages;
  const found = JSON.parse(readFileSync(hidden, 'utf8')).packages;
  for (const [path, entry] of Object.entries(wanted)) {
    if (path === '') continue;
    const other = found[path];
    // npm leaves out optional packages made for other machines.
    if (!other && entry.optional) continue;
    if (other?.version !== entry.version || other?.integrity !== entry.integrity) {
      return `${path} is ${other?.version ?? 'missing'}, the lock file has ${entry.version}`;
    }
    if (!existsSync(join(root, path, 'package.json'))) return `${path} is missing`;
  }
  const extra = Object.keys(found).find((path) => !wanted[path]);
  return extra && `${extra} is not in the lock file`;
}

/** @returns {boolean} whether node_modules equals the lock file and its prebuilt parts were loaded once */
export function npmIsCurrent() {
  const isChecked = readStamp(stamp) === hashOf([lockFile], process.version);
  return isChecked && existsSync(binLink) && differenceToLock() === undefined;
}

/**
 * Installs the packages of the lock file, without their install scripts.
 * @param {{ verbose?: boolean | undefined, say: (text: string) => void }} options
 * @returns {Promise<string>}
 */
export async function installNpmPackages({ verbose, say }) {
  const reason = differenceToLock();
  if (reason !== undefined) {
    say(`npm ci (${reason})`);
    // onnxruntime-node's own script would fetch GPU parts; rclnodejs's needs ROS and is run in a later step.
    await run(
      'npm',
      ['ci', '--ignore-scripts', '--include=dev', '--include=optional', '--no-audit', '--no-fund'],
      {
        log: 'npm',
        verbose,
        env: { ...process.env, ONNXRUNTIME_NODE_INSTALL: 'skip' },
        remedy: 'check the network and that the npm registry is reachable, then run the command again',
      },
    );
  }
  // colcon would otherwise crawl thousands of folders, and take CMake projects in there for ours.
  writeFileSync(join(paths.nodeModules, 'COLCON_IGNORE'), '');
  rmSync(binLink, { force: true });
  symlinkSync(join('..', '..', 'bin', 'rdk-yolo-seg'), binLink);
  for (const name of PREBUILT) {
    await run(process.execPath, ['--input-type=module', '-e', `await import('${name}')`], {
      log: 'npm',
      append: true,
      verbose,
      remedy: `${name} has no prebuilt part for ${process.platform}-${process.arch}, or it was not fetched: delete node_modules and run again with optional dependencies on (npm config get omit)`,
    });
  }
  if (differenceToLock() !== undefined) {
    throw new SetupError(`npm ci left node_modules unlike the lock file: ${differenceToLock()}`, {
      remedy: 'delete node_modules and run again',
    });
  }
  writeStamp(stamp, hashOf([lockFile], process.version));
  return reason === undefined ? 'node_modules checked' : 'packages of package-lock.json installed';
}
