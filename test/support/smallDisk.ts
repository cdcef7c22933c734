import { spawnSync } from 'node:child_process';

/** A mount is for root alone, be it in a namespace of one's own. */
const asRoot = process.getuid?.() === 0 ? [] : ['--map-root-user'];

/** The words that have a program run where `folder` is a file system of its own with so many KiB, which nobody else sees. */
export function onSmallDisk(folder: string, sizeKib: number): string[] {
  const mounted = `mount -t tmpfs -o size=${sizeKib}k tmpfs "$0" && exec "$@"`;
  return ['unshare', ...asRoot, '--mount', 'sh', '-c', mounted, folder];
}

/** Why there can be none here, as in a container without the right to mount; null where there can. */
export function whyNoSmallDisk(): string | null {
  const [command, ...args] = [...onSmallDisk('/mnt', 16), 'true'];
  const { status, stderr } = spawnSync(command!, args, { encoding: 'utf8' });
  return status === 0 ? null : stderr.trim();
}

/** The folder as such a program sees it, for others. */
export function folderOf(pid: number, folder: string): string {
  return `/proc/${pid}/root${folder}`;
}
