import { execFileSync } from 'node:child_process';
import { readFileSync, symlinkSync } from 'node:fs';
import { join, relative } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { checkRos } from '#dist/doctor/ros.js';
import { checkSharedMemory } from '#dist/doctor/sharedMemory.js';
import { checkSystem } from '#dist/doctor/system.js';
import { repoPath } from '../../support/frames.js';
import { boardFiles, checkOf, MadeMachine, outcomesOf } from '../../support/madeMachine.js';

let machine: MadeMachine;
beforeEach(() => {
  machine = new MadeMachine();
});
afterEach(() => machine.remove());

const system = () => checkSystem(machine, '20.20.2');

describe('board, system and clocks', () => {
  it('of an RDK X5 at full clocks are told with their values', async () => {
    machine.lay(boardFiles);
    const checks = await system();
    expect(Object.fromEntries(checks.map(({ id, outcome, found }) => [id, [outcome, found]]))).toEqual({
      'system.board': ['ok', 'D-Robotics RDK X5 V1.0, arm64'],
      'system.os': ['ok', 'Ubuntu 22.04.5 LTS, kernel 6.1.83'],
      'system.rdk_version': ['ok', '3.2.1'],
      'system.node': ['ok', 'v20.20.2'],
      'cpu.clocks': ['ok', 'governor performance; 1800 of 1800 MHz'],
      'bpu.clocks': ['ok', 'governor performance; 1000 of 1000 MHz'],
      'system.temperature': ['ok', 'DDR 46.6 °C, BPU not readable now, CPU 47.0 °C, pvt_cpu 47.0 °C'],
    });
    expect(checks.map(({ remedy }) => remedy)).toEqual(checks.map(() => null));
  });

  it('that a PC does not show are not applicable, with the file that is missing and no value', async () => {
    machine.architecture = 'x64';
    machine.lay({ 'etc/os-release': 'PRETTY_NAME=Debian\n' });
    const checks = await system();
    expect(outcomesOf(checks)).toEqual({
      'system.board': 'not_applicable',
      'system.os': 'ok',
      'system.rdk_version': 'not_applicable',
      'system.node': 'ok',
      'cpu.clocks': 'not_applicable',
      'bpu.clocks': 'not_applicable',
      'system.temperature': 'not_applicable',
    });
    for (const { outcome, found, details } of checks) {
      if (outcome !== 'not_applicable') continue;
      expect(found).toMatch(/no such file: \//);
      expect(details).toEqual({});
    }
  });

  it('that are saved, throttled or too hot are warned of, each with its remedy', async () => {
    machine.lay({
      ...boardFiles,
      'sys/devices/system/cpu/cpu3/cpufreq/scaling_governor': 'powersave\n',
      'sys/devices/system/cpu/cpu3/cpufreq/scaling_cur_freq': '300000\n',
      'sys/class/devfreq/3a000000.bpu/cur_freq': '500000000\n',
      'sys/class/thermal/thermal_zone1/temp': '96000\n',
    });
    const checks = await system();
    expect(checkOf(checks, 'cpu.clocks')).toMatchObject({
      outcome: 'warning',
      found: 'governor performance, powersave; 300 to 1800 of 1800 MHz; 1 of 8 clocks not held at maximum',
      remedy: 'echo performance | sudo tee /sys/devices/system/cpu/cpu*/cpufreq/scaling_governor',
    });
    expect(checkOf(checks, 'bpu.clocks')).toMatchObject({
      outcome: 'warning',
      found: 'governor performance; 500 of 1000 MHz; 1 of 1 clock not held at maximum',
      remedy: expect.stringContaining('check cooling'),
    });
    expect(checkOf(checks, 'system.temperature')).toMatchObject({
      outcome: 'warning',
      remedy: expect.stringContaining('pvt_cpu from 95 °C'),
    });
  });

  it('of another board are warned of, and not read as those of an X5', async () => {
    machine.lay({ ...boardFiles, 'proc/device-tree/model': 'Raspberry Pi 5 Model B Rev 1.0\0' });
    const checks = await system();
    expect(checkOf(checks, 'system.board')).toMatchObject({
      outcome: 'warning',
      found: 'Raspberry Pi 5 Model B Rev 1.0, arm64',
      remedy: expect.stringContaining('march bayes-e'),
    });
    expect(checkOf(checks, 'system.temperature').found).toBe('pvt_cpu 47.0 °C');
  });

  it.each([
    ['v20.20.2', 'ok'],
    ['v22.1.0', 'ok'],
    ['v20.20.1', 'fault'],
    ['v20.9.9', 'fault'],
    ['v18.99.0', 'fault'],
  ])('judge Node %s as %s', async (version, outcome) => {
    machine.nodeVersion = version;
    expect(checkOf(await system(), 'system.node').outcome).toBe(outcome);
  });
});

const allPackages = {
  hbm_img_msgs: ['HbmMsg480P', 'HbmMsg540P', 'HbmMsg1080P'],
  rdk_yolo_seg_msgs: ['InstanceMask', 'InstanceMaskArray'],
  vision_msgs: ['Detection2DArray', 'LabelInfo'],
  ai_msgs: ['PerceptionTargets', 'PerceptionInfo'],
  foxglove_msgs: ['ImageAnnotations'],
  sensor_msgs: ['Image', 'CompressedImage'],
  diagnostic_msgs: ['DiagnosticArray'],
};

describe('ROS 2', () => {
  it('with all packages and the built-in profile is fine, and the environment stays as it is', () => {
    machine.layRos(allPackages, ['rmw_fastrtps_cpp']);
    const before = { ...machine.env };
    const checks = checkRos(machine);
    expect(new Set(checks.map(({ outcome }) => outcome))).toEqual(new Set(['ok']));
    expect(checkOf(checks, 'ros.distro').found).toBe('humble');
    expect(checkOf(checks, 'shm.profile').found).toBe('built-in');
    expect(machine.env).toEqual(before);
  });

  it('that is not sourced is named with the file to source, and nothing else is guessed', () => {
    machine.lay({ 'opt/tros/humble/setup.bash': 'x', 'opt/ros/humble/setup.bash': 'x' });
    const [distro, ...others] = checkRos(machine);
    expect(distro).toMatchObject({
      id: 'ros.distro',
      outcome: 'warning',
      remedy: expect.stringMatching(/^source \/opt\/tros\/humble\/setup\.bash/),
    });
    expect(new Set(others.map(({ outcome }) => outcome))).toEqual(new Set(['not_applicable']));
  });

  it.each([
    ['hbm_img_msgs', 'no frames in shared memory'],
    ['rdk_yolo_seg_msgs', '~/masks is off'],
    ['vision_msgs', '~/detections and ~/label_info are off'],
    ['ai_msgs', '/hobot_dnn_detection is off'],
    ['foxglove_msgs', '~/annotations is off'],
  ])('without %s says that %s', (name, what) => {
    const { [name as 'ai_msgs']: _, ...others } = allPackages;
    const checks = checkRos(machine.layRos(others, []));
    expect(checkOf(checks, `ros.package.${name}`)).toMatchObject({
      outcome: 'warning',
      found: expect.stringContaining(what),
      remedy: expect.stringContaining('npm run setup'),
    });
    expect(checks.filter(({ outcome }) => outcome !== 'ok')).toHaveLength(1);
  });

  it('with a package that is too old for a type says which type is missing', () => {
    const checks = checkRos(machine.layRos({ ...allPackages, hbm_img_msgs: ['HbmMsg480P'] }, []));
    expect(checkOf(checks, 'ros.package.hbm_img_msgs').found).toContain('hbm_img_msgs/msg/HbmMsg1080P');
  });

  it('with a middleware that is not installed is a fault', () => {
    machine.layRos(allPackages, ['rmw_fastrtps_cpp']);
    machine.env.RMW_IMPLEMENTATION = 'rmw_cyclonedds_cpp';
    expect(checkOf(checkRos(machine), 'ros.rmw')).toMatchObject({
      outcome: 'fault',
      remedy: expect.stringContaining('installed: rmw_fastrtps_cpp'),
    });
  });

  it('with another middleware or without loans is warned of what that costs', () => {
    machine.layRos(allPackages, ['rmw_fastrtps_cpp', 'rmw_cyclonedds_cpp']);
    machine.env.RMW_IMPLEMENTATION = 'rmw_cyclonedds_cpp';
    expect(checkOf(checkRos(machine), 'ros.rmw')).toMatchObject({
      outcome: 'warning',
      found: expect.stringContaining('copied'),
    });
    delete machine.env.RMW_IMPLEMENTATION;
    machine.env.ROS_DISABLE_LOANED_MESSAGES = '1';
    expect(checkOf(checkRos(machine), 'shm.profile')).toMatchObject({
      outcome: 'warning',
      found: expect.stringContaining('off by ROS_DISABLE_LOANED_MESSAGES=1'),
      remedy: expect.stringMatching(/^unset ROS_DISABLE_LOANED_MESSAGES,/),
    });
  });

  describe('a profile of the user', () => {
    const first = 'FASTRTPS_DEFAULT_PROFILES_FILE';
    const second = 'FASTDDS_DEFAULT_PROFILES_FILE';
    const shipped = readFileSync(repoPath('config/fastdds/shm.xml'), 'utf8');
    const profileCheck = () => checkOf(checkRos(machine.layRos(allPackages, [])), 'shm.profile');

    it.each([
      ['is read', first, 'opt/mine.xml', 'ok', /mine\.xml: it shares data/],
      ['is missing', first, 'opt/nowhere.xml', 'fault', /nowhere\.xml: the file does not exist/],
      ['is not well formed', first, 'opt/bad.xml', 'fault', /not well-formed XML/],
      ['has a small send buffer', first, 'opt/small.xml', 'warning', /0\.5 MB of shared memory/],
      ['is named to another Fast DDS', second, 'opt/mine.xml', 'warning', /no profile is in force/],
    ] as const)('that %s', (_, name, path, outcome, found) => {
      machine.lay({
        'opt/mine.xml': shipped,
        'opt/bad.xml': shipped.replace('</profiles>', ''),
        'opt/small.xml': shipped.replace('4194304', '65536'),
      });
      machine.env[name] = `/${path}`;
      const check = profileCheck();
      expect(check).toMatchObject({ outcome, found: expect.stringMatching(found) });
      if (outcome !== 'ok')
        expect(check.remedy).toMatch(new RegExp(`${first}|sendSocketBufferSize|built-in`));
    });

    it('that is named from where the process runs is read there', () => {
      machine.env[first] = relative(process.cwd(), repoPath('config/fastdds/shm.xml'));
      expect(profileCheck()).toMatchObject({
        outcome: 'ok',
        found: `${first}=${machine.env[first]}: it shares data, and has room for the outputs`,
      });
      machine.env[first] = 'no-such-profile.xml';
      expect(profileCheck()).toMatchObject({
        outcome: 'fault',
        found: expect.stringContaining('does not exist'),
      });
    });

    it.each([
      ['pipe', 'it is a pipe, expected a file, and every ROS process waits for it'],
      ['device', 'it is a device, expected a file'],
      ['loop', 'its links lead in a circle, and Fast DDS goes on without it'],
      ['large', 'it has 1050014 bytes; profiles up to 1048576 are read'],
    ])('that is no such file is not waited for, nor read without end: %s', (kind, why) => {
      machine.lay({ 'opt/large': shipped + ' '.repeat(1050014 - shipped.length) });
      execFileSync('mkfifo', [join(machine.root, 'opt/pipe')]);
      symlinkSync('/dev/zero', join(machine.root, 'opt/device'));
      symlinkSync('loop', join(machine.root, 'opt/loop'));
      machine.env[first] = `/opt/${kind}`;
      expect(profileCheck()).toMatchObject({
        outcome: 'fault',
        found: `${first}=/opt/${kind}: the file cannot be read: ${why}`,
        remedy: `correct the path, or unset ${first} to get the built-in profile`,
      });
    });
  });
});

describe('shared memory', () => {
  const memory = () => checkSharedMemory(machine);

  it('with room and nothing left behind is fine', () => {
    machine.layStaleMemory([]);
    expect(outcomesOf(memory())).toEqual({ 'shm.room': 'ok', 'shm.stale': 'ok' });
    expect(checkOf(memory(), 'shm.room').found).toBe('2000.0 MB of 2000.0 MB free');
  });

  it('that is short is a warning, and full a fault', () => {
    machine.layStaleMemory([]);
    machine.freeBytes = 20e6;
    expect(checkOf(memory(), 'shm.room')).toMatchObject({
      outcome: 'warning',
      // Five messages of 6220800 bytes and two segments of 8 MiB.
      found: expect.stringContaining('HbmMsg1080P and the node need 47.9 MB'),
      remedy: expect.stringContaining('clean-shm'),
    });
    machine.freeBytes = 1e6;
    expect(checkOf(memory(), 'shm.room').outcome).toBe('fault');
  });

  it('of ended processes is counted, with what removes it', () => {
    machine.layStaleMemory(['fastrtps_0123456789abcdef', 'fastrtps_port7411_el', 'somebody_elses']);
    expect(checkOf(memory(), 'shm.stale')).toMatchObject({
      outcome: 'warning',
      found: '2 files of ended processes, 0.0 MB',
      remedy: 'rdk-yolo-seg clean-shm',
      details: { files: 2, sizeBytes: 8192, filesInUse: 0 },
    });
  });

  it('that cannot be seen whole is not judged', () => {
    expect(outcomesOf(memory())['shm.stale']).toBe('not_applicable');
  });
});
