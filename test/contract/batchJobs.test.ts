import { execFileSync, spawnSync } from 'node:child_process';
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { s3ServerPython } from '../../scripts/fleet/s3Server.mjs';
import { repoPath } from '../support/frames.js';

const scratch = mkdtempSync(join(tmpdir(), 'batch-jobs-'));
const definition = repoPath('config/batch/aws-batch-job-definition.json');
const job = repoPath('config/batch/aws-batch-job.json');

afterAll(() => rmSync(scratch, { recursive: true }));

it('AWS Batch takes definition and job, by its own model of requests', async () => {
  const python = await s3ServerPython();
  const faults = (...args: string[]) =>
    execFileSync(python, ['-I', repoPath('test/oracle/aws_batch.py'), ...args], { encoding: 'utf8' });
  expect(faults('RegisterJobDefinition', definition, 'SubmitJob', job)).toBe('');
  // A name that it does not know, and a number for a text.
  const wrong = join(scratch, 'wrong.json');
  writeFileSync(wrong, readFileSync(definition, 'utf8').replace('"attempts": 10', '"attempts": "10"'));
  expect(faults('RegisterJobDefinition', wrong)).toMatch(/retryStrategy\.attempts/);
}, 300_000);

it('the image runs with what the Containerfile copies into it', () => {
  const text = readFileSync(repoPath('config/batch/Containerfile'), 'utf8');
  const copies = [...text.matchAll(/^COPY --from=build \/opt\/rdk-yolo-seg\/(\S+) (\S+)$/gm)];
  expect(copies.length).toBeGreaterThan(4);
  for (const [, from, to] of copies) {
    const target = join(scratch, 'image', to === './' ? from! : to!);
    mkdirSync(dirname(target), { recursive: true });
    if (from === 'node_modules') symlinkSync(repoPath(from), target);
    else cpSync(repoPath(from!), target, { recursive: true });
  }
  const model = join(scratch, 'model.onnx');
  cpSync(repoPath(/^ARG MODEL=(\S+)$/m.exec(text)![1]!), model);
  const program = join(scratch, 'image', /^ENTRYPOINT \["\/opt\/rdk-yolo-seg\/(\S+)"\]$/m.exec(text)![1]!);
  const args = ['--backend=onnx', `--model=${model}`, `--out=${join(scratch, 'out')}`, '--shard=0/1'];
  const picture = join(repoPath('assets/evalset/images'), '1000000_640x360.jpg');
  const { status, stderr } = spawnSync(program, ['segment', picture, ...args], {
    cwd: scratch,
    encoding: 'utf8',
    env: { PATH: process.env.PATH, HOME: scratch, NODE_PATH: '' },
  });
  expect({ status, stderr }).toMatchObject({ status: 0 });
  expect(existsSync(join(scratch, 'out'))).toBe(true);
}, 60_000);
