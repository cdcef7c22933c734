import { spawnSync } from 'node:child_process';
import { copyFileSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { repoPath } from '../support/frames.js';

const scratch = mkdtempSync(join(tmpdir(), 'segment-replay-'));
afterAll(() => rmSync(scratch, { recursive: true }));

const model = repoPath('assets/models/shapes-seg-320.onnx');
const evaluation = repoPath('assets/evalset/images');

function run(...args: string[]) {
  return spawnSync(repoPath('bin/rdk-yolo-seg'), args, { encoding: 'utf8', cwd: scratch });
}

interface Instance {
  readonly class_name: string;
  readonly box: readonly number[];
}

const instancesOf = (folder: string, name: string): Instance[] =>
  JSON.parse(readFileSync(join(scratch, folder, 'json', name.replace('.jpg', '.json')), 'utf8')).instances;

it('pictures are segmented by the recording that was made of them, as by the model', () => {
  const names = readdirSync(evaluation).toSorted().slice(5, 7);
  mkdirSync(join(scratch, 'pictures'));
  for (const name of names) copyFileSync(join(evaluation, name), join(scratch, 'pictures', name));
  const recorded = run('tensors', '--model', model, '--images', 'pictures', '-o', 'm.replay');
  expect(recorded).toMatchObject({ status: 0 });
  const outputs = ['--forms', 'json,overlay,mcap'];
  expect(run('segment', 'pictures', '--model', model, '-o', 'live', ...outputs)).toMatchObject({ status: 0 });
  const replayed = run('segment', 'pictures', '--model', 'm.replay', '-o', 'replayed', ...outputs);
  expect(replayed).toMatchObject({ status: 0, stderr: '' });
  expect(readdirSync(join(scratch, 'replayed')).toSorted()).toEqual(['json', 'mcap', 'overlay']);
  for (const name of names) {
    const [live, found] = [instancesOf('live', name), instancesOf('replayed', name)];
    expect(found.map(({ class_name: label }) => label)).toEqual(live.map(({ class_name: label }) => label));
    // JPEG decoded once to YCbCr, once by way of RGB.
    for (const [at, { box }] of found.entries())
      for (const [edge, value] of box.entries())
        expect(Math.abs(value - live[at]!.box[edge]!)).toBeLessThan(3);
  }
});
