import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { constants, tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { fakednnLibrary as library } from '../../support/fakednn.js';
import { writeModels } from './models.js';

const here = fileURLToPath(new URL('.', import.meta.url));
const data = process.env.RDK_YOLO_SEG_DATA;
const hasPython = spawnSync('python3', ['--version']).status === 0;
if (!hasPython) console.log('skipped: python3 not found (uses of fakednn by ctypes)');

const folder = mkdtempSync(join(tmpdir(), 'fakednn-'));
writeModels(folder);
afterAll(() => rmSync(folder, { recursive: true }));

interface Outcome {
  /** Exit status, or less by the number of the signal. */
  readonly status: number;
  readonly stderr: string;
}

function run(names: readonly string[], env: NodeJS.ProcessEnv = {}): Readonly<Record<string, Outcome>> {
  const options = { encoding: 'utf8', env: { ...process.env, RDK_FAKEDNN_STRICT: '', ...env } } as const;
  return JSON.parse(
    execFileSync('python3', ['-B', join(here, 'scenarios.py'), library, folder, ...names], options),
  );
}

function expectWell({ status, stderr }: Outcome): void {
  expect(status, stderr).toBe(0);
}

const special = ['strict', 'vendor_text', 'faults'];
const plain = readdirSync(here)
  .filter((file) => file.endsWith('_scenarios.py'))
  .flatMap((file) => [...readFileSync(join(here, file), 'utf8').matchAll(/^def (\w+)\(lib\):/gm)])
  .map((match) => match[1]!)
  .filter((name) => !special.includes(name));

it('has the SONAME and the symbol version of the vendor', () => {
  expect(execFileSync('readelf', ['-d', library], { encoding: 'utf8' })).toContain('soname: [libdnn.so]');
  const symbols = execFileSync('objdump', ['-T', library], { encoding: 'utf8' }).split('\n');
  const exported = symbols.filter((line) => /\.text\b/.test(line));
  expect(exported.length).toBeGreaterThan(30);
  expect(exported.filter((line) => !/\bCONFIG\s+hb/.test(line))).toEqual([]);
});

describe.runIf(hasPython)('used by ctypes', () => {
  let outcomes: Readonly<Record<string, Outcome>>;
  beforeAll(() => {
    outcomes = run(plain);
  });

  it.each(plain)('%s', (name) => expectWell(outcomes[name]!));

  it('faults', () => {
    expectWell(run(['faults'], { RDK_FAKEDNN_FAULTS: 'hbDNNGetInputCount 2 -6000005' }).faults!);
  });

  it('ends the process at the first violation where it is strict', () => {
    const { status, stderr } = run(['strict'], { RDK_FAKEDNN_STRICT: '1' }).strict!;
    expect(status).toBe(-constants.signals.SIGABRT);
    expect(stderr).toContain('[fakednn] violation: hbDNNReleaseTask');
  });

  it.runIf(data).each(['nv12', 'nv12_modified'])('reads a text of the vendor: %s', (name) => {
    const text = join(data!, 'logs', `hrt_model_info_yolov8n_instance_seg_${name}.txt`);
    expectWell(run(['vendor_text'], { VENDOR_TEXT: text }).vendor_text!);
  });
});
