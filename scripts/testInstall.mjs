#!/usr/bin/env node
// Usage: npm run test:install [-- --distro jazzy] [--arch amd64|arm64]     installs the packages in a fresh system, uses and purges them
//
// The system is a small Debian in .tools, made once; it is booted with systemd, without a network, and what is done to it is lost
// afterwards. amd64 with Jazzy has ROS from the checkout's wheels; arm64 runs under emulation, without systemd and ROS. Needs root.
// The program's words are in out/install. Ends with 77 where it cannot be tried.
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { parseArgs } from 'node:util';
import { emulatorRemedy, findEmulator, runEmulated } from './emulation.mjs';
import { systemRoot } from './install/systemRoot.mjs';
import { optionsOrExit } from './optionsOrExit.mjs';
import { lockedPackages } from './package/npmPackages.mjs';
import { targetOf } from './package/targets.mjs';
import { environmentOf, wheelsRos } from './rosEnv.mjs';
import { describeFailure, SetupError } from './setup/exec.mjs';
import { paths, root } from './setup/paths.mjs';
import { which } from './setup/toolchain.mjs';

/** As the tests of automake have it. */
const SKIPPED = 77;

const guestPrograms = join(root, 'scripts', 'install');
const packages = join(root, 'dist-packages');

/** @param {import('./rosEnv.mjs').RosInstallation} ros */
function rosSetupScript(ros) {
  const { set, defaults, prepend } = environmentOf(ros);
  const fixed = Object.entries({ ...set, ...defaults });
  const inRos = (/** @type {string} */ folder) => !folder.startsWith(paths.overlay);
  const searched = Object.entries(prepend).map(
    ([name, folders]) => `export ${name}="${folders.filter(inRos).join(':')}\${${name}:+:$${name}}"`,
  );
  return [...fixed.map(([name, value]) => `export ${name}=${value}`), ...searched, ''].join('\n');
}

/** What ROS from wheels lies in: itself, and the Python that it was installed with where the system brings another. */
function rosFolders() {
  const home =
    /^home = (.*)$/m.exec(readFileSync(join(paths.wheels, 'pyvenv.cfg'), 'utf8'))?.[1] ?? '/usr/bin';
  return [paths.wheels, ...(home === '/usr/bin' ? [] : [dirname(home)])];
}

/**
 * Why it cannot be tried here.
 *
 * @param {import('./package/targets.mjs').Target} target
 * @param {string} file
 * @param {boolean} isForeign
 */
function whyNot({ architecture, distribution }, file, isForeign) {
  if (process.getuid?.() !== 0) return 'needs root, to make a system and to boot it';
  const programs = ['mmdebstrap', ...(isForeign ? ['arch-test'] : ['systemd-nspawn'])];
  const lacks = programs.filter((program) => !which(program));
  if (lacks.length > 0) {
    return `this machine lacks ${lacks.join(', ')}: sudo apt-get install mmdebstrap arch-test systemd-container`;
  }
  if (isForeign && !findEmulator()) return `no emulator: ${emulatorRemedy}`;
  if (!existsSync(file)) {
    return `no ${file}: npm run package -- --distro ${distribution.distro} --arch ${architecture.debian}`;
  }
  return undefined;
}

/**
 * @param {string} system folder
 * @param {Record<string, string>} shown folders and files of this machine, by their place in the system
 * @param {string} out the one that can be written
 */
function boot(system, shown, out) {
  // Elsewhere nspawn asks the machine's systemd for a place.
  const alone = existsSync('/run/systemd/system') ? [] : ['--register=no', '--keep-unit'];
  const binds = Object.entries(shown).map(([to, from]) => `--bind-ro=${from}:${to}`);
  const { status, stderr } = spawnSync(
    'systemd-nspawn',
    [
      ...['--quiet', '--private-network', '--volatile=overlay', ...alone],
      ...[...binds, `--bind=${out}:/proof/out`, '--boot', '-D', system],
      ...[
        'systemd.run=/proof/guest.sh',
        'systemd.run_success_action=exit',
        'systemd.run_failure_action=exit',
      ],
    ],
    { stdio: ['ignore', 'ignore', 'pipe'], encoding: 'utf8' },
  );
  if (!existsSync(join(out, 'log'))) throw new SetupError(`systemd-nspawn ended with ${status}: ${stderr}`);
}

