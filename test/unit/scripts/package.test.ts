import { execFileSync, spawnSync } from 'node:child_process';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import {
  controlText,
  maintainerScripts,
  makeDebianPackage,
  prefix,
} from '../../../scripts/package/debian.mjs';
import { isNeededOfRclnodejs } from '../../../scripts/package/folder.mjs';
import { listOfParts } from '../../../scripts/package/licences.mjs';
import {
  directDependencies,
  isNeededToRun,
  packagesNeededBy,
} from '../../../scripts/package/npmPackages.mjs';
import { packagesOf, parts } from '../../../scripts/package/parts.mjs';
import { spdxDocument } from '../../../scripts/package/spdx.mjs';
import { newestGlibc, targetOf, tooNewSymbols } from '../../../scripts/package/targets.mjs';
import { root } from '../../../scripts/setup/paths.mjs';

const robot = targetOf('humble', 'arm64');
const arm64 = { platform: 'linux', arch: 'arm64' };
const [base, onnx] = parts;
const temporary = mkdtempSync(join(tmpdir(), 'package-'));
afterAll(() => rmSync(temporary, { recursive: true, force: true }));

describe.each(['package', 'testInstall', 'fuzz'])('%s, told what it does not know,', (script) => {
  const run = (flag: string) =>
    spawnSync(process.execPath, [join(root, 'scripts', `${script}.mjs`), flag], { encoding: 'utf8' });

  it('ends with 2, the flag and the usage, and with 0 where that is asked for', () => {
    const usage = /^usage: npm run \S+ -- .*\n(?: {2}\S.*\n)+$/;
    const { status, stdout, stderr } = run('--nix');
    expect({ status, stdout }).toEqual({ status: 2, stdout: '' });
    const [first, ...rest] = stderr.split('\n');
    expect(first).toMatch(/^(package|install|fuzz): Unknown option '--nix'/);
    expect(rest.join('\n')).toMatch(usage);
    expect(run('--help')).toMatchObject({ status: 0, stdout: expect.stringMatching(usage) as string });
  });
});

describe('the target', () => {
  it('names what is known where an option is missing or wrong', () => {
    expect(() => targetOf(undefined, 'arm64')).toThrow('--distro is missing; expected one of humble, jazzy');
    expect(() => targetOf('humble', 'x64')).toThrow('--arch x64 is not known; expected one of amd64, arm64');
  });

  it('finds the symbols that are newer than its system, as numbers and not as text', () => {
    const objdump = [
      '0000 DF *UND* 0000 (GLIBC_2.4)  memcpy',
      '0000 DF *UND* 0000 (GLIBC_2.36) arc4random',
      '0000 DF *UND* 0000 (GLIBCXX_3.4.9)  a',
      '0000 DF *UND* 0000 (GLIBCXX_3.4.31) b',
      '0000 DF *UND* 0000 (CXXABI_1.3.13) c',
    ].join('\n');
    expect(tooNewSymbols(objdump, robot.distribution)).toEqual(['GLIBCXX_3.4.31', 'GLIBC_2.36']);
  });

  it('asks for the newest glibc that one of its binaries needs, as numbers and not as text', () => {
    const objdumps = ['(GLIBC_2.4)  memcpy\n(GLIBC_2.28) fcntl64', '(GLIBC_2.9) a\n(GLIBCXX_3.4.30) b', ''];
    expect(newestGlibc(objdumps)).toBe('2.28');
    expect(newestGlibc([''])).toBe(undefined);
  });
});

