import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll } from 'vitest';

export const cli = fileURLToPath(new URL('../../../dist/cli/main.js', import.meta.url));
export const shapesModel = fileURLToPath(
  new URL('../../../assets/models/shapes-seg-320.onnx', import.meta.url),
);
export const stockModel = fileURLToPath(
  new URL('../../../assets/models/shapes-seg-stock.onnx', import.meta.url),
);
/** The command outside of npm and of the path, as its own file is called. */
export const called = 'bin/rdk-yolo-seg';
/** A folder of the test file, in which the commands run. */
export const scratch = mkdtempSync(join(tmpdir(), 'model-commands-'));
afterAll(() => rmSync(scratch, { recursive: true }));

/** Runs `rdk-yolo-seg ...`; a command that does not return within a minute has no status. */
export function run(...args: string[]) {
  return runWith({ RDK_YOLO_SEG_CALLED: called }, ...args);
}

/** Runs `rdk-yolo-seg model ...`. */
export function model(...args: string[]) {
  return run('model', ...args);
}

export function modelWith(env: NodeJS.ProcessEnv, ...args: string[]) {
  return runWith(env, 'model', ...args);
}

function runWith(env: NodeJS.ProcessEnv, ...args: string[]) {
  const { status, stdout, stderr } = spawnSync(process.execPath, [cli, ...args], {
    encoding: 'utf8',
    cwd: scratch,
    // No toolchain that happens to be installed for the user: what a command finds is the test's to say.
    env: { PATH: '/usr/bin:/bin', XDG_DATA_HOME: join(scratch, 'data-home'), ...env },
    timeout: 60_000,
  });
  return { status, stdout, stderr };
}
