import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { run, SetupError } from '../setup/exec.mjs';
import { root } from '../setup/paths.mjs';

/** Kept between packagings. */
export const cacheFolder = join(root, '.tools', 'package');

/**
 * Folder with the unpacked files of an npm package, fetched unless it is there; refused where its hash is another one.
 *
 * @param {{ name: string, version: string, integrity: string }} wanted
 */
export async function fetchedNpmPackage({ name, version, integrity }) {
  const folder = join(cacheFolder, 'npm', `${name.replace('/', '+')}-${version}`);
  if (existsSync(folder)) return folder;
  mkdirSync(join(cacheFolder, 'npm'), { recursive: true });
  const temporary = mkdtempSync(join(cacheFolder, 'npm', '.fetch-'));
  try {
    const options = { log: 'package-fetch', append: true };
    const remedy = 'check the network and that the npm registry is reachable, then run the command again';
    await run('npm', ['pack', '--pack-destination', temporary, `${name}@${version}`], { ...options, remedy });
    const [file = ''] = readdirSync(temporary);
    const found = `sha512-${createHash('sha512')
      .update(readFileSync(join(temporary, file)))
      .digest('base64')}`;
    if (found !== integrity) {
      throw new SetupError(`${name}@${version} has hash ${found}; expected ${integrity}`, {
        remedy: 'something between here and the npm registry changes packages',
      });
    }
    // Packages name the folder inside differently.
    const target = join(temporary, 'unpacked');
    mkdirSync(target);
    await run('tar', ['-xzf', join(temporary, file), '-C', target, '--strip-components=1'], options);
    renameSync(target, folder);
  } finally {
    rmSync(temporary, { recursive: true, force: true });
  }
  return folder;
}