describe('what a part has', () => {
  it('is of its architecture alone', () => {
    const packages = packagesOf(base!, arm64);
    expect(packages).toContain('node_modules/@img/sharp-linux-arm64');
    expect(packages).toContain('node_modules/@napi-rs/canvas-linux-arm64-gnu');
    expect(packages.filter((path) => /x64|musl|darwin|win32|wasm32/.test(path))).toEqual([]);
  });

  it('leaves ONNX Runtime and what reads its models to the part for them', () => {
    const heavy = ['onnxruntime-node', 'onnx-buf', '@bufbuild/protobuf'].map(
      (name) => `node_modules/${name}`,
    );
    const packages = packagesOf(base!, arm64);
    expect(heavy.filter((path) => packages.includes(path))).toEqual([]);
    expect(packagesOf(onnx!, arm64)).toEqual(expect.arrayContaining(heavy));
  });

  it('is, with all parts together, what package.json lists, each package once', () => {
    const all = parts.flatMap((part) => packagesOf(part, arm64));
    expect(all.toSorted()).toEqual(packagesNeededBy(directDependencies(), arm64));
  });

  it('is there, file by file', () => {
    const listed = parts.flatMap(({ files }) => files).filter((path) => path !== 'dist');
    expect(listed.filter((path) => !existsSync(join(root, path)))).toEqual([]);
  });

  it('brings every script that its own scripts import', () => {
    const scripts = base!.files.filter((path) => path.endsWith('.mjs'));
    const missing = scripts.flatMap((path) => {
      const imports = readFileSync(join(root, path), 'utf8').matchAll(/from '(\.[^']+)'/g);
      return Array.from(imports, ([, to]) => join(path, '..', to!)).filter((to) => !scripts.includes(to));
    });
    expect(missing).toEqual([]);
  });

  it('has the addon of rclnodejs for its ROS, what compiles it anew, and nothing compiled here', () => {
    const kept = (path: string) => isNeededOfRclnodejs(path, robot);
    expect(kept('prebuilds/linux-arm64')).toBe(true);
    expect(kept('prebuilds/linux-arm64/humble-jammy-arm64-node-rclnodejs.node')).toBe(true);
    expect(kept('src/rcl_handle.h')).toBe(true);
    expect(
      [
        'prebuilds/linux-x64',
        'prebuilds/linux-arm64/jazzy-noble-arm64-node-rclnodejs.node',
        'prebuilds/linux-arm64/humble-jammy-arm64-electron-rclnodejs.node',
        'build/Release/rclnodejs.node',
        'generated/std_msgs',
      ].filter(kept),
    ).toEqual([]);
  });

  it('has the runtime of its architecture, and every licence', () => {
    const runtime = 'node_modules/onnxruntime-node/bin/napi-v6/linux';
    expect(isNeededToRun(`${runtime}/arm64/libonnxruntime.so.1`, arm64)).toBe(true);
    expect(isNeededToRun(`${runtime}/x64/libonnxruntime.so.1`, arm64)).toBe(false);
    expect(isNeededToRun('node_modules/a/LICENSE.md', arm64)).toBe(true);
    expect(isNeededToRun('node_modules/a/README.md', arm64)).toBe(false);
  });
});

describe('the list of licences', () => {
  it('has one for everything, as SPDX 2.3', () => {
    const linked = [{ name: 'libyuv0', version: '0.0', licence: 'BSD-3-Clause', copyright: '' }];
    const list = listOfParts(base!, robot, linked);
    expect(list.spdxVersion).toBe('SPDX-2.3');
    const declared = new Map(list.packages.map(({ name, licenseDeclared }) => [name, licenseDeclared]));
    expect(declared.get('rdk-yolo-seg')).toBe('Apache-2.0');
    expect(declared.get('node')).toBe('MIT');
    expect(declared.get('libyuv0')).toBe('BSD-3-Clause');
    expect(declared.get('@img/sharp-libvips-linux-arm64')).toBe('LGPL-3.0-or-later');
    const operators = /^\(?[A-Za-z0-9.-]+( (AND|OR) [A-Za-z0-9.-]+)*\)?$/;
    expect([...declared.values()].filter((text) => !operators.test(text ?? ''))).toEqual([]);
    const ids = list.packages.map(({ SPDXID }) => SPDXID);
    expect(new Set(ids).size).toBe(ids.length);
    expect(ids.filter((id) => !/^SPDXRef-[A-Za-z0-9.-]+$/.test(id))).toEqual([]);
  });

  it('is refused where a package states none', () => {
    const whole = { name: 'a', version: '1', licence: 'MIT', from: '' };
    const unknown = { name: 'b', version: '2', licence: undefined, from: '' };
    expect(() => spdxDocument(whole, [unknown], new Date())).toThrow('no licence is stated for b 2');
  });
});

