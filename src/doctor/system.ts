/** The board, its system and its clocks. */
import { join } from 'node:path';
import {
  bpuGovernorPath,
  type Clock,
  cpuGovernorPath,
  isSlow,
  readClocks,
  slowRemedy,
} from '../bench/clocks.js';
import { counted } from '../core/words.js';
import { namesIn } from '../files/namesIn.js';
import { type Check, fault, notApplicable, ok, warning } from './check.js';
import { type Machine, readSystemText, systemPath } from './machine.js';

const boardFile = 'proc/device-tree/model';
const osFile = 'etc/os-release';
const imageFile = 'etc/version';

/** What the device tree calls the board; null on a PC. */
function boardName(machine: Machine): string | null {
  return readSystemText(machine, boardFile);
}

const isX5 = (name: string | null) => name !== null && /\bX5\b/i.test(name);

function checkBoard(machine: Machine): Check {
  const id = 'system.board';
  const name = boardName(machine);
  if (name === null) return notApplicable(id, `no board: no such file: ${systemPath(boardFile)}`);
  const details = { model: name, architecture: machine.architecture };
  if (isX5(name)) return ok(id, `${name}, ${machine.architecture}`, details);
  const remedy =
    'the BPU backend is made for the RDK X5 (march bayes-e); on any other board use an .onnx model (--backend onnx)';
  return warning(id, `${name}, ${machine.architecture}`, remedy, details);
}

function checkOs(machine: Machine): Check {
  const id = 'system.os';
  const text = readSystemText(machine, osFile);
  if (text === null) return notApplicable(id, `no such file: ${systemPath(osFile)}`);
  const name = /^PRETTY_NAME="?([^"\n]*)"?/m.exec(text)?.[1] ?? null;
  if (name === null) return notApplicable(id, `${systemPath(osFile)} has no PRETTY_NAME`);
  const kernel = readSystemText(machine, 'proc/sys/kernel/osrelease');
  return ok(id, kernel === null ? name : `${name}, kernel ${kernel}`, { name, kernel });
}

function checkImage(machine: Machine): Check {
  const id = 'system.rdk_version';
  const version = readSystemText(machine, imageFile);
  if (version === null) return notApplicable(id, `no RDK image: no such file: ${systemPath(imageFile)}`);
  return ok(id, version, { version });
}

/** The parts of `v20.20.2`, comparable one by one. */
const partsOf = (version: string) =>
  version
    .replace(/^[^\d]*/, '')
    .split('.')
    .map(Number);

function isOlder(version: string, least: string): boolean {
  const [found, needed] = [partsOf(version), partsOf(least)];
  const at = needed.findIndex((part, index) => part !== (found[index] ?? 0));
  return at >= 0 && (found[at] ?? 0) < needed[at]!;
}

function checkNode({ nodeVersion }: Machine, leastNode: string): Check {
  const id = 'system.node';
  const details = { version: nodeVersion, required: leastNode };
  if (!isOlder(nodeVersion, leastNode)) return ok(id, nodeVersion, details);
  return fault(
    id,
    `${nodeVersion}; ${leastNode} or newer is needed`,
    'install Node 20 or newer (nodejs.org)',
    details,
  );
}

/** `1800`, or `300 to 1800`. */
function rangeText(values: readonly (number | null)[]): string {
  const known = values.filter((value) => value !== null);
  if (known.length === 0) return 'unknown';
  const [least, greatest] = [Math.min(...known), Math.max(...known)].map((value) => value.toFixed(0));
  return least === greatest ? least! : `${least} to ${greatest}`;
}

function describeClocks(clocks: readonly Clock[]): string {
  const governors = [...new Set(clocks.map(({ governor }) => governor ?? 'unknown'))].join(', ');
  const current = rangeText(clocks.map(({ currentMhz }) => currentMhz));
  const greatest = rangeText(clocks.map(({ maxMhz }) => maxMhz));
  return `governor ${governors}; ${current} of ${greatest} MHz`;
}