const enter = `set -e
mkdir "$1/upper" "$1/work" "$1/system"
mount -t overlay overlay -o "userxattr,lowerdir=$2,upperdir=$1/upper,workdir=$1/work" "$1/system"
mkdir -p "$1/system/proof/out" "$1/system/proof/packages"
mount --rbind /proc "$1/system/proc"
mount --rbind /dev "$1/system/dev"
mount --bind "$5" "$1/system/proof/out"
mount --bind "$3" "$1/system/proof/packages"
cp "$1/facts" "$4/guest.sh" "$1/system/proof/"
exec env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin unshare --net chroot "$1/system" sh /proof/guest.sh`;

const USAGE = [
  'usage: npm run test:install -- [--distro NAME] [--arch NAME]',
  '  --distro NAME  whose packages: humble, jazzy (jazzy)',
  '  --arch NAME    amd64, arm64 (amd64); another one than of this machine runs under emulation',
].join('\n');

/** @param {string[]} args */
function readOptions(args) {
  const { values } = parseArgs({
    args,
    options: {
      distro: { type: 'string', default: 'jazzy' },
      arch: { type: 'string', default: 'amd64' },
      help: { type: 'boolean', short: 'h', default: false },
    },
  });
  return values.help ? null : targetOf(values.distro, values.arch);
}

async function testInstall() {
  const target = optionsOrExit('install', USAGE, readOptions);
  const { architecture, distribution } = target;
  const version = lockedPackages['']?.version ?? '';
  const isForeign = architecture.node !== process.arch;
  const deb = join(packages, `rdk-yolo-seg_${version}_${distribution.distro}_${architecture.debian}.deb`);
  const reason = whyNot(target, deb, isForeign);
  if (reason !== undefined) {
    console.log(`skipped: ${reason}`);
    return SKIPPED;
  }
  const emulator = isForeign ? findEmulator() : undefined;
  const emulate = emulator && ((/** @type {readonly string[]} */ command) => runEmulated(emulator, command));
  const system = await systemRoot(architecture, emulate);
  const ros = isForeign ? undefined : wheelsRos();
  const hasRos = ros?.distro === distribution.distro;
  const out = join(root, 'out', 'install', `${distribution.distro}-${architecture.debian}`);
  rmSync(out, { recursive: true, force: true });
  mkdirSync(out, { recursive: true });
  const work = mkdtempSync(join(tmpdir(), 'rdk-yolo-seg-install-'));
  try {
    const facts = {
      VERSION: version,
      DISTRO: distribution.distro,
      HAS_ROS: hasRos ? '1' : '0',
      IS_BOOTED: isForeign ? '0' : '1',
    };
    writeFileSync(
      join(work, 'facts'),
      Object.entries(facts)
        .map(([name, value]) => `${name}=${value}\n`)
        .join(''),
    );
    if (emulate) {
      await emulate(['sh', '-c', enter, 'sh', work, system, packages, guestPrograms, out]);
    } else {
      const setup = join(work, 'ros-setup.sh');
      writeFileSync(setup, hasRos ? rosSetupScript(ros) : '');
      boot(
        system,
        {
          '/proof/packages': packages,
          '/proof/guest.sh': join(guestPrograms, 'guest.sh'),
          '/proof/facts': join(work, 'facts'),
          '/proof/ros-setup.sh': setup,
          ...Object.fromEntries(hasRos ? rosFolders().map((folder) => [folder, folder]) : []),
        },
        out,
      );
    }
    if (!existsSync(join(out, 'done'))) {
      const log = existsSync(join(out, 'log'))
        ? readFileSync(join(out, 'log'), 'utf8')
        : 'it was not started';
      throw new SetupError(`in the fresh system: ${log.trimEnd()}`);
    }
    process.stdout.write(readFileSync(join(out, 'report'), 'utf8'));
    if (!hasRos)
      console.log(
        `not tried: anything with ROS 2 ${distribution.distro}, which this checkout has not from wheels`,
      );
    return 0;
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
}

try {
  process.exitCode = await testInstall();
} catch (error) {
  console.error(`install: ${describeFailure(error)}`);
  process.exitCode = 1;
}