describe('the package for dpkg', () => {
  it('says what it is and needs', () => {
    const facts = { version: '0.2.0', installedKiB: 12, glibc: '2.34' };
    const lines = controlText(base!, robot, facts).split('\n');
    expect(lines.slice(0, 3)).toEqual(['Package: rdk-yolo-seg', 'Version: 0.2.0', 'Architecture: arm64']);
    expect(lines).toEqual(
      expect.arrayContaining([
        'Installed-Size: 12',
        'Depends: libc6 (>= 2.34), libstdc++6 (>= 12)',
        expect.stringMatching(/^Recommends: g\+\+, make, .*ros-humble-launch-ros$/),
        expect.stringMatching(/^Description: YOLOv8 .* \(ROS 2 humble\)$/),
      ]),
    );
    expect(controlText(onnx!, robot, facts)).toContain(
      '\nDepends: rdk-yolo-seg (= 0.2.0), libc6 (>= 2.34)\n',
    );
    const scripts = { ...facts, glibc: undefined };
    expect(controlText(onnx!, robot, scripts)).toContain('\nDepends: rdk-yolo-seg (= 0.2.0)\n');
  });

  it('starts the program that it brings, with the values that it brings', () => {
    const unit = readFileSync(join(root, 'config/systemd/rdk-yolo-seg.service'), 'utf8');
    expect(unit).toContain(
      '\nExecStart=/usr/bin/rdk-yolo-seg node --ros-args --params-file /etc/rdk-yolo-seg/yolo_seg.yaml\n',
    );
    expect(unit).toContain(`\nDocumentation=file://${prefix}/docs/install.md\n`);
    // What a user has to correct, which no start mends: `exitUnusable` of src/cli/main.ts.
    expect(unit).toMatch(/^Restart=on-failure$/m);
    expect(unit).toMatch(/^RestartPreventExitStatus=2$/m);
  });

  it('starts a running service again after an update, no other, and none where no systemd runs', () => {
    const { postinst, prerm } = maintainerScripts(true);
    const calls = (script: string, hasSystemd: boolean, ...args: string[]): string[] => {
      const tried = join(temporary, 'tried');
      mkdirSync(join(tried, 'bin'), { recursive: true });
      const said = join(tried, 'said');
      writeFileSync(said, '');
      // In the places of systemd, and of the script that compiles.
      const stand = `#!/bin/sh\necho "$(basename "$0")" "$@" >> ${said}\n`;
      for (const name of ['systemctl', 'rdk-yolo-seg-prepare']) {
        writeFileSync(join(tried, 'bin', name), stand);
        chmodSync(join(tried, 'bin', name), 0o755);
      }
      const text = script
        .replaceAll('/run/systemd/system', hasSystemd ? tried : join(tried, 'none'))
        .replaceAll(prefix, tried);
      const path = `${join(tried, 'bin')}:${process.env.PATH}`;
      execFileSync('sh', ['-c', text, 'script', ...args], { env: { PATH: path, DPKG_ROOT: '' } });
      return readFileSync(said, 'utf8').trim().split('\n');
    };
    expect(calls(postinst, true, 'configure', '0.1.0')).toEqual([
      'systemctl daemon-reload',
      'rdk-yolo-seg-prepare',
      'systemctl try-restart rdk-yolo-seg.service',
    ]);
    expect(calls(postinst, false, 'configure', '0.1.0')).toEqual(['rdk-yolo-seg-prepare']);
    expect(calls(prerm, true, 'upgrade', '0.2.0')).toEqual(['']);
    expect(calls(prerm, true, 'remove')).toEqual(['systemctl disable --now rdk-yolo-seg.service']);
  });

  it('leaves nothing behind, of what it brought and of what was made from it', async () => {
    const folder = join(temporary, 'folder');
    mkdirSync(join(folder, 'bin'), { recursive: true });
    writeFileSync(join(folder, 'bin/rdk-yolo-seg'), '');
    // In the place of the script that compiles: leaves files that dpkg knows nothing of.
    const compiles = '#!/bin/sh\ncd "$(dirname "$0")/.." && mkdir .ros && touch .ros/setup.sh native.node\n';
    writeFileSync(join(folder, 'bin/rdk-yolo-seg-prepare'), compiles);
    chmodSync(join(folder, 'bin/rdk-yolo-seg-prepare'), 0o755);
    const file = join(temporary, 'package.deb');
    const options = { folder, file, version: '0.2.0', glibc: '2.34', hasHbmem: false, level: 1 };
    await makeDebianPackage(base!, robot, options);

    const system = join(temporary, 'system');
    for (const path of ['var/lib/dpkg/info', 'var/lib/dpkg/updates', 'opt', 'usr/bin', 'etc']) {
      mkdirSync(join(system, path), { recursive: true });
      // An empty folder is dpkg's to remove.
      writeFileSync(join(system, path, 'of-the-system'), '');
    }
    writeFileSync(join(system, 'var/lib/dpkg/status'), '');
    const files = () =>
      readdirSync(system, { recursive: true, encoding: 'utf8' })
        .filter((path) => !path.startsWith('var/lib/dpkg'))
        .toSorted();
    const before = files();
    const force = [
      '--force-script-chrootless',
      '--force-architecture',
      '--force-depends',
      '--force-not-root',
    ];
    const asRoot = process.getuid?.() === 0 ? [] : ['unshare', '--map-root-user'];
    const dpkg = (...args: string[]) => {
      const [program = '', ...rest] = [
        ...asRoot,
        'dpkg',
        `--root=${system}`,
        ...force,
        '--log=/dev/null',
        ...args,
      ];
      execFileSync(program, rest, { stdio: 'pipe' });
    };

    dpkg('--install', file);
    expect(files()).toEqual(
      expect.arrayContaining([
        'etc/rdk-yolo-seg/yolo_seg.yaml',
        'lib/systemd/system/rdk-yolo-seg.service',
        'opt/rdk-yolo-seg/.ros/setup.sh',
        'opt/rdk-yolo-seg/native.node',
        'usr/bin/rdk-yolo-seg',
      ]),
    );
    dpkg('--purge', 'rdk-yolo-seg');
    expect(files()).toEqual(before);
  });
});
