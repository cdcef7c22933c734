import { statSync } from 'node:fs';
import { resolve } from 'node:path';
import { Command, Option } from 'commander';
import { ConfigError, SegError } from '../../core/errors.js';
import { installToolchain } from '../../toolchain/install/installToolchain.js';
import { checkLicence, licenceLines } from '../../toolchain/install/licence.js';
import { readPinnedPackages, vendorPackages } from '../../toolchain/install/pinnedPackages.js';
import { findPython } from '../../toolchain/install/python.js';
import {
  defaultToolchainFolder,
  describeUnsound,
  inspectToolchain,
  roomNeeded,
  type ToolchainState,
} from '../../toolchain/install/toolchainFolder.js';
import { interruptible } from '../../files/interruption.js';
import { shellQuote } from '../../toolchain/text/shell.js';
import { ask, canAsk } from '../ask.js';
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
    '$RDK_YOLO_SEG_TOOLCHAIN, else rdk-yolo-seg/toolchain in $XDG_DATA_HOME or ~/.local/share',
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
  return `${folder}: ${vendors}; ${readPinnedPackages().length} packages as pinned, installed ${since}`;
}

interface InstallChoices {
  readonly folder: string;
  readonly python: string | null;
  readonly isLicenceAccepted: boolean;
  readonly isForced: boolean;
}

/** Tells the licence and has it accepted, then installs. Throws as `findPython`, `checkLicence`, `installToolchain`. */
async function installAsAgreed(choices: InstallChoices, signal: AbortSignal): Promise<ToolchainState> {
  const { folder, isForced } = choices;
  const python = await findPython(choices.python);
  console.error(licenceLines.join('\n'));
  console.error(`They go into ${folder}; ${roomNeeded}.`);
  const agree = (question: string) => ask(question, signal);
  if (!choices.isLicenceAccepted) await checkLicence(installCommand(folder), canAsk() ? agree : null);
  const onProgress = (line: string) => console.error(line);
  return installToolchain({ folder, python, isForced, signal, onProgress });
}

/**
 * The toolchain to compile with; where there is none, a terminal's user is offered to install it.
 *
 * Throws ConfigError `toolchain` with the command that installs it, and what an installation throws.
 */
export async function toolchainToCompileWith(folder: string, signal: AbortSignal): Promise<ToolchainState> {
  const state = await inspectToolchain(folder);
  if (state.condition === 'sound') return state;
  if (state.condition !== 'absent' || !canAsk()) {
    throw new ConfigError('toolchain', describeUnsound(state, installCommand(folder)), { folder });
  }
  console.error(`the vendor's toolchain is not in ${folder}; it can be installed now`);
  const choices = { folder, python: null, isLicenceAccepted: false, isForced: false };
  return installAsAgreed(choices, signal);
}

async function install(flags: InstallFlags): Promise<void> {
  const choices = {
    folder: resolve(flags.toolchain),
    python: flags.python ?? null,
    isLicenceAccepted: flags.acceptLicence,
    isForced: flags.force,
  };
  const state = await interruptible((signal) => installAsAgreed(choices, signal));
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
  throw new SegError('toolchain', describeUnsound(state, installCommand(folder)), { folder });
}

/** `rdk-yolo-seg model toolchain`: the vendor's compiler in a virtual environment of its own. */
export function toolchainCommand(): Command {
  const installs = new Command('install')
    .summary("load the vendor's compiler from PyPI into a private virtual environment (x86-64, Python 3.10)")
    .option(
      '--python <path>',
      'Python 3.10 to make it of; else python3.10 on the path, or one of pyenv or uv',
    )
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
