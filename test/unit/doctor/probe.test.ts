import { describe, expect, it } from 'vitest';
import { ParameterStore } from '#dist/config/store.js';
import { probeChecks } from '#dist/doctor/probeMessages.js';
import { runProbe } from '#dist/doctor/runProbe.js';
import { checkOf } from '../../support/madeMachine.js';

const { values } = new ParameterStore();
const request = { kind: 'model', backend: 'bpu', modelPath: 'any.bin', values, isOnBoard: true } as const;

async function probe(name: string, stepLimitMs: number, signal = new AbortController().signal) {
  const script = new URL(`../../fixtures/probes/${name}.mjs`, import.meta.url);
  return (await runProbe({ request, stepLimitMs, env: process.env, signal, script })).checks;
}

describe('what is tried in a process of its own', () => {
  it('is given up where it hangs, by the name of the step', async () => {
    const checks = await probe('hangs', 1500);
    expect(checks.map(({ id }) => id)).toEqual(probeChecks.model);
    expect(checkOf(checks, 'bpu.library')).toMatchObject({ outcome: 'ok', found: 'found' });
    expect(checkOf(checks, 'model.load')).toMatchObject({
      outcome: 'fault',
      found: 'it did not end within 2 s: it hangs',
      remedy: expect.stringContaining('restart'),
    });
    expect(checkOf(checks, 'bpu.release')).toMatchObject({
      outcome: 'not_applicable',
      found: 'not reached: model.load failed',
    });
  });

  it('may die: the step, the signal and its last words are told', async () => {
    const checks = await probe('dies', 20_000);
    expect(checkOf(checks, 'model.load')).toMatchObject({
      outcome: 'fault',
      found: 'its process ended by SIGSEGV',
      remedy: expect.stringContaining('[BPU_PLAT]Incompatible Platform'),
    });
    expect(checkOf(checks, 'bpu.library').found).toBe('not reached: model.load failed');
  });

  it('that is not there is told, too', async () => {
    const checks = await probe('nowhere', 20_000);
    expect(checkOf(checks, 'bpu.library')).toMatchObject({
      outcome: 'fault',
      remedy: expect.stringContaining('nowhere.mjs'),
    });
  });

  it('for want of shared memory is told as that', async () => {
    const script = new URL('../../fixtures/probes/outOfMemory.mjs', import.meta.url);
    const { signal } = new AbortController();
    const { checks } = await runProbe({
      request: { kind: 'loan' },
      stepLimitMs: 20_000,
      env: process.env,
      signal,
      script,
    });
    expect(checks[0]).toMatchObject({
      outcome: 'fault',
      found: 'its process ended by SIGBUS',
      remedy: expect.stringMatching(/\/dev\/shm ran full: rdk-yolo-seg clean-shm/),
    });
  });

  it('ends with the signal', async () => {
    const controller = new AbortController();
    const checks = probe('hangs', 60_000, controller.signal);
    controller.abort();
    expect((await checks).some(({ found }) => found === 'it was interrupted')).toBe(true);
  });
});
