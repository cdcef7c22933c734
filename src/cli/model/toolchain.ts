import { statSync } from 'node:fs';
import { resolve } from 'node:path';
import { createInterface } from 'node:readline/promises';
import { Command, Option } from 'commander';
import { SegError } from '../../core/errors.js';
import { installToolchain } from '../../toolchain/install/installToolchain.js';
import { checkLicence, licenceLines } from '../../toolchain/install/licence.js';
import { vendorPackages } from '../../toolchain/install/pinnedPackages.js';
import { findPython } from '../../toolchain/install/python.js';
import {
  defaultToolchainFolder,
  describeDeviations,
  inspectToolchain,
  type ToolchainState,
} from '../../toolchain/install/toolchainFolder.js';
import { interruptible } from '../../toolchain/process/interruption.js';
import { shellQuote } from '../../toolchain/text/shell.js';
import { calledAs } from '../calledAs.js';

interface Flags {
  readonly toolchain: string;
}

interface InstallFlags extends Flags {
  readonly python?: string;
  readonly acceptLicence: boolean;
  readonly force: boolean;
}

/** The folder of the vendor's tools, for the commands that make, show or use it. */
export function toolchainOption(): Option {
  return new Option('--toolchain <folder>', "virtual environment of the vendor's tools").default(
    defaultToolchainFolder(),
    'rdk-yolo-seg/toolchain in $XDG_DATA_HOME or ~/.local/share',
  );
}

/** The command that makes the toolchain in that folder. */
export function installCommand(folder: string): string {
  const place = folder === defaultToolchainFolder() ? '' : ` --toolchain ${shellQuote(folder)}`;
  return `${calledAs()} model toolchain install${place}`;
}

function describeSound({ folder, packages }: ToolchainState): string {
  const versions = new Map(packages.map(({ name, version }) => [name, version]));
  const vendors = vendorPackages.map((name) => `${name} ${versions.get(name)}`).join(', ');
  const since = statSync(folder).birthtime.toISOString().slice(0, 10);
  return `${folder}: ${vendors}; ${packages.length} packages, as pinned, installed ${since}`;
}

/** The terminal's user; null where there is none. */
async function ask(question: string): Promise<string> {
  const terminal = createInterface({ input: process.stdin, output: process.stderr });
  try {
    return await terminal.question(question);
  } finally {
    terminal.close();
  }
}

async function install(flags: InstallFlags): Promise<void> {
  const folder = resolve(flags.toolchain);
  const python = await findPython(flags.python ?? null);
  console.error(licenceLines.join('\n'));
  console.error(`They go into ${folder}; about 1 GB is loaded, 2.7 GB stay on the disk.`);
  await checkLicence(flags.acceptLicence, process.stdin.isTTY ? ask : null);
  const state = await interruptible((signal) =>
    installToolchain({
      folder,
      python,
      isForced: flags.force,
      signal,
      onProgress: (line) => console.error(line),
    }),
  );
  console.log(describeSound(state));
  console.log(`next: ${calledAs()} model compile MODEL.onnx --images PICTURES -o FOLDER`);
}

async function status(flags: Flags): Promise<void> {
  const folder = resolve(flags.toolchain);
  const state = await inspectToolchain(folder);
  if (state.condition === 'sound') {
    console.log(describeSound(state));
    return;
  }
  const why = {
    absent: 'is not there',
    broken: `is broken: ${state.fault}`,
    deviating: `has ${describeDeviations(state.deviations)}`,
  }[state.condition];
  const remedy = `${installCommand(folder)}${state.condition === 'absent' ? '' : ' --force'}`;
  throw new SegError('toolchain', `${folder} ${why}; install it: ${remedy}`, { folder });
}

/** `rdk-yolo-seg model toolchain`: the vendor's compiler in a virtual environment of its own. */
export function toolchainCommand(): Command {
  const installs = new Command('install')
    .summary("load the vendor's compiler from PyPI into a private virtual environment (x86-64, Python 3.10)")
    .option('--python <path>', 'Python 3.10 to make it of; else python3.10 on the path')
    .option('--accept-licence', "accept the licence of the vendor's packages without being asked", false)
    .option('--force', 'replace a toolchain that is there', false)
    .addOption(toolchainOption())
    .action(install);
  const tells = new Command('status')
    .summary('what is installed, and whether it is whole; ends with 1 if not')
    .addOption(toolchainOption())
    .action(status);
  return new Command('toolchain')
    .summary("the vendor's compiler: install it, see what is there")
    .addCommand(installs)
    .addCommand(tells);
}
