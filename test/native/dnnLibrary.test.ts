import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { ConfigError } from '#dist/core/errors.js';
import { probeLibrary } from '#dist/native/bpu.js';

const folder = mkdtempSync(join(tmpdir(), 'dnn-library-'));
afterAll(() => rmSync(folder, { recursive: true }));

/** What node asks of libdnn.so, by the vendor's header. */
const needed = [
  'hbDNNInitializeFromFiles',
  'hbDNNRelease',
  'hbDNNGetModelNameList',
  'hbDNNGetModelHandle',
  'hbDNNGetInputCount',
  'hbDNNGetInputName',
  'hbDNNGetInputTensorProperties',
  'hbDNNGetOutputCount',
  'hbDNNGetOutputName',
  'hbDNNGetOutputTensorProperties',
  'hbDNNInfer',
  'hbDNNWaitTaskDone',
  'hbDNNReleaseTask',
  'hbSysAllocCachedMem',
  'hbSysFlushMem',
  'hbSysFreeMem',
];

/** A shared library with these functions, which must not be called, and a version. */
function build(name: string, functions: readonly string[], extra: readonly string[] = []): string {
  const source = join(folder, `${name}.c`);
  const library = join(folder, `${name}.so`);
  const bodies = functions.map((symbol) => `int ${symbol}(void) { __builtin_trap(); }`);
  writeFileSync(
    source,
    `const char* hbDNNGetVersion(void) { return "1.24.5_(3.15.55 HBRT)"; }\n${bodies.join('\n')}\n`,
  );
  execFileSync('cc', ['-shared', '-fPIC', '-o', library, source, ...extra]);
  return library;
}

function refusal(path: string): ConfigError {
  try {
    probeLibrary(path);
  } catch (error) {
    expect(error).toBeInstanceOf(ConfigError);
    expect(error).toMatchObject({ code: 'dnn_library' });
    return error as ConfigError;
  }
  throw new Error(`${path} was taken`);
}

describe('libdnn.so', () => {
  test('with all functions is taken; path and version are told', () => {
    const path = build('whole', needed);
    expect(probeLibrary(path)).toEqual({ path, version: '1.24.5_(3.15.55 HBRT)' });
  });

  test.each(needed)('without %s is refused by that name', (symbol) => {
    const path = build(
      `without-${symbol}`,
      needed.filter((name) => name !== symbol),
    );
    const { message } = refusal(path);
    expect(message).toBe(`${path} is not the RDK X5's libdnn.so: it lacks ${symbol}`);
  });

  test.each(['hbDNNInferV2', 'hbUCPSubmitTask'])('of the S100, which has %s, is refused', (symbol) => {
    const { message } = refusal(build(`s100-${symbol}`, [...needed, symbol]));
    expect(message).toContain(`it has ${symbol}, which the RDK S100`);
  });

  test('that is missing is refused in the loader’s words, with what to install', () => {
    const path = join(folder, 'none.so');
    const { message } = refusal(path);
    expect(message).toContain(`${path}: cannot open shared object file: No such file or directory`);
    expect(message).toContain('apt-get install hobot-dnn');
  });

  test('whose own libraries are missing is refused with the search path to set', () => {
    const helper = build('libhbmem', []);
    const path = build('needs-helper', needed, ['-Wl,--no-as-needed', helper]);
    rmSync(helper);
    const { message } = refusal(path);
    expect(message).toContain(`${helper}: cannot open shared object file`);
    expect(message).toContain('LD_LIBRARY_PATH=/usr/hobot/lib');
  });

  test.each([
    ['no library', 'text.so', 'file too short'],
    ['a folder', '.', 'Is a directory'],
  ])('that is %s is refused; nothing is to be installed', (_name, file, words) => {
    writeFileSync(join(folder, 'text.so'), 'not a library');
    const { message } = refusal(join(folder, file));
    expect(message).toContain(words);
    expect(message).toContain('It is there, but is no library for this machine');
    expect(message).not.toMatch(/apt-get|LD_LIBRARY_PATH/);
  });
});