function checkClocks(id: string, clocks: readonly Clock[], absent: string, governorPath: string): Check {
  if (clocks.length === 0) return notApplicable(id, absent);
  const found = describeClocks(clocks);
  const slow = clocks.filter(isSlow);
  if (slow.length === 0) return ok(id, found, { clocks });
  const said = `${found}; ${slow.length} of ${counted(clocks.length, 'clock')} not held at maximum`;
  return warning(id, said, slowRemedy(slow, governorPath), { clocks });
}

/** One sensor; null where it cannot be read now. */
interface Temperature {
  readonly name: string;
  readonly celsius: number | null;
  /** Where the clocks are lowered; null where the kernel does not tell. */
  readonly throttledAtCelsius: number | null;
}

const celsiusOf = (text: string | null) =>
  text === null || !/^-?\d+$/.test(text) ? null : Number(text) / 1000;

/** Sensors of the X5's hwmon0, by the vendor's manual. The BPU's answers only while the BPU has power. */
const x5Sensors = [
  ['DDR', 'temp1_input'],
  ['BPU', 'temp2_input'],
  ['CPU', 'temp3_input'],
] as const;
const x5Folder = 'sys/class/hwmon/hwmon0';
const zonesFolder = 'sys/class/thermal';

function x5Temperatures(machine: Machine): Temperature[] {
  const present = new Set(namesIn(join(machine.root, x5Folder), /^temp\d+_input$/));
  return x5Sensors
    .filter(([, file]) => present.has(file))
    .map(([name, file]) => ({
      name,
      celsius: celsiusOf(readSystemText(machine, join(x5Folder, file))),
      throttledAtCelsius: null,
    }));
}

function zoneTemperatures(machine: Machine): Temperature[] {
  return namesIn(join(machine.root, zonesFolder), /^thermal_zone\d+$/).map((zone) => {
    const folder = join(zonesFolder, zone);
    const trips = namesIn(join(machine.root, folder), /^trip_point_\d+_type$/)
      .filter((file) => readSystemText(machine, join(folder, file)) === 'passive')
      .map((file) => celsiusOf(readSystemText(machine, join(folder, file.replace('_type', '_temp')))))
      .filter((celsius) => celsius !== null && celsius > 0);
    return {
      name: readSystemText(machine, join(folder, 'type')) ?? zone,
      celsius: celsiusOf(readSystemText(machine, join(folder, 'temp'))),
      throttledAtCelsius: trips.length === 0 ? null : Math.min(...(trips as number[])),
    };
  });
}

function checkTemperatures(machine: Machine): Check {
  const id = 'system.temperature';
  const sensors = [
    ...(isX5(boardName(machine)) ? x5Temperatures(machine) : []),
    ...zoneTemperatures(machine),
  ];
  if (sensors.length === 0)
    return notApplicable(id, `no sensor: no such file: ${systemPath(zonesFolder)}/thermal_zone0/temp`);
  const found = sensors
    .map(
      ({ name, celsius }) => `${name} ${celsius === null ? 'not readable now' : `${celsius.toFixed(1)} °C`}`,
    )
    .join(', ');
  const hot = sensors.filter(
    ({ celsius, throttledAtCelsius }) =>
      celsius !== null && throttledAtCelsius !== null && celsius >= throttledAtCelsius,
  );
  if (hot.length === 0) return ok(id, found, { sensors });
  const limits = hot.map(
    ({ name, throttledAtCelsius }) => `${name} from ${throttledAtCelsius?.toFixed(0)} °C`,
  );
  const remedy = `the clocks are lowered (${limits.join(', ')}): cool the board, and give it a power supply that lasts`;
  return warning(id, found, remedy, { sensors });
}

/** The checks of this family. */
export async function checkSystem(machine: Machine, leastNode: string): Promise<Check[]> {
  const { cpus, bpus } = await readClocks(join(machine.root, 'sys'));
  return [
    checkBoard(machine),
    checkOs(machine),
    checkImage(machine),
    checkNode(machine, leastNode),
    checkClocks(
      'cpu.clocks',
      cpus,
      'no such file: /sys/devices/system/cpu/cpu0/cpufreq/scaling_governor',
      cpuGovernorPath,
    ),
    checkClocks('bpu.clocks', bpus, 'no BPU: no such file: /sys/class/devfreq/*.bpu', bpuGovernorPath(bpus)),
    checkTemperatures(machine),
  ];
}
