import { copyFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import { demoModel, makeToolchain, pictures, runCli } from './standInTools.js';

vi.setConfig({ testTimeout: 60_000, hookTimeout: 60_000 });

const scratch = mkdtempSync(join(tmpdir(), 'info-on-pc-'));
afterAll(() => rmSync(scratch, { recursive: true }));
const toolchain = makeToolchain(join(scratch, 'toolchain'));
const compiled = join(scratch, 'shapes_seg_320_bayese_320x320_nv12_modified.bin');
const manifest = compiled.replace('.bin', '.yaml');

beforeAll(async () => {
  const line = ['model', 'compile', demoModel, '--images', pictures, '-o', scratch, '--calib-count', '2'];
  expect((await runCli([...line, '--toolchain', toolchain], {})).status).toBe(0);
});

const info = (path: string, fault = '', args: readonly string[] = []) =>
  runCli(['model', 'info', path, '--toolchain', toolchain, ...args], { STANDIN: fault });

it('lists a compiled model by hb_model_info, with heads and classes of its manifest', async () => {
  const { status, stdout } = await info(compiled);
  expect(stdout).toMatch(/^ +in +images +\[1, 3, 320, 320\] +NV12 +-$/m);
  expect(stdout).toMatch(/^ +out +output3 +\[1, 40, 40, 64\] +S32 +box8$/m);
  expect(stdout).toMatch(/^ +out +output9 +\[1, 80, 80, 32\] +S32 +proto$/m);
  expect(stdout).toMatch(/^input nv12, letterbox, full range, filter auto; calibrated with 2 pictures/m);
  expect(stdout).toContain('which tells neither strides nor scales nor values');
  expect(stdout).toMatch(/classes: 5: ball, crate, .*\nthis node can run it\n$/);
  expect(status).toBe(0);
});

it('takes a name that begins like an option', async () => {
  const path = join(scratch, '-odd.bin');
  copyFileSync(compiled, path);
  const { status, stdout } = await info(path);
  expect(stdout).toContain('nobody names them, so they are class 0');
  expect(status).toBe(0);
});

it.each([
  ['class_names: [a, b]\n', '', /2 classes +\| 5 classes/],
  ['class_names: [\n', '', /model manifest .*\.yaml: cannot be read as YAML/],
  ['heads: {classes: [output0]}\n', '', /output0 as cls \(given\) +\| output0 as coef/],
  ['class_count: 5\n', 'yuv444', /the input is .*YUV444; on the BPU the node feeds NV12 or RGB/],
])('says why the node cannot run it: %j %s', async (text, fault, why) => {
  const path = join(scratch, 'other.bin');
  copyFileSync(compiled, path);
  writeFileSync(path.replace('.bin', '.yaml'), text);
  const { status, stdout } = await info(path, fault);
  expect(stdout).toMatch(why);
  expect(stdout).toContain('this node cannot run it');
  expect(status).toBe(1);
});

it('without the toolchain tells what the manifest says, and how to get it', async () => {
  const nowhere = join(scratch, 'nowhere');
  const { status, stdout, stderr } = await info(compiled, '', ['--toolchain', nowhere]);
  expect(stderr).toContain(`hrt_model_exec model_info --model_file ${compiled} > info.txt`);
  expect(stderr).toMatch(
    /on this machine: the vendor's toolchain is not in .*; install it .*toolchain install/,
  );
  expect(stderr).toContain(
    `its manifest ${manifest} says:\n  ${readFileSync(manifest, 'utf8').slice(2, 40)}`,
  );
  expect(stderr).toContain('\n  classes: 5: ball, crate');
  expect(stderr).toContain('\n  heads: cls output6, output7, output8; box output3');
  expect({ status, stdout }).toEqual({ status: 2, stdout: '' });
});

it('reads a manifest in UTF-16, its remarks too', async () => {
  const path = join(scratch, 'wide.bin');
  copyFileSync(compiled, path);
  writeFileSync(path.replace('.bin', '.yaml'), `\ufeff${readFileSync(manifest, 'utf8')}`, 'utf16le');
  expect((await info(path)).stdout).toMatch(/^input nv12, letterbox, full range, .*calibrated with 2/m);
});

it('a file that the tool does not read is unusable', async () => {
  const path = join(scratch, 'damaged.bin');
  writeFileSync(path, 'compiled');
  const { status, stderr } = await info(path);
  expect(stderr).toMatch(/model_bin: hb_model_info cannot read .*damaged\.bin: \S/);
  expect(status).toBe(2);
});
