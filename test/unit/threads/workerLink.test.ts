import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { startInference } from '#dist/backends/onnx/inferenceWorker.js';
import { BackendError } from '#dist/core/errors.js';
import { solveLetterbox } from '#dist/core/geometry.js';
import { repoPath } from '../../support/frames.js';
import { defaultOptions } from '../../support/defaultOptions.js';

function start(script: string) {
  const request = { modelPath: 'none.onnx', classNames: null, threads: 1 };
  return startInference(request, new URL(`../../fixtures/workers/${script}.mjs`, import.meta.url));
}

function message() {
  return {
    input: new ArrayBuffer(16),
    geometry: solveLetterbox(32, 32, 32, 32),
    options: defaultOptions,
    preparedMs: 0,
  };
}

describe('a worker', () => {
  it('gives up opening after its time limit', async () => {
    await expect(start('silent').ready(300)).rejects.toMatchObject({ code: 'open_timeout' });
    expect(() => start('silent').readySync(300)).toThrow('within 300 ms');
  });

  it('reports a worker that ends while opening', async () => {
    const startMs = performance.now();
    const error = await start('dies-at-open')
      .ready(10_000)
      .catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(BackendError);
    expect(error).toMatchObject({ code: 'worker_dead' });
    expect((error as Error).message).toContain('code 3');
    expect(performance.now() - startMs).toBeLessThan(5000);
  });

  it('is answered at once, blocking too, by a worker that cannot be loaded or ends while opening', async () => {
    const startMs = performance.now();
    await expect(start('fails-to-load').ready(10_000)).rejects.toThrow('no such library, say');
    expect(() => start('fails-to-load').readySync(10_000)).toThrow('no such library, say');
    expect(() => start('dies-at-open').readySync(10_000)).toThrow(
      'the inference worker ended while it was opened',
    );
    expect(performance.now() - startMs).toBeLessThan(5000);
  });

  it('rejects pending and later runs when the worker dies, with the cause', async () => {
    const link = start('dies-at-run');
    await link.ready(10_000);
    const error = await link.run(message()).catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(BackendError);
    expect((error as BackendError).message).toContain('out of memory, say');
    expect(link.death).toBe(error);
    await expect(link.run(message())).rejects.toBe(error);
    await link.settled();
    await link.close(1000);
  });

  it('terminates the real worker inside a run without ending the process', async () => {
    const modelPath = repoPath('assets/models/shapes-seg-320.onnx');
    const link = startInference({ modelPath, classNames: null, threads: 1 });
    const { inputWidthPx, inputHeightPx } = await link.ready(20_000);
    const input = new ArrayBuffer(4 * 3 * inputWidthPx * inputHeightPx);
    const geometry = solveLetterbox(320, 320, inputWidthPx, inputHeightPx);
    const running = link.run({ ...message(), input, geometry }).catch((reason: unknown) => reason);
    await sleep(4);
    await link.terminate();
    expect(await running).toMatchObject({ code: 'worker_dead' });
  });

  it('terminates a worker that does not close; what was pending rejects', async () => {
    const link = start('ignores-close');
    await link.ready(10_000);
    const running = link.run(message()).catch((reason: unknown) => reason);
    await link.close(100);
    expect(await running).toMatchObject({ code: 'worker_dead' });
  });
});
