import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { clockLines, readClocks } from '#dist/bench/clocks.js';

const made: string[] = [];
afterEach(() => {
  for (const folder of made.splice(0)) rmSync(folder, { recursive: true });
});

/** A folder that stands in for /sys. */
function fakeSys(files: Record<string, string>): string {
  const folder = mkdtempSync(join(tmpdir(), 'fake-sys-'));
  made.push(folder);
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), `${text}\n`);
  }
  return folder;
}

function cpu(
  index: number,
  governor: string,
  currentKhz: number,
  maxKhz = 1_800_000,
): Record<string, string> {
  const cpufreq = `devices/system/cpu/cpu${index}/cpufreq`;
  return {
    [`${cpufreq}/scaling_governor`]: governor,
    [`${cpufreq}/scaling_cur_freq`]: String(currentKhz),
    [`${cpufreq}/scaling_max_freq`]: String(maxKhz),
  };
}

function bpu(governor: string, currentHz: number): Record<string, string> {
  const device = 'class/devfreq/3a000000.bpu';
  return {
    [`${device}/governor`]: governor,
    [`${device}/cur_freq`]: String(currentHz),
    [`${device}/max_freq`]: '1000000000',
  };
}

async function linesOf(...files: Record<string, string>[]) {
  return clockLines(await readClocks(fakeSys(Object.assign({}, ...files))));
}

describe('readClocks', () => {
  it('reads CPUs in order of their number, and the BPU, in MHz', async () => {
    const sys = fakeSys({
      ...cpu(10, 'schedutil', 300_000),
      ...cpu(2, 'performance', 1_800_000),
      ...bpu('performance', 500_000_000),
      'devices/system/cpu/cpufreq/boost': '1',
      'class/devfreq/soc:ddrc-freq/cur_freq': '4266000000',
    });
    expect(await readClocks(sys)).toEqual({
      cpus: [
        { name: 'cpu2', governor: 'performance', currentMhz: 1800, maxMhz: 1800 },
        { name: 'cpu10', governor: 'schedutil', currentMhz: 300, maxMhz: 1800 },
      ],
      bpus: [{ name: '3a000000.bpu', governor: 'performance', currentMhz: 500, maxMhz: 1000 }],
    });
  });

  it('takes what is there of a clock that tells only a part', async () => {
    const sys = fakeSys({ 'devices/system/cpu/cpu0/cpufreq/scaling_governor': 'powersave' });
    expect((await readClocks(sys)).cpus).toEqual([
      { name: 'cpu0', governor: 'powersave', currentMhz: null, maxMhz: null },
    ]);
  });
});

describe('clockLines', () => {
  it('is content with everything at maximum', async () => {
    expect(
      await linesOf(
        cpu(0, 'performance', 1_800_000),
        cpu(1, 'performance', 1_800_000),
        bpu('performance', 1e9),
      ),
    ).toEqual({
      state: [
        'cpu0 cpu1: governor performance, 1800 of 1800 MHz',
        '3a000000.bpu: governor performance, 1000 of 1000 MHz',
      ],
      warnings: [],
    });
  });

  it('warns of another governor even at full clock, with the remedy', async () => {
    const { warnings } = await linesOf(cpu(0, 'schedutil', 1_800_000), cpu(1, 'performance', 1_800_000));
    expect(warnings).toHaveLength(1);
    expect(warnings[0]).toContain('1 of 2 CPU clocks');
    expect(warnings[0]).toContain(
      'echo performance | sudo tee /sys/devices/system/cpu/cpu*/cpufreq/scaling_governor',
    );
  });

  it('warns of a throttled CPU under the right governor, for which the governor is no remedy', async () => {
    const { warnings } = await linesOf(cpu(0, 'performance', 1_200_000));
    expect(warnings).toHaveLength(1);
    expect(warnings[0]).toContain('throttled');
    expect(warnings[0]).not.toContain('sudo');
  });

  it('warns of a slow BPU by its own path', async () => {
    const { warnings } = await linesOf(cpu(0, 'performance', 1_800_000), bpu('powersave', 5e8));
    expect(warnings).toHaveLength(1);
    expect(warnings[0]).toContain('echo performance | sudo tee /sys/class/devfreq/3a000000.bpu/governor');
  });

  it('lets a clock waver by less than 5 %', async () => {
    expect((await linesOf(cpu(0, 'performance', 1_720_000))).warnings).toEqual([]);
  });

  it.each([
    ['no CPU tells', { 'devices/system/cpu/cpu0/online': '1' }],
    ['there is nothing', {}],
  ])('says so where %s', async (_name, files) => {
    expect(await linesOf(files)).toEqual({
      state: ['this machine does not tell governor and clocks of its CPUs'],
      warnings: [],
    });
  });
});
