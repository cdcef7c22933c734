import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';
import { backendNames } from '#dist/backends/registry.js';

const root = fileURLToPath(new URL('../../../', import.meta.url));
const demo = join(root, 'scripts', 'demo.mjs');

/** The script as a user calls it; what it refuses it refuses before the set-up. */
function run(...args: string[]) {
  return spawnSync(process.execPath, [demo, ...args], { encoding: 'utf8', timeout: 20_000 });
}

it.each([
  [['--backend', 'cuda'], '--backend is cuda; expected auto, bpu, onnx, replay, bpu-sim'],
  [['--seconds', '0'], '--seconds is 0; expected 1 to 600'],
  [['--seconds', '2', '--backend', 'bpu-sim'], '--seconds is 2; expected 3 to 600'],
  [['--compiled', 'x.bin'], '--compiled is for --backend bpu-sim'],
  [['--backend', 'bpu-sim', '--compiled', 'x.bin'], '--compiled: x.bin is not there'],
  [['--backend', 'bpu-sim', '--images', 'nowhere'], '--images: nowhere is not there'],
  [['--sekonds', '2'], "Unknown option '--sekonds'"],
])('%j is refused at once, with the usage', (args, why) => {
  const { status, stdout, stderr } = run(...args);
  expect(stderr).toContain(`demo: ${why}`);
  expect(stderr).toMatch(/usage: npm run demo -- .*\n[\s\S]*bpu-sim/);
  expect({ status, stdout }).toEqual({ status: 2, stdout: '' });
});

/** The modules that are loaded before the script's first line runs. */
function loadedAtStart(path: string, seen = new Set<string>()): Set<string> {
  if (seen.has(path)) return seen;
  seen.add(path);
  for (const [, from] of readFileSync(path, 'utf8').matchAll(/^(?:import|\}) .*from '(\..*)';$/gm))
    loadedAtStart(resolve(dirname(path), from!), seen);
  return seen;
}

it('the script starts where nothing is built yet', () => {
  const modules = [...loadedAtStart(demo)].map((path) => relative(root, path));
  expect(modules).toContain('scripts/demo/program.mjs');
  expect(modules.filter((path) => !path.startsWith('scripts/'))).toEqual([]);
});

it.each(['--help', '-h'])('%s shows every backend there is and the one of the demo alone', (flag) => {
  const { status, stdout, stderr } = run(flag);
  expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
  expect(/--backend NAME +(.*) \(auto\)/.exec(stdout)![1]!.split(', ').sort()).toEqual(
    ['auto', 'bpu-sim', ...backendNames].sort(),
  );
});
