import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { StandIn } from './standIn.js';

const dnn = new StandIn();
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

const dist = new URL('../../../dist/native/bpu.js', import.meta.url).href;
const taskCount = 3;

it('a thread that is refused ends the opening, and nothing stays of those before', () => {
  const request = {
    libraryPath: dnn.library,
    modelPath: dnn.model(),
    modelName: '',
    slotCount: 4,
    taskCount,
  };
  const program = `
    import { openBpu, probeLibrary } from '${dist}';
    const request = ${JSON.stringify({ ...request, taskTimeoutMs: 200 })};
    const { version } = probeLibrary(request.libraryPath);
    process.env.REFUSED_THREAD = process.argv[1];
    try {
      openBpu(request);
    } catch ({ name, code, message }) {
      console.log([name, code, message, probeLibrary(request.libraryPath).version === version].join('|'));
    }`;
  const preload = [process.env.LD_PRELOAD, threadRefuser()].filter(Boolean).join(':');
  for (let at = 1; at <= taskCount; at++) {
    const { status, stdout, stderr } = spawnSync(
      process.execPath,
      ['--input-type=module', '--eval', program, String(at)],
      { encoding: 'utf8', timeout: 30_000, env: { ...process.env, LD_PRELOAD: preload } },
    );
    const text = `thread ${at} of 3 that wait for tasks cannot be started: Resource temporarily unavailable`;
    expect({ status, stdout, stderr }).toEqual({
      status: 0,
      stdout: `BackendError|bpu_memory|${text}|true\n`,
      stderr: '',
    });
  }
});
