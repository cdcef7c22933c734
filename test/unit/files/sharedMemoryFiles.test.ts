import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { removeSharedMemory, surveySharedMemory } from '#dist/files/sharedMemoryFiles.js';

/** A process that has a data-sharing segment mapped, a port's lock locked and a semaphore open, as Fast DDS has. */
const holder = `
import fcntl, mmap, sys, time
folder = sys.argv[1]
with open(folder + '/fast_datasharing_01.0f_0.0.8.3', 'r+b') as file:
    mapped = mmap.mmap(file.fileno(), 0)
lock = open(folder + '/fastrtps_port7411_el')
fcntl.flock(lock, fcntl.LOCK_EX)
print('ready', flush=True)
time.sleep(600)
`;

let memory: string;
const folders = () => ({ memory, processes: '/proc' });
const names = (files: readonly { readonly name: string }[]) => files.map(({ name }) => name).sort();

/** Makes a file of 4096 bytes that was last written some time ago. */
function old(name: string): void {
  writeFileSync(join(memory, name), Buffer.alloc(4096));
  const then = new Date(Date.now() - 60_000);
  utimesSync(join(memory, name), then, then);
}

beforeEach(() => {
  memory = mkdtempSync(join(tmpdir(), 'shared-memory-'));
});
afterEach(() => rmSync(memory, { recursive: true, force: true }));

describe("Fast DDS's files in shared memory", () => {
  const live = [
    'fast_datasharing_01.0f_0.0.8.3',
    'fastrtps_port7411',
    'fastrtps_port7411_el',
    'sem.fastrtps_port7411_mutex',
  ];
  const ended = [
    'fast_datasharing_01.0f_0.0.9.3',
    'fastdds_0123456789abcdef',
    'fastdds_0123456789abcdef_el',
    'fastrtps_0123456789abcdef',
    'fastrtps_port7412',
    'fastrtps_port7412_sl',
    'sem.fastrtps_port7412_mutex',
  ];

  it('are in use while a process maps them or locks what carries their name, and stale once it was killed', async () => {
    for (const name of [...live, ...ended, 'somebody_elses', 'sem.python']) old(name);
    const script = join(memory, 'holder.py');
    writeFileSync(script, holder);
    const process = spawn('python3', [script, memory], { stdio: ['ignore', 'pipe', 'inherit'] });
    try {
      await once(process.stdout, 'data');
      const survey = surveySharedMemory(folders());
      expect(names(survey.used)).toEqual(live);
      expect(names(survey.stale)).toEqual(ended);
      expect([...survey.users]).toEqual([[process.pid, `python3 holder.py ${basename(memory)}`]]);
    } finally {
      process.kill('SIGKILL');
      await once(process, 'close');
    }
    const { stale, used } = surveySharedMemory(folders());
    expect(used).toEqual([]);
    expect(names(stale)).toEqual([...live, ...ended].sort());
    expect(removeSharedMemory(stale, folders())).toEqual([]);
    expect(existsSync(join(memory, ended[0]!))).toBe(false);
    expect(existsSync(join(memory, 'somebody_elses'))).toBe(true);
    expect(existsSync(join(memory, 'sem.python'))).toBe(true);
  });

  it('are left while they are so young that their process may still be making them', () => {
    writeFileSync(join(memory, 'fastrtps_0123456789abcdef'), '');
    expect(names(surveySharedMemory(folders()).used)).toEqual(['fastrtps_0123456789abcdef']);
  });

  it('that are gone when their turn comes are no error', () => {
    old('fastrtps_port7412');
    const { stale } = surveySharedMemory(folders());
    rmSync(join(memory, 'fastrtps_port7412'));
    expect(removeSharedMemory(stale, folders())).toEqual([]);
  });
});
