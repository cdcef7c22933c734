/** A process that tries what may hang or die, and tells how far it came; runProbe.ts listens. */
import type { ProbeMessage, ProbeRequest, ProbeSteps } from './probeMessages.js';
import { faultOf } from './steps.js';

function send(message: ProbeMessage): Promise<void> {
  return new Promise((resolve) => {
    process.send!(message, undefined, {}, () => resolve());
  });
}

class Steps implements ProbeSteps {
  current = '';
  readonly #sent: Promise<void>[] = [];

  async begin(id: string): Promise<void> {
    this.current = id;
    await send({ kind: 'begins', id });
  }

  tell(check: Parameters<ProbeSteps['tell']>[0]): void {
    this.#sent.push(send({ kind: 'check', check }));
  }

  /** All that was told has been sent. */
  async flushed(): Promise<void> {
    await Promise.all(this.#sent);
  }
}

async function run(request: ProbeRequest, steps: ProbeSteps): Promise<void> {
  if (request.kind === 'loan') return (await import('./loan.js')).probeLoan(steps);
  if (request.backend === 'bpu') return (await import('./bpuModel.js')).probeBpuModel(request, steps);
  return (await import('./pcModel.js')).probePcModel(request, steps);
}

process.once('message', (request: ProbeRequest) => {
  const steps = new Steps();
  void run(request, steps)
    .catch((error: unknown) => {
      steps.tell(faultOf(steps.current, error));
    })
    .then(async () => {
      await steps.flushed();
      await send({ kind: 'done' });
      process.disconnect();
    });
});
