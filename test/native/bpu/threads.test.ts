import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { defaultOptions } from '../../support/defaultOptions.js';
import { Fakednn } from '../../support/fakednn.js';

const dnn = new Fakednn();
const folder = mkdtempSync(join(tmpdir(), 'bpu-threads-'));
afterAll(() => {
  dnn.remove();
  rmSync(folder, { recursive: true });
});

/** A library to preload: the thread of this number that is started after REFUSED_THREAD was set is refused. */
function threadRefuser(): string {
  const [source, library] = [join(folder, 'refuser.c'), join(folder, 'refuser.so')];
  writeFileSync(
    source,
    `#define _GNU_SOURCE
    #include <dlfcn.h>
    #include <errno.h>
    #include <pthread.h>
    #include <stdlib.h>
    static int count = 0;
    int pthread_create(pthread_t* thread, const pthread_attr_t* attributes, void* (*start)(void*), void* data) {
      typedef int Create(pthread_t*, const pthread_attr_t*, void* (*)(void*), void*);
      Create* next = (Create*)dlsym(RTLD_NEXT, "pthread_create");
      const char* refused = getenv("REFUSED_THREAD");
      if (refused != NULL && ++count == atoi(refused)) return EAGAIN;
      return next(thread, attributes, start, data);
    }`,
  );
  execFileSync('cc', ['-shared', '-fPIC', '-o', library, source, '-ldl']);
  return library;
}

const dist = (path: string) => new URL(`../../../dist/${path}`, import.meta.url).href;
const taskCount = 3;

/** Runs a program in a process of its own, with the refuser and one argument. */
function run(program: string, argument: string) {
  const preload = [process.env.LD_PRELOAD, threadRefuser()].filter(Boolean).join(':');
  const { status, stdout, stderr } = spawnSync(
    process.execPath,
    ['--input-type=module', '--eval', program, argument],
    { encoding: 'utf8', timeout: 30_000, env: { ...process.env, LD_PRELOAD: preload } },
  );
  return { status, stdout, stderr };
}

it('a thread that is refused ends the opening, and nothing stays of those before', () => {
  const request = {
    libraryPath: dnn.library,
    modelPath: dnn.model(),
    modelName: '',
    slotCount: 4,
    taskCount,
    priority: 0,
  };
  const program = `
    import { openBpu, probeLibrary } from '${dist('native/bpu.js')}';
    const request = ${JSON.stringify({ ...request, taskTimeoutMs: 200 })};
    const { version } = probeLibrary(request.libraryPath);
    process.env.REFUSED_THREAD = process.argv[1];
    try {
      openBpu(request);
    } catch ({ name, code, message }) {
      console.log([name, code, message, probeLibrary(request.libraryPath).version === version].join('|'));
    }`;
  for (let at = 1; at <= taskCount; at++) {
    const text = `thread ${at} of 3 that wait for tasks cannot be started: Resource temporarily unavailable`;
    expect(run(program, String(at))).toEqual({
      status: 0,
      stdout: `BackendError|bpu_memory|${text}|true\n`,
      stderr: '',
    });
  }
});

it('a task that timed out and has no thread for its release keeps its slot for good, and frames go on', () => {
  const bpu = { dnnLibrary: dnn.library, modelName: '', taskTimeoutMs: 50, priority: 0 };
  const options = dnn.options(dnn.model('fault: hbDNNInfer 3 late 200'), { bpu });
  const program = `
    import { openBpuSession } from '${dist('backends/bpu/open.js')}';
    import { bpuState } from '${dist('native/bpu.js')}';
    import { wrapNv12 } from '${dist('native/core.js')}';
    process.on('warning', ({ message }) => console.log(message));
    const session = await openBpuSession(${JSON.stringify(options)});
    const layout = { widthPx: 64, heightPx: 64, yStrideBytes: 64, uvStrideBytes: 64, uvOffsetBytes: 4096 };
    const header = { stampNs: 0n, frameId: '', sequence: 0, widthPx: 64, heightPx: 64 };
    const frame = async () => {
      const native = wrapNv12(new Uint8Array(64 * 96).fill(128), layout);
      const prepared = await session.prepare({ header, takenMs: 0, native }, null);
      return session.run(prepared, ${JSON.stringify(defaultOptions)}).then(() => 'done', ({ code }) => code);
    };
    const outcomes = [await frame()];
    process.env.REFUSED_THREAD = process.argv[1];
    outcomes.push(await frame(), await frame());
    // The frame is told of its end first; another one may be done before the slot is judged.
    while (bpuState(session.id).slots[0].state === 'overdue') await new Promise(setImmediate);
    console.log(...outcomes, bpuState(session.id).slots[0].state);
    await session.close();`;
  expect(run(program, '1')).toEqual({
    status: 0,
    stdout:
      'done bpu_timeout done quarantined\n' +
      'BPU session closed: 1 slot (0.1 MiB) of tasks that may still run is never freed; the model stays loaded\n',
    stderr: expect.not.stringContaining('fakednn'),
  });
});

describe('a release that is refused', () => {
  const program = join(folder, 'overdue_tasks');
  beforeAll(() => {
    const native = new URL('../../../native/', import.meta.url).pathname;
    const parts = [
      'overdue_tasks',
      'slot',
      'slot_table',
      'dnn_model',
      'dnn_library',
      'tensor_info',
      'vendor_status',
      'vendor_call',
    ];
    const sources = parts.map((part) => join(native, 'core/bpu', `${part}.cc`));
    const test = new URL('overdue_tasks.cc', import.meta.url).pathname;
    execFileSync('g++', ['-std=c++17', '-pthread', `-I${native}`, '-o', program, test, ...sources, '-ldl']);
  }, 120_000);

  it.each(['thread', 'memory'])(
    'its %s wakes who waits for the end of all, and gives the slot up',
    (refused) => {
      const { status, stdout, stderr } = spawnSync(program, [refused, dnn.library, dnn.model()], {
        encoding: 'utf8',
        timeout: 20_000,
      });
      expect({ status, stdout, stderr }).toEqual({
        status: 0,
        stdout: 'quarantined, nothing pending\n',
        stderr: '',
      });
    },
  );
});
