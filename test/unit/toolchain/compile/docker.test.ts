import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it, vi } from 'vitest';
import { demoModel, makePython, pictures, runCli } from './standInTools.js';

vi.setConfig({ testTimeout: 120_000 });

const scratch = mkdtempSync(join(tmpdir(), 'docker-'));
afterAll(() => rmSync(scratch, { recursive: true }));
const python = makePython(join(scratch, 'tools'));
const bin = join(scratch, 'bin');
mkdirSync(bin);
/** Passes for docker with one image, oe:1; notes how it is called. */
writeFileSync(
  join(bin, 'docker'),
  `#!/bin/sh
echo "$*" >> '${scratch}/calls'
if [ "$1" = image ]; then
  if [ "$5" = oe:1 ]; then echo sha256:abc; exit 0; fi
  echo "Error response from daemon: No such image: $5" >&2; exit 1
fi
while [ "$1" != oe:1 ]; do
  if [ "$1" = --workdir ]; then cd "$2" || exit 1; fi
  shift
done
shift
tool="$1"; shift
if [ "$tool" = python3 ]; then exec '${python}' "$@"; fi
exec '${python}' "/inside/$tool" "$@"
`,
  { mode: 0o755 },
);

function compile(image: string, path: string) {
  const output = join(scratch, 'out');
  const line = ['model', 'compile', demoModel, '--images', pictures, '-o', output, '--calib-count', '2'];
  return runCli([...line, '--docker', image, '--toolchain', join(scratch, 'none')], { PATH: path });
}

it('runs the same tools in an image that is here, with the workspace alone mounted', async () => {
  const { status, stdout } = await compile('oe:1', `${bin}:${process.env.PATH}`);
  expect(status).toBe(0);
  expect(stdout).toContain('this node can run it');
  const runs = readFileSync(join(scratch, 'calls'), 'utf8')
    .split('\n')
    .filter((line) => line.startsWith('run '));
  const work = join(scratch, 'out', 'shapes-seg-320_nv12_work');
  expect(runs).toHaveLength(5);
  for (const line of runs) expect(line).toContain(`--mount type=bind,source=${work},target=${work} `);
});

it('simulates in the same image, talking with its Python, with a folder of its own mounted', async () => {
  const path = `${bin}:${process.env.PATH}`;
  expect((await compile('oe:1', path)).status).toBe(0);
  writeFileSync(join(scratch, 'calls'), '');
  const two = join(scratch, 'two');
  for (const name of readdirSync(pictures).slice(0, 2)) cpSync(join(pictures, name), join(two, name));
  const model = join(scratch, 'out', 'shapes_seg_320_bayese_320x320_nv12_modified.bin');
  const simulate = (image: string, output: string) =>
    runCli(
      [
        ...['model', 'simulate', model, '--images', two, '-o', join(scratch, output)],
        ...['--docker', image, '--toolchain', join(scratch, 'none')],
      ],
      { PATH: path },
    );
  const { status, stdout } = await simulate('oe:1', 'docker.replay');
  expect(stdout).toMatch(/docker\.replay: 2 frames and the grey one/);
  expect(status).toBe(0);
  const [info, python3] = readFileSync(join(scratch, 'calls'), 'utf8')
    .split('\n')
    .filter((line) => line.startsWith('run '));
  expect(info).toMatch(/ oe:1 hb_model_info \.\/shapes_seg_320_bayese_320x320_nv12_modified\.bin$/);
  expect(python3).toMatch(
    /^run --rm --init --interactive .* oe:1 python3 simulate\.py quantised\.onnx input /,
  );
  const folders = [info, python3].map((line) => /source=(\S+),target=\1 --workdir \1 /.exec(line ?? '')?.[1]);
  expect(folders[0]).toBe(folders[1]);
  expect(existsSync(folders[0]!)).toBe(false);
  const absent = await simulate('oe:2', 'absent.replay');
  expect(absent.stderr).toMatch(/docker image oe:2 cannot be used: .*No such image/);
  expect(absent.status).toBe(2);
});

it('an image that is not here is not loaded, and docker may be missing', async () => {
  const absent = await compile('oe:2', `${bin}:${process.env.PATH}`);
  expect(absent.stderr).toMatch(
    /docker image oe:2 cannot be used: Error response from daemon: No such image/,
  );
  expect(absent.status).toBe(2);
  const missing = await compile('oe:1', '/nowhere');
  expect(missing.stderr).toMatch(/docker is not installed here/);
  expect(missing.status).toBe(2);
});
