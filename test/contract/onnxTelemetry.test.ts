import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { expect, it } from 'vitest';

const program = resolve('dist/cli/main.js');
const model = resolve('assets/models/shapes-seg-320.onnx');

// With its telemetry on, ONNX Runtime 1.30 makes .cache/Microsoft in the home directory when it starts.
it.each([
  ['in a worker', ['bench', '--model', model, '--frames', '2', '--tasks', '1']],
  ['in the main thread', ['model', 'info', model]],
])('ONNX Runtime %s keeps no telemetry', (_, args) => {
  const home = mkdtempSync(join(tmpdir(), 'rdk-home-'));
  try {
    const { status, stderr } = spawnSync(process.execPath, [program, ...args], {
      cwd: home,
      env: { ...process.env, HOME: home, ORT_DISABLE_TELEMETRY: undefined },
      encoding: 'utf8',
    });
    expect(status, stderr).toBe(0);
    expect(readdirSync(home)).toEqual([]);
  } finally {
    rmSync(home, { recursive: true });
  }
});
