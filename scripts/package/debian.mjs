import {
  chmodSync,
  cpSync,
  mkdirSync,
  readdirSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { run } from '../setup/exec.mjs';
import { root } from '../setup/paths.mjs';
import { aptPackages } from './aptPackages.mjs';

/**
 * Where packages of Debian's form lie.
 *
 * @internal Exported for tests.
 */
export const prefix = '/opt/rdk-yolo-seg';

/** The user's own values, which an update leaves as they are. */
const settings = '/etc/rdk-yolo-seg/yolo_seg.yaml';

/**
 * @typedef {import('./parts.mjs').Part} Part
 * @typedef {import('./targets.mjs').Target} Target
 */

/**
 * @param {Part} part
 * @param {Target} target
 * @param {{ version: string, installedKiB: number, glibc: string | undefined }} facts `glibc`: the oldest that loads its binaries
 * @internal Exported for tests.
 */
export function controlText(part, { architecture, distribution }, { version, installedKiB, glibc }) {
  const { distro } = distribution;
  const isBase = part.needs.length === 0;
  const lines = {
    Package: part.name,
    Version: version,
    Architecture: architecture.debian,
    Maintainer: 'rdk-yolo-seg maintainers <maintainers@rdk-yolo-seg.example.com>',
    'Installed-Size': String(installedKiB),
    Depends: [
      ...part.needs.map((name) => `${name} (= ${version})`),
      ...(glibc === undefined ? [] : [`libc6 (>= ${glibc})`]),
      ...(isBase ? ['libstdc++6 (>= 12)'] : []),
    ].join(', '),
    // Not demanded: a board's image has them under names of its own, and the program says what it lacks.
    ...(isBase ? { Recommends: aptPackages(distro).join(', ') } : {}),
    Section: 'science',
    Priority: 'optional',
    Description: `${part.summary} (ROS 2 ${distro})`,
  };
  return `${Object.entries(lines)
    .map(([name, value]) => `${name}: ${value}`)
    .join('\n')}\n`;
}

/**
 * What dpkg runs. DPKG_ROOT is empty but where the package is installed into another root.
 *
 * @param {boolean} hasHbmem whether the package brings the hbmem addon compiled
 * @returns {{ postinst: string, prerm: string, postrm: string }}
 * @internal Exported for tests.
 */
export function maintainerScripts(hasHbmem) {
  const home = `"$DPKG_ROOT${prefix}"`;
  const daemon = (/** @type {string} */ call) =>
    `[ -z "$DPKG_ROOT" ] && [ -d /run/systemd/system ] && ${call} || true`;
  return {
    postinst: `#!/bin/sh
set -e
if [ "$1" = configure ]; then
  # What an earlier version has compiled would not be made again.
  rm -rf ${home}/.ros ${home}/native/build ${home}/node_modules/rclnodejs/build ${home}/node_modules/rclnodejs/generated
${hasHbmem ? '' : `  rm -f ${home}/native/bin/hbmem-*.node\n`}  ${daemon('systemctl daemon-reload')}
  if ${home}/bin/rdk-yolo-seg-prepare; then
    # After an update: the program that runs is the former one.
    ${daemon('systemctl try-restart rdk-yolo-seg.service')}
  else
    echo 'rdk-yolo-seg: installed, but not ready to run as a node; see above, then: sudo rdk-yolo-seg-prepare' >&2
  fi
fi
`,
    prerm: `#!/bin/sh
set -e
if [ "$1" = remove ]; then
  ${daemon('systemctl disable --now rdk-yolo-seg.service')}
fi
`,
    postrm: `#!/bin/sh
set -e
case "$1" in
  remove | purge)
    # With what was compiled in there.
    rm -rf ${home}
    ${daemon('systemctl daemon-reload')}
    ;;
esac
`,
  };
}

/**
 * Size of a folder as dpkg counts it.
 *
 * @param {string} folder
 * @returns {number}
 */
export function kibibytesIn(folder) {
  let sum = 0;
  for (const entry of readdirSync(folder, { recursive: true, withFileTypes: true })) {
    if (entry.isFile()) sum += Math.ceil(statSync(join(entry.parentPath, entry.name)).size / 1024);
    else sum += 1;
  }
  return sum;
}

/**
 * Makes the `.deb` of a part.
 *
 * @param {Part} part
 * @param {Target} target
 * @param {{ folder: string, file: string, version: string, glibc: string | undefined, hasHbmem: boolean, level: number }} options
 * `glibc`: the oldest that loads its binaries; undefined where it has none
 */
export async function makeDebianPackage(part, target, { folder, file, version, glibc, hasHbmem, level }) {
  const staging = `${file}.root`;
  const options = { log: 'package-deb', append: true };
  /** @param {string} path */
  const place = (path) => {
    const full = join(staging, path);
    mkdirSync(dirname(full), { recursive: true });
    return full;
  };
  rmSync(staging, { recursive: true, force: true });
  try {
    // Hard links: the folder is large.
    await run('cp', ['-al', folder, place(prefix)], options);
    const documents = place(join('usr/share/doc', part.name, 'copyright'));
    cpSync(join(root, 'LICENSE'), documents);
    mkdirSync(join(staging, 'DEBIAN'));
    if (part.needs.length === 0) {
      for (const program of ['rdk-yolo-seg', 'rdk-yolo-seg-prepare'])
        symlinkSync(join(prefix, 'bin', program), place(join('usr/bin', program)));
      cpSync(
        join(root, 'config/systemd/rdk-yolo-seg.service'),
        place('lib/systemd/system/rdk-yolo-seg.service'),
      );
      cpSync(join(root, 'config/params/yolo_seg.yaml'), place(settings));
      writeFileSync(join(staging, 'DEBIAN/conffiles'), `${settings}\n`);
      for (const [name, text] of Object.entries(maintainerScripts(hasHbmem))) {
        writeFileSync(join(staging, 'DEBIAN', name), text);
        chmodSync(join(staging, 'DEBIAN', name), 0o755);
      }
    }
    const installedKiB = kibibytesIn(staging);
    writeFileSync(
      join(staging, 'DEBIAN/control'),
      controlText(part, target, { version, installedKiB, glibc }),
    );
    const compression = ['-Zzstd', `-z${level}`];
    await run('dpkg-deb', ['--root-owner-group', ...compression, '--build', staging, file], options);
  } finally {
    rmSync(staging, { recursive: true, force: true });
  }
}
