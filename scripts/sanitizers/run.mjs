import { execFileSync, spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { addonSuffix } from '../setup/addons.mjs';
import { ensureSetup } from '../setup/index.mjs';
import { root } from '../setup/paths.mjs';
import { sanitizedStepNames } from '../setup/steps.mjs';

/** @param {string} library */
const fileOf = (library) => execFileSync('g++', [`-print-file-name=${library}`], { encoding: 'utf8' }).trim();

/**
 * Builds the addons with a sanitizer where they are not up to date, and runs tests on them. Returns vitest's exit code.
 *
 * @param {import('../setup/addons.mjs').Sanitizer} sanitizer
 * @param {{ tests: string[], options: Record<string, string> }} run
 * `options`: environment that the sanitizer reads.
 */
export async function runSanitized(sanitizer, { tests, options }) {
  await ensureSetup();
  const env = await ensureSetup({ steps: sanitizedStepNames(sanitizer) });
  const vitest = join(root, 'node_modules', 'vitest', 'vitest.mjs');
  const args = [vitest, 'run', ...tests];
  const { status } = spawnSync(process.execPath, args, {
    cwd: root,
    stdio: 'inherit',
    env: {
      ...env,
      ...options,
      RDK_ADDON_SUFFIX: addonSuffix(sanitizer),
      // Python lacks the C++ library, which has to be there before the first exception.
      LD_PRELOAD: `${fileOf(`lib${sanitizer}.so`)}:${fileOf('libstdc++.so')}`,
    },
  });
  return status ?? 1;
}
