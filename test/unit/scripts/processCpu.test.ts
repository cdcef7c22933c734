import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { parseCpuMs, readCpuMs, readWaitMs } from '../../../scripts/demo/processCpu.mjs';

/** By proc(5): pid, name, state, ppid, pgrp, session, tty, tpgid, flags, 4 faults, utime, stime, children's two, ... */
const stat = (name: string) =>
  `42 (${name}) S 1 42 42 0 -1 4194560 9 8 7 6 1234 567 89 10 20 0 11 0 5 1 2 3\n`;

const proc = mkdtempSync(join(tmpdir(), 'proc-'));
afterAll(() => rmSync(proc, { recursive: true }));

describe('the CPU time of a process', () => {
  it('is user and kernel time, without that of its children, in hundredths of a second', () => {
    expect(parseCpuMs(stat('node'))).toBe((1234 + 567) * 10);
  });

  it.each(['a b', 'x) S 1 2', '(node)', '1 2 3 4'])('is read behind the name %s', (name) => {
    expect(parseCpuMs(stat(name))).toBe(18010);
  });

  it('is read from the folder of its number', () => {
    mkdirSync(join(proc, '42'));
    writeFileSync(join(proc, '42', 'stat'), stat('node'));
    expect(readCpuMs(42, proc)).toBe(18010);
  });

  it('is what the kernel tells the process itself', () => {
    const usedMs = () => {
      const { user, system } = process.cpuUsage();
      return (user + system) / 1000;
    };
    const beforeMs = usedMs();
    const readMs = readCpuMs(process.pid);
    const afterMs = usedMs();
    // Each of the two times is cut to a hundredth of a second.
    expect(readMs).toBeGreaterThan(beforeMs - 20);
    expect(readMs).toBeLessThanOrEqual(afterMs);
  });

  it('and the waits of its threads are added up', () => {
    for (const [thread, text] of Object.entries({ 42: '9 1500000 3\n', 44: '9 500000 1\n' })) {
      mkdirSync(join(proc, '42', 'task', thread), { recursive: true });
      writeFileSync(join(proc, '42', 'task', thread, 'schedstat'), text);
    }
    // A thread that has ended since the folder was listed.
    mkdirSync(join(proc, '42', 'task', '45'));
    expect(readWaitMs(42, proc)).toBe(2);
    expect(() => readWaitMs(43, proc)).toThrow(/cannot read .*43\/task; has the process ended\?/);
  });

  it('of a process that has ended is an error', () => {
    expect(() => readCpuMs(43, proc)).toThrow(/cannot read .*43\/stat; has the process ended\?/);
  });

  it.each(['', '42 (node', '42 node S 1', '42 (node) S 1 2 3', stat('node').replace('567', '-')])(
    'in another text (%j) is an error',
    (text) => {
      expect(() => parseCpuMs(text)).toThrow('no line of /proc/PID/stat');
    },
  );
});
