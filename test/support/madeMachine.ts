import { mkdirSync, mkdtempSync, rmSync, symlinkSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import type { Check } from '#dist/doctor/check.js';
import type { Machine } from '#dist/doctor/machine.js';

/** A machine whose files are made up in a folder of its own. */
export class MadeMachine implements Machine {
  readonly root = mkdtempSync(join(tmpdir(), 'machine-'));
  readonly env: NodeJS.ProcessEnv = {};
  nodeVersion = 'v20.20.2';
  architecture = 'arm64';
  freeBytes = 2e9;

  /** Lays files by their paths without the leading slash. */
  lay(files: Readonly<Record<string, string>>): this {
    for (const [path, text] of Object.entries(files)) {
      mkdirSync(dirname(join(this.root, path)), { recursive: true });
      writeFileSync(join(this.root, path), text);
    }
    return this;
  }

  /** A ROS prefix with message packages, each with some types, and middlewares. */
  layRos(packages: Readonly<Record<string, readonly string[]>>, middlewares: readonly string[]): this {
    const index = 'opt/ros/humble/share/ament_index/resource_index';
    for (const [name, types] of Object.entries(packages)) {
      this.lay({ [`${index}/rosidl_interfaces/${name}`]: types.map((type) => `msg/${type}.idl\n`).join('') });
    }
    for (const name of middlewares) this.lay({ [`${index}/rmw_typesupport/${name}`]: '' });
    this.env.ROS_DISTRO = 'humble';
    this.env.AMENT_PREFIX_PATH = join(this.root, 'opt/ros/humble');
    return this;
  }

  /** Shared memory of processes that are gone, and a system without processes that begins its own namespaces. */
  layStaleMemory(names: readonly string[]): this {
    this.lay({ 'proc/locks': '' });
    mkdirSync(join(this.root, 'proc/self/ns'), { recursive: true });
    symlinkSync('pid:[4026531836]', join(this.root, 'proc/self/ns/pid'));
    symlinkSync('ipc:[4026531839]', join(this.root, 'proc/self/ns/ipc'));
    mkdirSync(join(this.root, 'dev/shm'), { recursive: true });
    for (const name of names) {
      this.lay({ [`dev/shm/${name}`]: 'x'.repeat(4096) });
      const then = new Date(Date.now() - 60_000);
      utimesSync(join(this.root, 'dev/shm', name), then, then);
    }
    return this;
  }

  readonly roomOf = () => ({ totalBytes: 2e9, freeBytes: this.freeBytes });

  remove(): void {
    rmSync(this.root, { recursive: true });
  }
}

/** The files of an RDK X5 at full clocks. */
export const boardFiles: Readonly<Record<string, string>> = {
  'proc/device-tree/model': 'D-Robotics RDK X5 V1.0\0',
  'proc/sys/kernel/osrelease': '6.1.83\n',
  'etc/os-release': 'NAME="Ubuntu"\nPRETTY_NAME="Ubuntu 22.04.5 LTS"\n',
  'etc/version': '3.2.1\n',
  ...Object.fromEntries(
    Array.from({ length: 8 }, (_, cpu) => `sys/devices/system/cpu/cpu${cpu}/cpufreq`).flatMap((folder) => [
      [`${folder}/scaling_governor`, 'performance\n'],
      [`${folder}/scaling_cur_freq`, '1800000\n'],
      [`${folder}/scaling_max_freq`, '1800000\n'],
    ]),
  ),
  'sys/class/devfreq/3a000000.bpu/governor': 'performance\n',
  'sys/class/devfreq/3a000000.bpu/cur_freq': '1000000000\n',
  'sys/class/devfreq/3a000000.bpu/max_freq': '1000000000\n',
  'sys/class/hwmon/hwmon0/temp1_input': '46643\n',
  'sys/class/hwmon/hwmon0/temp2_input': '',
  'sys/class/hwmon/hwmon0/temp3_input': '47001\n',
  'sys/class/thermal/thermal_zone1/type': 'pvt_cpu\n',
  'sys/class/thermal/thermal_zone1/temp': '47000\n',
  'sys/class/thermal/thermal_zone1/trip_point_0_type': 'passive\n',
  'sys/class/thermal/thermal_zone1/trip_point_0_temp': '95000\n',
  'sys/class/thermal/thermal_zone1/trip_point_1_type': 'critical\n',
  'sys/class/thermal/thermal_zone1/trip_point_1_temp': '105000\n',
};

/** The check of this id; the test fails without it. */
export function checkOf(checks: readonly Check[], id: string): Check {
  const found = checks.find((check) => check.id === id);
  if (found === undefined)
    throw new Error(`no check ${id} among ${checks.map((check) => check.id).join(', ')}`);
  return found;
}

/** Outcomes by id. */
export function outcomesOf(checks: readonly Check[]): Record<string, string> {
  return Object.fromEntries(checks.map(({ id, outcome }) => [id, outcome]));
}
