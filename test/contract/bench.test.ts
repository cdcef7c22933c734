import { spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import type { BenchReport } from '#dist/bench/report.js';
import { repoPath } from '../support/frames.js';

const folder = mkdtempSync(join(tmpdir(), 'bench-'));
const command = repoPath('bin/rdk-yolo-seg');
const model = repoPath('assets/models/shapes-seg-320.onnx');
const images = repoPath('test/fixtures/pictures');
afterAll(() => rmSync(folder, { recursive: true }));

function run(...args: string[]) {
  const { status, stdout, stderr } = spawnSync(command, args, { encoding: 'utf8' });
  return { status, stdout, stderr };
}

/** The rows of the table as numbers, by the names in its head. */
function tableOf(stdout: string): Record<string, number>[] {
  const lines = stdout.split('\n').map((line) => line.trim().replace(' %', ''));
  const start = lines.findIndex((line) => line.startsWith('tasks '));
  const names = lines[start]!.split(/ {2,}/);
  return lines.slice(start + 1, lines.indexOf('', start)).map((line) => {
    const values = line.split(/ +/).map(Number);
    expect(values).toHaveLength(names.length);
    return Object.fromEntries(names.map((name, index) => [name, values[index]!]));
  });
}

function expectConsistent({ levels }: BenchReport): void {
  for (const level of levels) {
    const { mean, p50, p95, min, max } = level.latencyMs;
    const { prepare, queue, infer, decode, masks } = level.stageMeanMs;
    expect(level.framesPerSecond).toBeCloseTo((level.frames / level.runMs) * 1000, 6);
    expect(mean).toBeCloseTo(prepare + queue + infer, 6);
    expect(level.postprocessMs).toBeCloseTo(decode + masks, 6);
    expect(level.postprocessShare).toBeCloseTo(level.postprocessMs / (mean + level.postprocessMs), 6);
    expect([min, p50, p95, max]).toEqual([min, p50, p95, max].toSorted((a, b) => a - b));
    expect(min).toBeGreaterThan(0);
    expect(mean).toBeGreaterThanOrEqual(min);
    expect(mean).toBeLessThanOrEqual(max);
    // Each task spends at most the whole run in its frames.
    expect(level.frames * (mean + level.postprocessMs)).toBeLessThanOrEqual(
      level.runMs * level.tasksInFlight,
    );
  }
}

describe('rdk-yolo-seg bench', () => {
  it('measures ONNX: figures agree with each other, and the table with the JSON', { timeout: 60_000 }, () => {
    const json = join(folder, 'bench.json');
    const ending = run('bench', '--model', model, '--tasks', '1,3', '--frames', '12', '--json', json);
    expect(ending).toMatchObject({ status: 0, stderr: '' });
    const report = JSON.parse(readFileSync(json, 'utf8')) as BenchReport;
    expect(report).toMatchObject({
      model,
      backend: 'onnx',
      inputWidthPx: 320,
      inputHeightPx: 320,
      pictures: 12,
    });
    expect(report.levels.map(({ tasksInFlight, frames }) => [tasksInFlight, frames])).toEqual([
      [1, 12],
      [3, 12],
    ]);
    const found = report.levels.map(({ instanceCount }) => instanceCount);
    expect(found[0]).toBeGreaterThan(12);
    expect(found[1]).toBe(found[0]);
    expectConsistent(report);
    expect(tableOf(ending.stdout)).toEqual(
      report.levels.map((level) => {
        const rounded = (value: number, digits = 2) => Number(value.toFixed(digits));
        const { mean, p50, p95, min, max } = level.latencyMs;
        const times = { mean, p50, p95, min, max, post: level.postprocessMs, ...level.stageMeanMs };
        return {
          tasks: level.tasksInFlight,
          'frames/s': rounded(level.framesPerSecond, 1),
          share: rounded(level.postprocessShare * 100, 1),
          ...Object.fromEntries(Object.entries(times).map(([name, ms]) => [name, rounded(ms)])),
        };
      }),
    );
    for (const line of [...report.advice, ...report.warnings]) expect(ending.stdout).toContain(line);
    expect(readdirSync(folder)).toEqual(['bench.json']);
  });

  it('measures a recording of the same pictures', { timeout: 60_000 }, () => {
    const recording = join(folder, 'shapes.replay');
    expect(run('tensors', '--model', model, '--images', images, '-o', recording).status).toBe(0);
    const json = join(folder, 'replay.json');
    const args = [
      '--model',
      recording,
      '--images',
      images,
      '--tasks',
      '1..2',
      '--frames',
      '7',
      '--json',
      json,
    ];
    expect(run('bench', ...args)).toMatchObject({ status: 0, stderr: '' });
    const report = JSON.parse(readFileSync(json, 'utf8')) as BenchReport;
    expect(report).toMatchObject({ backend: 'replay', pictures: 3 });
    expectConsistent(report);
  });

  it.each([
    ['a bad range', ['--tasks', '4..1'], 'tasks: --tasks 4..1'],
    ['no frames', ['--frames', '0'], 'expected a positive integer'],
    ['a missing model', ['--model', '/nowhere/model.onnx'], 'model_missing'],
    ['no such pictures', ['--images', '/nowhere'], 'source: /nowhere does not exist'],
    ['a report that cannot be written', ['--json', '/nowhere/bench.json'], 'output: cannot write'],
    ['a folder as report', ['--json', tmpdir()], 'it is a folder'],
    ['an unknown backend', ['--backend', 'gpu'], 'backend_unknown'],
  ])('ends with 2 on %s', (_name, args, text) => {
    const ending = run('bench', '--model', model, '--tasks', '1', '--frames', '2', ...args);
    expect(ending).toMatchObject({ status: 2, stdout: '' });
    expect(ending.stderr).toContain(text);
  });

  it('ends on SIGINT without a report', { timeout: 60_000 }, async () => {
    const json = join(folder, 'interrupted.json');
    const args = ['--model', model, '--images', images, '--frames', '1000000', '--json', json];
    const child = spawn(command, ['bench', ...args], { stdio: ['ignore', 'pipe', 'pipe'] });
    let stderr = '';
    child.stderr.on('data', (bytes: Buffer) => {
      stderr += bytes.toString();
    });
    const ended = new Promise((resolve) => child.once('exit', (code, signal) => resolve({ code, signal })));
    // The runtime is loaded once the command listens to signals.
    while (!readFileSync(`/proc/${child.pid}/maps`, 'utf8').includes('onnxruntime_binding')) {
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
    child.kill('SIGINT');
    expect(await ended).toEqual({ code: 130, signal: null });
    expect(stderr).toBe('rdk-yolo-seg: interrupted: interrupted by SIGINT\n');
    expect(existsSync(json)).toBe(false);
  });
});
