import { readdirSync } from 'node:fs';
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';
import { SegError } from '../core/errors.js';
import { remedies } from './setupRemedy.js';

const binFolder = fileURLToPath(new URL('../../native/bin/', import.meta.url));

function addonsFound(): string {
  try {
    const files = readdirSync(binFolder).filter((file) => file.endsWith('.node'));
    return files.length === 0 ? 'no addon' : files.join(', ');
  } catch {
    return 'no such folder';
  }
}

/**
 * Loads `native/bin/<name>-<os>-<arch>.node` and checks that it exports `functionNames`.
 *
 * `RDK_ADDON_SUFFIX` is put behind the name: `-asan` takes the sanitizer build. Throws SegError `addon` that
 * says what was found, what is required and what to do.
 */
export function loadAddon(name: string, functionNames: readonly string[]): Record<string, unknown> {
  const file = `${name}-${process.platform}-${process.arch}${process.env.RDK_ADDON_SUFFIX ?? ''}.node`;
  const path = `${binFolder}${file}`;
  const fail = (found: string, cause?: unknown) =>
    new SegError(
      'addon',
      `Native addon ${name}: found ${found}; required ${path} for Node ${process.version}; remedy: ${remedies.setup}`,
      { path },
      cause,
    );
  let addon: Record<string, unknown>;
  try {
    addon = createRequire(import.meta.url)(path) as Record<string, unknown>;
  } catch (error) {
    throw fail(`${addonsFound()} in ${binFolder}`, error);
  }
  const missing = functionNames.filter((functionName) => typeof addon[functionName] !== 'function');
  if (missing.length > 0) throw fail(`an old binary without ${missing.join(', ')}`);
  return addon;
}
