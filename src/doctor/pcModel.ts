/** A model that runs without the BPU: ONNX Runtime, or a recording. */
import { openSession } from '../backends/registry.js';
import { measure } from '../bench/measure.js';
import { toPostprocessOptions, toSessionOptions } from '../config/options.js';
import { percentile } from '../core/percentile.js';
import type { BackendSession } from '../core/ports.js';
import type { TensorSpec } from '../core/tensor.js';
import { counted, shown } from '../core/words.js';
import { layTable } from '../core/table.js';
import { describeNames } from '../toolchain/info/modelSummary.js';
import { type Check, notApplicable, ok, warning } from './check.js';
import { checkPadding } from './padding.js';
import { patchworkPicture } from './pictures.js';
import type { ModelRequest, ProbeSteps } from './probeMessages.js';
import { runSteps, type Step, step } from './steps.js';

/** Code is compiled by then; a slow model has done fewer in the time. */
const warmUp = { frames: 6, ms: 3000 } as const;
const measured = { frames: 12, ms: 5000 } as const;

const shapeOf = (spec: TensorSpec) => [
  spec.name,
  `[${spec.dims.join(', ')}]`,
  spec.type.toUpperCase(),
  spec.strideBytes.join(' '),
];

/** The checks of one model, with what each leaves to later ones. */
class PcProbe {
  readonly #request: ModelRequest;
  #session: BackendSession | null = null;
  #inferMs = 0;

  constructor(request: ModelRequest) {
    this.#request = request;
  }

  steps(): Step[] {
    const { backend } = this.#request;
    const cannot = (id: string, why: string) => step(id, ['model.load'], () => notApplicable(id, why));
    const noBpu = `the ${backend} backend does not use the BPU`;
    const noWorkers = `the ${backend} backend post-processes in the thread of its inference; rdk-yolo-seg bench tells its time`;
    const runs = backend === 'replay' ? 'a recording runs no model' : null;
    return [
      step('bpu.library', [], () => this.#missLibrary(noBpu)),
      step('model.load', [], () => this.#load()),
      step('model.input', ['model.load'], () => this.#describeInput()),
      step('model.outputs', ['model.load'], () => this.#describeOutputs()),
      step('model.padding', ['model.load'], () => checkPadding(this.#model.outputs)),
      runs === null
        ? step('model.inference', ['model.load'], () => this.#infer())
        : cannot('model.inference', runs),
      cannot('bpu.flush', noBpu),
      step('model.heads', ['model.load'], () => this.#describeHeads()),
      runs === null
        ? step('model.rate', ['model.inference'], () => this.#tellRate())
        : cannot('model.rate', runs),
      cannot('postprocess.time', noWorkers),
      cannot('postprocess.workers', noWorkers),
      cannot('bpu.release', noBpu),
    ];
  }

  async close(): Promise<void> {
    await this.#session?.close();
  }

  get #model() {
    return this.#session!.model;
  }

  #missLibrary(noBpu: string): Check {
    const { backend, modelPath, isOnBoard } = this.#request;
    if (!isOnBoard) return notApplicable('bpu.library', noBpu);
    const found = `not tried: ${shown(modelPath)} runs on the ${backend} backend`;
    return warning('bpu.library', found, 'give a compiled model: --model NAME.bin');
  }

  async #load(): Promise<Check> {
    const { backend, modelPath, values } = this.#request;
    const startMs = performance.now();
    this.#session = await openSession(backend, toSessionOptions(values, modelPath));
    const openMs = performance.now() - startMs;
    const { path, name } = this.#model;
    const found = `${shown(name)} (${shown(path)}) on ${backend} in ${openMs.toFixed(0)} ms`;
    return ok('model.load', found, { path, name, backend, openMs });
  }

  #describeInput(): Check {
    const { inputWidthPx: widthPx, inputHeightPx: heightPx } = this.#model;
    return ok('model.input', `${widthPx} x ${heightPx}`, { widthPx, heightPx });
  }

  #describeOutputs(): Check {
    const { outputs } = this.#model;
    const lines = layTable(outputs.map(shapeOf), { indent: '' });
    const tensors = outputs.map(({ name, dims, type, strideBytes }) => ({ name, dims, type, strideBytes }));
    return ok('model.outputs', [counted(outputs.length, 'output'), ...lines].join('\n'), {
      outputs: tensors,
    });
  }

  async #infer(): Promise<Check> {
    const { inputWidthPx: widthPx, inputHeightPx: heightPx, classNames } = this.#model;
    const common = {
      session: this.#session!,
      pictures: [1, 2].map((seed) => patchworkPicture({ widthPx, heightPx }, seed)),
      options: toPostprocessOptions(this.#request.values, classNames),
      onFrame: () => undefined,
    };
    const run = ({ frames, ms: limitMs }: typeof warmUp | typeof measured) =>
      measure({ ...common, frames, signal: AbortSignal.timeout(limitMs) });
    await run(warmUp);
    const { stageTimesMs } = await run(measured);
    this.#inferMs = percentile(
      stageTimesMs.map(({ infer }) => infer),
      0.5,
    )!;
    return ok('model.inference', `${this.#inferMs.toFixed(2)} ms`, { inferMs: this.#inferMs });
  }

  #describeHeads(): Check {
    const { headForm, classNames } = this.#model;
    const found = `${headForm}; classes ${describeNames(classNames)}`;
    return ok('model.heads', found, { form: headForm, classNames });
  }

  #tellRate(): Check {
    const rate = 1000 / this.#inferMs;
    return ok('model.rate', `${rate.toFixed(1)} inferences/s, one after the other`, {
      rate,
      tasksInFlight: 1,
    });
  }
}

/** Checks of a model on this CPU, one after the other, each told whatever comes of it. */
export async function probePcModel(request: ModelRequest, steps: ProbeSteps): Promise<void> {
  const probe = new PcProbe(request);
  try {
    await runSteps(probe.steps(), steps);
  } finally {
    await probe.close();
  }
}
