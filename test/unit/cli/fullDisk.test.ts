import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { onSmallDisk, whyNoSmallDisk } from '../../support/smallDisk.js';

const why = whyNoSmallDisk();
const skipped = why === null ? '' : ` (skipped: no file system can be mounted: ${why})`;
const folder = mkdtempSync(join(tmpdir(), 'full-disk-'));
const [images, model] = ['assets/evalset/images', 'assets/models/shapes-seg-320.onnx'];

afterAll(() => rmSync(folder, { recursive: true }));

/** Runs the command where `folder` has room for 300 KiB, then lists what it left there. */
function runOnSmallDisk(args: readonly string[]) {
  const listing = [
    'sh',
    '-c',
    '"$@"; code=$?; find "$0" -mindepth 1 -printf "left %p\\n"; exit $code',
    folder,
  ];
  const [command, ...words] = [...onSmallDisk(folder, 300), ...listing, 'bin/rdk-yolo-seg', ...args];
  return spawnSync(command!, words, { encoding: 'utf8' });
}

describe.skipIf(why !== null)(`a disk that is full${skipped}`, () => {
  const out = join(folder, 'out');
  it.each([
    [
      'of recorded tensors',
      ['tensors', '--model', model, '--images', images, '--output', `${out}.replay`],
      `output: cannot write ${out}.replay/frames/`,
    ],
    [
      'of a calibration set',
      ['model', 'calib', '--images', images, '--size', '320x320', '--output', `${out}_f32`],
      `output: cannot write ${out}_f32/`,
    ],
  ])('%s is told with the file, with 2, and nothing is left', (_, args, cause) => {
    const { status, stdout, stderr } = runOnSmallDisk(args);
    expect(stderr.split('\n').find((line) => line.includes(cause))).toMatch(/: no space is left$/);
    expect(stderr).not.toMatch(/ENOSPC| {4}at /);
    expect(status).toBe(2);
    expect(stdout).not.toContain('left ');
  });
});
