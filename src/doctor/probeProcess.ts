/** A process that tries what may hang or die, and tells how far it came; runProbe.ts listens. */
import { ConfigError, describeError } from '../core/errors.js';
import { remedies } from '../native/setupRemedy.js';
import { fault } from './check.js';
import type { ProbeMessage, ProbeRequest, ProbeSteps } from './probeMessages.js';

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

/** What helps where a step fails for a reason that its message does not answer. */
const helps: Readonly<Record<string, string>> = {
  'shm.loan': remedies.setup,
  'bpu.library': 'name the library by --dnn-library; on a PC take an .onnx model',
  'model.load': 'rdk-yolo-seg model info FILE says what is in it; docs/models.md how a model is made',
};

process.once('message', (request: ProbeRequest) => {
  const steps = new Steps();
  void run(request, steps)
    .catch((error: unknown) => {
      const lacksOnnx = error instanceof ConfigError && error.code === 'onnx_not_installed';
      const help = lacksOnnx
        ? 'install it, or name a compiled model: --model NAME.bin'
        : helps[steps.current];
      const remedy = help ?? 'docs/bpu.md says what each failure means';
      steps.tell(fault(steps.current, describeError(error), remedy));
    })
    .then(async () => {
      await steps.flushed();
      await send({ kind: 'done' });
      process.disconnect();
    });
});
