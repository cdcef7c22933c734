import { createWriteStream, existsSync } from 'node:fs';
import { mkdir, readdir, readFile, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { ConfigError, SegError } from '../../core/errors.js';
import { makeFolderAtomically, removeAbandoned, writePart } from '../../files/atomicFolder.js';
import { freeBytes, makeOutputFolder } from '../../files/folders.js';
import { runGroup } from '../process/processGroup.js';
import { readPinnedPackages, requirementsPath } from './pinnedPackages.js';
import { isolatedPythonEnv } from './python.js';
import { inspectToolchain, type ToolchainState } from './toolchainFolder.js';

/** Where a toolchain is made, of which Python, and who is told of it. */
export interface InstallRequest {
  readonly folder: string;
  /** A Python 3.10. */
  readonly python: string;
  /** Replace a toolchain that is there. */
  readonly isForced: boolean;
  readonly signal: AbortSignal;
  /** A line on what is being done. */
  readonly onProgress: (line: string) => void;
}

/** 2.7 GB stay; the largest of the archives are on the disk beside them meanwhile. */
const neededBytes = 4.5e9;
const gigabytes = (bytes: number) => `${(bytes / 1e9).toFixed(1)} GB`;

/** Without what would send pip or Python elsewhere; index, mirror and proxy of the user stay. */
function installEnv(env: NodeJS.ProcessEnv, temporary: string): NodeJS.ProcessEnv {
  const { PIP_TARGET, PIP_PREFIX, PIP_USER, ...rest } = isolatedPythonEnv(env);
  return { ...rest, TMPDIR: temporary };
}

/** Programs name their interpreter by its path: it must be that of the folder's final name. */
async function rewriteInterpreters(folder: string, finalFolder: string): Promise<void> {
  const bin = join(folder, 'bin');
  for (const entry of await readdir(bin, { withFileTypes: true })) {
    if (!entry.isFile()) continue;
    const path = join(bin, entry.name);
    const bytes = await readFile(path);
    if (bytes.includes(0)) continue;
    const text = bytes.toString('utf8');
    if (text.includes(folder)) await writePart(path, text.replaceAll(folder, finalFolder));
  }
}

/** pip's own words on why it failed. */
function reasonOf(text: string): string {
  const lines = text.split('\n').map((line) => line.trim());
  const errors = lines.filter((line) => /^ERROR: /.test(line)).map((line) => line.slice('ERROR: '.length));
  return errors[0] ?? lines.findLast((line) => line !== '') ?? 'it said nothing';
}

async function checkRoom(folder: string): Promise<void> {
  const free = await freeBytes(folder);
  if (free >= neededBytes) return;
  throw new ConfigError(
    'disk_space',
    `${folder} has ${gigabytes(free)} free; the toolchain needs ${gigabytes(neededBytes)} while it is installed, then 2.7 GB; give another place with --toolchain`,
    { folder, freeBytes: free, neededBytes },
  );
}

/**
 * Makes the virtual environment of the vendor's tools in one step: it takes its name when pip has checked every
 * hash and the tools have told their version.
 *
 * Throws ConfigError `toolchain_exists`, `disk_space`, `output`, and SegError `install` with pip's reason and its log.
 */
export async function installToolchain(request: InstallRequest): Promise<ToolchainState> {
  const { folder, isForced } = request;
  if (existsSync(folder) && !isForced) {
    const what = `${folder} exists already; \`model toolchain status\` says what it is, --force replaces it`;
    throw new ConfigError('toolchain_exists', what, { folder });
  }
  if (existsSync(folder)) await checkReplaceable(folder);
  makeOutputFolder(dirname(folder));
  await removeAbandoned(folder);
  await checkRoom(dirname(folder));
  await makeFolderAtomically(folder, (unfinished) => fill(unfinished, request), { isFillAborted: true });
  const state = await inspectToolchain(folder);
  if (state.condition === 'sound') return state;
  throw new SegError('install', `${folder} was installed but is ${state.condition}: ${state.fault}`, {
    folder,
  });
}

/** A folder of that name is removed with all its files only if it is a virtual environment. */
async function checkReplaceable(folder: string): Promise<void> {
  const names = await readdir(folder).catch(() => ['a file']);
  if (names.length === 0 || names.includes('pyvenv.cfg')) return;
  throw new ConfigError('output', `${folder} is not replaced: it is no virtual environment`, { folder });
}

async function fill(unfinished: string, { folder, python, signal, onProgress }: InstallRequest) {
  const temporary = join(unfinished, 'tmp');
  await mkdir(temporary);
  const logPath = `${folder}-install.log`;
  const log = createWriteStream(logPath);
  // A disk that is full is told by pip as well.
  log.on('error', () => undefined);
  const env = installEnv(process.env, temporary);
  const run = async (command: string, args: readonly string[], onText: (text: string) => void = () => {}) => {
    let all = '';
    const end = await runGroup({
      command,
      args,
      cwd: unfinished,
      env,
      signal,
      onText: (text) => {
        log.write(text);
        all += text;
        onText(text);
      },
    });
    signal.throwIfAborted();
    if (end.exitCode === 0) return all;
    const what = `${command} ${args.slice(0, 3).join(' ')} failed: ${reasonOf(all)}`;
    const remedy =
      'nothing was installed; what was loaded is in the cache of pip, so the same command goes on';
    throw new SegError('install', `${what}; log: ${logPath}; ${remedy}`, { ...end, logPath });
  };
  try {
    onProgress(`virtual environment of ${python}`);
    await run(python, ['-I', '-m', 'venv', unfinished]);
    const own = join(unfinished, 'bin', 'python');
    const total = readPinnedPackages().length;
    let count = 0;
    await run(own, pipArguments, (text) => {
      for (const [, name] of text.matchAll(/^Collecting (\S+)/gm)) {
        onProgress(`package ${++count} of ${total}: ${name}`);
      }
      if (text.includes('Installing collected packages')) onProgress('unpacking; a minute or so');
    });
    await run(own, ['-m', 'pip', 'check']);
    onProgress('checking that the tools start');
    await run(own, [join(unfinished, 'bin', 'hb_mapper'), '--version']);
    await rewriteInterpreters(unfinished, folder);
    await rm(temporary, { recursive: true });
    // The old one goes only when the new one is whole.
    await rm(folder, { recursive: true, force: true });
  } finally {
    await new Promise((resolve) => log.end(resolve));
  }
}

/** Nothing but wheels of these hashes: no code of a package runs while it is installed. */
const pipArguments = [
  ...['-m', 'pip', 'install', '--require-hashes', '--no-deps', '--only-binary', ':all:', '--no-input'],
  ...['--disable-pip-version-check', '--progress-bar', 'off', '-r', requirementsPath],
];
