import {
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
import { afterAll, describe, expect, it, vi } from 'vitest';
import { licenceLines } from '#dist/toolchain/install/licence.js';
import {
  readPinnedPackages,
  requirementsPath,
  vendorPackages,
} from '#dist/toolchain/install/pinnedPackages.js';
import { defaultToolchainFolder } from '#dist/toolchain/install/toolchainFolder.js';
import {
  CallNotes,
  demoModel,
  isRunning,
  makePython,
  makeToolchain,
  pictures,
  runAtTerminal,
  runCli,
} from './standInTools.js';

vi.setConfig({ testTimeout: 120_000 });

const scratch = mkdtempSync(join(tmpdir(), 'install-'));
afterAll(() => rmSync(scratch, { recursive: true }));
const python = makePython(join(scratch, 'python3.10'));
const notes = new CallNotes(join(scratch, 'calls'));

function toolchain(
  command: 'install' | 'status',
  folder: string,
  args: readonly string[] = [],
  env: NodeJS.ProcessEnv = {},
  onStderr?: (all: string, processId: number) => void,
) {
  const own = command === 'install' ? ['--python', python] : [];
  return runCli(
    ['model', 'toolchain', command, '--toolchain', folder, ...own, ...args],
    { STANDIN_PYTHON: python, STANDIN_CALLS: notes.path, ...env },
    onStderr,
  );
}

const accepted = ['--accept-licence'];

it('installs, tells what is there, and replaces it only when told to', async () => {
  const folder = join(scratch, 'data', 'toolchain');
  const { status, stdout, stderr } = await toolchain('install', folder, accepted);
  expect(stderr).toContain('All Rights Reserved');
  expect(stderr).toMatch(/package 60 of 60: tzdata/);
  expect(status).toBe(0);
  expect(stdout).toMatch(
    /rdkx5-yolo-mapper 1\.0\.0, dgdk 1\.0\.0, dg-nn-toolkit 1\.0\.0; 60 packages as pinned/,
  );
  // Programs start the interpreter of the folder that is there, not of the one they were made in.
  expect(readFileSync(join(folder, 'bin', 'hb_mapper'), 'utf8')).toBe(`#!${folder}/bin/python\n`);
  expect(readdirSync(join(scratch, 'data')).toSorted()).toEqual(['toolchain', 'toolchain-install.log']);
  expect((await toolchain('status', folder)).stdout).toMatch(/60 packages as pinned/);

  const again = await toolchain('install', folder, accepted);
  expect(again.stderr).toMatch(/exists already.*--force/);
  expect(again.status).toBe(2);
  expect((await toolchain('install', folder, [...accepted, '--force'])).status).toBe(0);
});

it('installs nothing before the licence is accepted', async () => {
  const folder = join(scratch, 'unaccepted');
  const { status, stderr } = await toolchain('install', folder);
  expect(stderr).toMatch(/licence: nobody can be asked here; nothing was installed.*--accept-licence/);
  expect(status).toBe(2);
  expect(readdirSync(scratch)).not.toContain('unaccepted');
});

it('a failure of pip is told in its words, with the log, and leaves the toolchain of before', async () => {
  const folder = makeToolchain(join(scratch, 'before'));
  writeFileSync(join(folder, 'pyvenv.cfg'), '');
  const { status, stderr } = await toolchain('install', folder, [...accepted, '--force'], { STANDIN: 'pip' });
  expect(stderr).toMatch(
    /pip install failed: Could not find a version that satisfies the requirement dgdk==1\.0\.0; log: .*before-install\.log/,
  );
  expect(status).toBe(1);
  expect(readdirSync(scratch).filter((name) => name.includes('unfinished'))).toEqual([]);
  expect((await toolchain('status', folder)).status).toBe(0);
});

it('Ctrl-C ends pip and leaves nothing', async () => {
  const folder = join(scratch, 'interrupted', 'toolchain');
  let isSent = false;
  const { status } = await toolchain('install', folder, accepted, { STANDIN: 'hang' }, (all, processId) => {
    const log = `${folder}-install.log`;
    if (isSent || !all.includes('virtual environment')) return;
    isSent = true;
    const timer = setInterval(() => {
      if (!existsSync(log) || !readFileSync(log, 'utf8').includes('wait for ever')) return;
      clearInterval(timer);
      process.kill(processId, 'SIGINT');
    }, 20);
  });
  expect(status).toBe(130);
  expect(readdirSync(join(scratch, 'interrupted'))).toEqual(['toolchain-install.log']);
  const [child] = notes.take().flatMap((line) => /^child (\d+)/.exec(line)?.[1] ?? []);
  expect(isRunning(Number(child))).toBe(false);
});

it('another Python is refused with the ways to get one', async () => {
  const folder = join(scratch, 'other');
  const { status, stderr } = await toolchain('install', folder, accepted, { STANDIN_VERSION: '3.12' });
  expect(stderr).toMatch(/no Python 3\.10 for the toolchain: .* is 3\.12\n[\s\S]*uv python install 3\.10/);
  expect(status).toBe(2);
});

it.each([
  ['pyenv', (home: string) => ({ PYENV_ROOT: home }), 'versions/3.10.13', 'versions/3.10.4'],
  [
    'uv',
    (home: string) => ({ UV_PYTHON_INSTALL_DIR: home }),
    'cpython-3.10.19-linux-x86_64-gnu',
    'cpython-3.10.9-linux-x86_64-gnu',
  ],
])(
  'takes the newest Python 3.10 that %s keeps, whatever is chosen for the path',
  async (name, envOf, newest, older) => {
    const home = join(scratch, name);
    for (const version of [older, newest, newest.replace('3.10', '3.9')]) {
      mkdirSync(join(home, version, 'bin'), { recursive: true });
      makePython(join(home, version, 'bin', 'python'));
    }
    const kept = join(home, newest, 'bin', 'python');
    const folder = join(scratch, `${name}-toolchain`);
    const env = { PATH: '/nowhere', HOME: scratch, PYENV_ROOT: '', STANDIN_PYTHON: kept, ...envOf(home) };
    const { status, stderr } = await runCli(
      ['model', 'toolchain', 'install', '--toolchain', folder, ...accepted],
      env,
    );
    expect(stderr).toContain(`virtual environment of ${kept}\n`);
    expect(status).toBe(0);
  },
);

it('does not remove a folder that is something else', async () => {
  const folder = join(scratch, 'pictures');
  mkdirSync(folder);
  writeFileSync(join(folder, 'holiday.jpg'), '');
  const { status, stderr } = await toolchain('install', folder, [...accepted, '--force']);
  expect(stderr).toMatch(/is not replaced: it is no virtual environment/);
  expect(status).toBe(2);
  expect(readdirSync(folder)).toEqual(['holiday.jpg']);
});

describe('compile without a toolchain offers to install it', () => {
  const question = '[y/N] ';
  const model = ['model', 'compile', demoModel, '--images', pictures, '--calib-count', '2'];
  const at = (name: string) => ({ folder: join(scratch, name), output: join(scratch, `${name}-out`) });
  const compileAtTerminal = (name: string, typed: string) => {
    const { folder, output } = at(name);
    const env = { STANDIN_PYTHON: python, STANDIN_CALLS: notes.path, PATH: `${scratch}:${process.env.PATH}` };
    return runAtTerminal([...model, '-o', output, '--toolchain', folder], env, question, typed);
  };

  it('tells the licence, asks, installs and goes on', async () => {
    const { status, shown } = await compileAtTerminal('offered', 'y\r');
    const [before = '', after = ''] = shown.split(question);
    expect(before).toMatch(/is not in .*offered; it can be installed now[\s\S]*All Rights Reserved/);
    expect(before).not.toContain('virtual environment of');
    expect(after).toMatch(/virtual environment of[\s\S]*package 60 of 60[\s\S]*this node can run it/);
    expect(status).toBe(0);
    expect(readdirSync(at('offered').output)).toContain('shapes_seg_320_bayese_320x320_nv12_modified.bin');
  });

  it.each([
    [
      'no',
      'n\r',
      2,
      /not accepted; nothing was installed.*toolchain install --toolchain .* --accept-licence/,
    ],
    ['the end of input', '\x04', 2, /not accepted; nothing was installed/],
    ['Ctrl-C', '\x03', 130, /interrupted by SIGINT/],
  ])('%s installs nothing', async (name, typed, expected, message) => {
    const { status, shown } = await compileAtTerminal(name, typed);
    expect(shown).toMatch(message);
    expect(status).toBe(expected);
    expect([at(name).folder, at(name).output].filter((path) => existsSync(path))).toEqual([]);
  });

  it('is told with the command where nobody can be asked', async () => {
    const { folder, output } = at('unasked');
    const { status, stderr } = await runCli([...model, '-o', output, '--toolchain', folder], {});
    expect(stderr).toMatch(/toolchain is not in .*unasked; install it \(.*\): .*model toolchain install/);
    expect(status).toBe(2);
  });
});

it('pins every package by version and hash', () => {
  const lines = readFileSync(requirementsPath, 'utf8').split('\n');
  const packages = lines.filter((line) => line !== '' && !line.startsWith('#'));
  expect(packages.filter((line) => !/^[\w-]+==[\w.]+ --hash=sha256:[0-9a-f]{64}$/.test(line))).toEqual([]);
  expect(readPinnedPackages()).toHaveLength(packages.length);
});

it('names the vendor’s packages with their versions where licences are told', () => {
  const pinned = new Map(readPinnedPackages().map(({ name, version }) => [name, version]));
  const page = readFileSync(new URL('../../../../docs/dependencies.md', import.meta.url), 'utf8');
  for (const name of vendorPackages) {
    expect(page).toContain(`${name} ${pinned.get(name)}`);
    expect(licenceLines.join('\n')).toContain(`${name} ${pinned.get(name)}`);
  }
});

it('lies where it is told, else with the user’s data', () => {
  const env = { RDK_YOLO_SEG_TOOLCHAIN: '/disk/toolchain', XDG_DATA_HOME: '/data' };
  expect(defaultToolchainFolder(env)).toBe('/disk/toolchain');
  expect(defaultToolchainFolder({ XDG_DATA_HOME: '/data' })).toBe('/data/rdk-yolo-seg/toolchain');
  expect(defaultToolchainFolder({ XDG_DATA_HOME: 'relative' })).toMatch(
    /\/\.local\/share\/rdk-yolo-seg\/toolchain$/,
  );
});
