import { existsSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { cacheFolder } from '../package/fetched.mjs';
import { run } from '../setup/exec.mjs';

/** Debian's release of the age of Ubuntu 22.04, which glibc and Python of the packages fit. */
const release = 'bookworm';

/** What is booted, and what prepares a package; nothing of ROS and no Node.js. */
const bootable = ['systemd', 'systemd-sysv', 'dbus', 'g++', 'make', 'cmake', 'python3', 'python3-dev'];

/**
 * Folder with a small Debian system, made unless it is there: kept for the next time, and never changed afterwards.
 *
 * @param {import('../package/targets.mjs').Architecture} architecture
 * @param {(command: readonly string[]) => Promise<number>} [emulate] runs a command where the architecture's programs start
 * @returns {Promise<string>}
 */
export async function systemRoot({ debian }, emulate) {
  const folder = join(cacheFolder, `system-${debian}`);
  if (existsSync(folder)) return folder;
  const temporary = `${folder}.new`;
  rmSync(temporary, { recursive: true, force: true });
  const command = [
    ...['mmdebstrap', '--mode=root', '--variant=minbase', `--architectures=${debian}`],
    ...(emulate ? [] : [`--include=${bootable.join(',')}`]),
    ...[release, temporary],
  ];
  console.log(`[install] a Debian ${release} for ${debian}, once, from Debian's archive ...`);
  if (emulate) {
    const code = await emulate(command);
    if (code !== 0) throw new Error(`mmdebstrap ended with ${code}`);
  } else {
    await run('mmdebstrap', command.slice(1), { log: 'install-system' });
  }
  renameSync(temporary, folder);
  return folder;
}
