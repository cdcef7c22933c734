import { execFileSync } from 'node:child_process';
import { closeSync, openSync, readdirSync, readSync } from 'node:fs';
import { join } from 'node:path';
import { SetupError } from '../setup/exec.mjs';
import { newestGlibc, tooNewSymbols } from './targets.mjs';

/** @typedef {import('./targets.mjs').Target} Target */

/** @param {string} file */
function isElf(file) {
  const fd = openSync(file, 'r');
  const magic = Buffer.alloc(4);
  readSync(fd, magic);
  closeSync(fd);
  return magic.toString('latin1') === '\x7fELF';
}

/** Taken on the machine where it fits, else compiled there. */
const isTakenWhereItFits = (/** @type {string} */ file) => file.includes('/rclnodejs/prebuilds/');

/**
 * Looks at every program, addon and library of a part, and refuses one that the target's system could not load.
 *
 * @param {string} folder of the part
 * @param {Target} target
 * @returns {string | undefined} the oldest glibc that loads them, `2.34`; undefined where there are none
 */
export function checkBinaries(folder, { architecture, distribution }) {
  const files = readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .filter(isElf);
  const texts = [];
  for (const file of files) {
    const objdump = execFileSync(`${architecture.triple}-objdump`, ['-T', file], {
      encoding: 'utf8',
      maxBuffer: 1 << 28,
    });
    const found = tooNewSymbols(objdump, distribution);
    if (found.length > 0) {
      throw new SetupError(
        `${file} needs ${found.join(', ')}; ROS 2 ${distribution.distro}'s Ubuntu ends at GLIBC_${distribution.glibc} and GLIBCXX_${distribution.glibcxx}`,
        { remedy: 'make the package on an older system: Debian 12 or Ubuntu 22.04 serve every distribution' },
      );
    }
    if (!isTakenWhereItFits(file)) texts.push(objdump);
  }
  return newestGlibc(texts);
}
