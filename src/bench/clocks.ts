import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { namesIn } from '../files/namesIn.js';

/** One clock domain as the kernel shows it; null where it does not tell. */
export interface Clock {
  /** `cpu0`, or the BPU's device name, `3a000000.bpu` on the X5. */
  readonly name: string;
  readonly governor: string | null;
  readonly currentMhz: number | null;
  readonly maxMhz: number | null;
}

/** The clocks of the machine; on a PC there are none of a BPU. */
export interface Clocks {
  readonly cpus: readonly Clock[];
  readonly bpus: readonly Clock[];
}

/** Clocks this close to their maximum are at it: turbo clocks and counters waver. */
const atMaximum = 0.95;

async function readText(path: string): Promise<string | null> {
  const text = await readFile(path, 'utf8').catch(() => null);
  return text === null || text.trim() === '' ? null : text.trim();
}

async function readMhz(path: string, perMhz: number): Promise<number | null> {
  const value = Number((await readText(path)) ?? Number.NaN);
  return value > 0 ? value / perMhz : null;
}

async function readCpu(folder: string, name: string): Promise<Clock> {
  const cpufreq = join(folder, name, 'cpufreq');
  return {
    name,
    governor: await readText(join(cpufreq, 'scaling_governor')),
    currentMhz: await readMhz(join(cpufreq, 'scaling_cur_freq'), 1e3),
    maxMhz: await readMhz(join(cpufreq, 'scaling_max_freq'), 1e3),
  };
}

async function readBpu(folder: string, name: string): Promise<Clock> {
  return {
    name,
    governor: await readText(join(folder, name, 'governor')),
    currentMhz: await readMhz(join(folder, name, 'cur_freq'), 1e6),
    maxMhz: await readMhz(join(folder, name, 'max_freq'), 1e6),
  };
}

/** Reads governors and clocks of CPUs (cpufreq) and BPU (devfreq); never rejects. */
export async function readClocks(sysFolder = '/sys'): Promise<Clocks> {
  const cpuFolder = join(sysFolder, 'devices/system/cpu');
  const devfreqFolder = join(sysFolder, 'class/devfreq');
  const cpus = await Promise.all(namesIn(cpuFolder, /^cpu\d+$/).map((name) => readCpu(cpuFolder, name)));
  const bpus = await Promise.all(
    namesIn(devfreqFolder, /\.bpu$/).map((name) => readBpu(devfreqFolder, name)),
  );
  const tells = ({ governor, currentMhz }: Clock) => governor !== null || currentMhz !== null;
  return { cpus: cpus.filter(tells), bpus: bpus.filter(tells) };
}

function describe({ governor, currentMhz, maxMhz }: Clock): string {
  const mhz = (value: number | null) => (value === null ? 'unknown' : value.toFixed(0));
  return `governor ${governor ?? 'unknown'}, ${mhz(currentMhz)} of ${mhz(maxMhz)} MHz`;
}

/** Names with the same state share a line. */
function describeAll(clocks: readonly Clock[]): string[] {
  const namesByState = new Map<string, string[]>();
  for (const clock of clocks) {
    const state = describe(clock);
    namesByState.set(state, [...(namesByState.get(state) ?? []), clock.name]);
  }
  return [...namesByState].map(([state, names]) => `${names.join(' ')}: ${state}`);
}

/** Whether a clock is not held at its maximum, by its governor or by what it shows. */
export function isSlow({ governor, currentMhz, maxMhz }: Clock): boolean {
  if (governor !== null && governor !== 'performance') return true;
  return currentMhz !== null && maxMhz !== null && currentMhz < maxMhz * atMaximum;
}

/** What brings slow clocks to their maximum. */
export function slowRemedy(slow: readonly Clock[], governorPath: string): string {
  return slow.every(({ governor }) => governor === 'performance')
    ? 'it is throttled or still idle: check cooling and power supply'
    : `echo performance | sudo tee ${governorPath}`;
}

function warningFor(what: string, clocks: readonly Clock[], governorPath: string): string[] {
  const slow = clocks.filter(isSlow);
  if (slow.length === 0) return [];
  return [
    `warning: ${slow.length} of ${clocks.length} ${what} clocks are not held at maximum; figures will be too low and vary. ${slowRemedy(slow, governorPath)}`,
  ];
}

/** Where the governors of all CPUs are set. */
export const cpuGovernorPath = '/sys/devices/system/cpu/cpu*/cpufreq/scaling_governor';

/** Where the governor of the BPU is set. */
export const bpuGovernorPath = (bpus: readonly Clock[]) => `/sys/class/devfreq/${bpus[0]?.name}/governor`;

/** The state of the clocks, a line for each state, and warnings with their remedy. */
export function clockLines({ cpus, bpus }: Clocks): {
  readonly state: string[];
  readonly warnings: string[];
} {
  const noCpus = cpus.length === 0 ? ['this machine does not tell governor and clocks of its CPUs'] : [];
  return {
    state: [...noCpus, ...describeAll(cpus), ...describeAll(bpus)],
    warnings: [
      ...warningFor('CPU', cpus, cpuGovernorPath),
      ...warningFor('BPU', bpus, bpuGovernorPath(bpus)),
    ],
  };
}
