import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';
import { backendNames } from '#dist/backends/registry.js';

const demo = fileURLToPath(new URL('../../../scripts/demo.mjs', import.meta.url));

/** The script as a user calls it; what it refuses it refuses before the set-up. */
function run(...args: string[]) {
  return spawnSync(process.execPath, [demo, ...args], { encoding: 'utf8', timeout: 20_000 });
}

it.each([
  [['--backend', 'cuda'], '--backend is cuda; expected auto, bpu, onnx, replay, bpu-sim'],
  [['--seconds', '0'], '--seconds is 0; expected 1 to 600'],
  [['--seconds', '2', '--backend', 'bpu-sim'], '--seconds is 2; expected 3 to 600'],
  [['--sekonds', '2'], "Unknown option '--sekonds'"],
])('%j is refused at once, with the usage', (args, why) => {
  const { status, stdout, stderr } = run(...args);
  expect(stderr).toContain(`demo: ${why}`);
  expect(stderr).toMatch(/usage: npm run demo -- .*\n[\s\S]*bpu-sim/);
  expect({ status, stdout }).toEqual({ status: 2, stdout: '' });
});

it.each(['--help', '-h'])('%s shows every backend there is and the one of the demo alone', (flag) => {
  const { status, stdout, stderr } = run(flag);
  expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
  expect(/--backend NAME +(.*) \(auto\)/.exec(stdout)![1]!.split(', ').sort()).toEqual(
    ['auto', 'bpu-sim', ...backendNames].sort(),
  );
});
