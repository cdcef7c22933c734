import { existsSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join, resolve } from 'node:path';
import { counted } from '../../core/words.js';
import { type PinnedPackage, packageName, readPinnedPackages, vendorPackages } from './pinnedPackages.js';
import { probePython, pythonVersion } from './python.js';

/**
 * Where the toolchain lies unless a command is given another folder: where RDK_YOLO_SEG_TOOLCHAIN says, else with the user's
 * data, one for all checkouts.
 */
export function defaultToolchainFolder(env: NodeJS.ProcessEnv = process.env): string {
  const chosen = env.RDK_YOLO_SEG_TOOLCHAIN ?? '';
  if (chosen !== '') return resolve(chosen);
  const data = env.XDG_DATA_HOME ?? '';
  // The specification of XDG has relative paths passed over.
  const home = data.startsWith('/') ? data : join(homedir(), '.local', 'share');
  return join(home, 'rdk-yolo-seg', 'toolchain');
}

/** What an installation costs. */
export const roomNeeded = 'about 1 GB is loaded, 2.7 GB stay on the disk';

/** A package that is not there in the version that is pinned. */
export interface Deviation extends PinnedPackage {
  /** Null where it is missing. */
  readonly found: string | null;
}

/** What lies in the folder of the toolchain. */
export interface ToolchainState {
  readonly folder: string;
  readonly condition: 'absent' | 'broken' | 'deviating' | 'sound';
  /** Why it is broken; null if it is not. */
  readonly fault: string | null;
  readonly packages: readonly PinnedPackage[];
  readonly deviations: readonly Deviation[];
}

/** The packages of a virtual environment by the names of their metadata folders. */
async function readPackages(folder: string): Promise<PinnedPackage[]> {
  const names = await readdir(join(folder, 'lib', `python${pythonVersion}`, 'site-packages')).catch(() => []);
  return names.flatMap((name) => {
    const match = /^(.+)-([^-]+)\.dist-info$/.exec(name);
    return match === null ? [] : [{ name: packageName(match[1]!), version: match[2]! }];
  });
}

async function findFault(folder: string): Promise<string | null> {
  const python = join(folder, 'bin', 'python');
  try {
    const { version: found } = await probePython(python, []);
    if (found !== pythonVersion) return `its Python is ${found}; expected ${pythonVersion}`;
  } catch {
    return `${python} does not run: the folder is no virtual environment, or the Python it was made of is gone`;
  }
  const lacking = ['hb_mapper', 'hb_model_modifier', 'hb_model_info'].filter(
    (tool) => !existsSync(join(folder, 'bin', tool)),
  );
  return lacking.length === 0 ? null : `${join(folder, 'bin')} lacks ${lacking.join(', ')}`;
}

/** Looks at a toolchain without running its tools. */
export async function inspectToolchain(folder: string): Promise<ToolchainState> {
  const nothing = { folder, fault: null, packages: [], deviations: [] };
  if (!existsSync(folder)) return { ...nothing, condition: 'absent' };
  const packages = await readPackages(folder);
  const versions = new Map(packages.map(({ name, version }) => [name, version]));
  const deviations = readPinnedPackages()
    .map((pinned): Deviation => ({ ...pinned, found: versions.get(pinned.name) ?? null }))
    .filter(({ version, found }) => found !== version);
  const fault = await findFault(folder);
  const condition = fault !== null ? 'broken' : deviations.length > 0 ? 'deviating' : 'sound';
  return { folder, condition, fault, packages, deviations };
}

/** One line on packages in other versions; the vendor's first. */
function describeDeviations(deviations: readonly Deviation[]): string {
  const isVendors = ({ name }: Deviation) => vendorPackages.some((one) => one === name);
  const sorted = [...deviations].sort((a, b) => Number(isVendors(b)) - Number(isVendors(a)));
  const shown = sorted.slice(0, 4).map(({ name, version, found }) => {
    return `${name} ${found ?? 'missing'}, expected ${version}`;
  });
  const more = sorted.length > shown.length ? `; and ${sorted.length - shown.length} more` : '';
  return `${counted(deviations.length, 'package')} not as pinned: ${shown.join('; ')}${more}`;
}

/** Why a toolchain cannot be used, and the command that helps. */
export function describeUnsound(state: ToolchainState, installCommand: string): string {
  const { folder, fault, deviations } = state;
  const [why, command] =
    state.condition === 'absent'
      ? [`the vendor's toolchain is not in ${folder}`, installCommand]
      : [
          `the toolchain in ${folder} ${fault === null ? `has ${describeDeviations(deviations)}` : `is broken: ${fault}`}`,
          `${installCommand} --force`,
        ];
  return `${why}; install it (${roomNeeded}): ${command}`;
}
