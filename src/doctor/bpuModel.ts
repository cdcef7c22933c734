/** A compiled model on the BPU, or on what stands in for it. */
import { resolveBpuHeads } from '../backends/bpu/heads.js';
import { checkModelFile } from '../backends/bpu/modelFile.js';
import { toTensorSpec } from '../backends/bpu/tensorSpec.js';
import { readManifest } from '../backends/manifestFile.js';
import { toSessionOptions } from '../config/options.js';
import { describeError, ModelContractError, SegError } from '../core/errors.js';
import { percentile } from '../core/percentile.js';
import type { SessionOptions } from '../core/ports.js';
import { stopLimitsMs } from '../core/stopLimits.js';
import { counted, shown } from '../core/words.js';
import type { ResolvedHeads } from '../model/heads.js';
import { type BpuModel, closeBpuNow, openBpu, probeLibrary } from '../native/bpu.js';
import { infoOfLoadedModel } from '../toolchain/info/libraryModelInfo.js';
import {
  describeNames,
  type ModelSummary,
  readingOf,
  summariseInfo,
  tensorLines,
} from '../toolchain/info/modelSummary.js';
import { type Check, fault, notApplicable, ok } from './check.js';
import { checkRelease } from './bpuRelease.js';
import { checkFlush, checkRate, type PictureRun, PictureTasks } from './bpuTasks.js';
import { checkPadding } from './padding.js';
import { greyPicture, patchworkPicture, readTwoScenes } from './pictures.js';
import { checkPostprocessTime, checkWorkers, coresHere } from './postprocessing.js';
import type { ModelRequest, ProbeSteps } from './probeMessages.js';
import { runSteps, type Step, step } from './steps.js';

/** Opens a model, does something with it and closes it, whatever comes of that. */
async function withModel<Result>(
  model: BpuModel,
  use: (model: BpuModel) => Promise<Result>,
): Promise<Result> {
  try {
    return await use(model);
  } finally {
    closeBpuNow(model.id, stopLimitsMs.bpuNow);
  }
}

/** What outputs mean, as far as it can be told from the first inference. */
interface Meaning {
  readonly summary: ModelSummary;
  /** Null where `error` says why not. */
  readonly heads: ResolvedHeads | null;
  readonly error: unknown;
}

/** The checks of one model, with what each leaves to later ones. */
class BpuProbe {
  readonly #request: ModelRequest;
  readonly #options: SessionOptions;
  #model: BpuModel | null = null;
  #meaning: Meaning | null = null;
  #greys: readonly PictureRun[] = [];
  #isFlushFaulty = false;
  /** The quickest of some inferences, which a busy machine spoiled least. */
  #leastInferMs = 0;
  #rate = 0;
  #frameMs = 0;

  constructor(request: ModelRequest) {
    this.#request = request;
    this.#options = toSessionOptions(request.values, request.modelPath);
  }

  steps(): Step[] {
    return [
      step('bpu.library', [], () => this.#findLibrary()),
      step('model.load', ['bpu.library'], () => this.#load()),
      step('model.input', ['model.load'], () => this.#describeInput()),
      step('model.outputs', ['model.load'], () => this.#describeOutputs()),
      step('model.padding', ['model.load'], () => this.#describePadding()),
      step('model.inference', ['model.load'], () => this.#infer()),
      step('bpu.flush', ['model.inference'], () => this.#flush()),
      step('model.heads', ['model.load'], () => this.#describeHeads()),
      step('model.rate', ['model.load'], () => this.#measureRate()),
      step('postprocess.time', ['model.heads'], () => this.#timePostprocess()),
      step('postprocess.workers', ['postprocess.time', 'model.rate'], () => this.#countWorkers()),
      // Its judgement reads memory.
      step('bpu.release', ['bpu.flush'], () => this.#release()),
    ];
  }

  close(): void {
    if (this.#model !== null) closeBpuNow(this.#model.id, stopLimitsMs.bpuNow);
    this.#model = null;
  }

  #findLibrary(): Check {
    const { path, version } = probeLibrary(this.#options.bpu.dnnLibrary);
    return ok('bpu.library', `${version} (${path})`, { path, version });
  }

  #open(taskCount: number, slotCount: number): BpuModel {
    const { dnnLibrary, modelName, taskTimeoutMs, priority } = this.#options.bpu;
    const { modelPath } = this.#request;
    return openBpu({
      libraryPath: dnnLibrary,
      modelPath,
      modelName,
      slotCount,
      taskCount,
      taskTimeoutMs,
      priority,
    });
  }

  #load(): Check {
    const { modelPath } = this.#request;
    checkModelFile(modelPath);
    const startMs = performance.now();
    // One slot: what is written and read for one picture and the next is the same memory.
    const model = this.#open(1, 1);
    this.#model = model;
    const openMs = performance.now() - startMs;
    // Now, as the slot still holds the outputs of the first inference.
    this.#meaning = this.#readMeaning(model);
    const { modelName, modelNames } = model;
    const loaded = `${shown(modelName)} (${shown(modelPath)}) in ${openMs.toFixed(0)} ms, its first inference included`;
    return ok('model.load', loaded, { path: modelPath, modelName, modelNames, openMs });
  }

  #readMeaning(model: BpuModel): Meaning {
    let heads: ResolvedHeads | null = null;
    let error: unknown = null;
    const reading = readingOf(() => {
      try {
        const manifest = readManifest(this.#request.modelPath);
        const resolved = resolveBpuHeads(model, manifest, this.#options.classNames);
        heads = resolved.heads;
        return resolved;
      } catch (thrown) {
        error = thrown;
        throw thrown;
      }
    });
    return { summary: summariseInfo(infoOfLoadedModel(model), reading), heads, error };
  }

  #describeInput(): Check {
    const { form, widthPx, heightPx, pitchBytes, sizeBytes } = this.#model!.input;
    const found = `${form.toUpperCase()} ${widthPx} x ${heightPx}, ${pitchBytes} bytes a row, ${sizeBytes} in all`;
    return ok('model.input', found, { inputs: this.#meaning!.summary.inputs });
  }

  #describeOutputs(): Check {
    const { outputs } = this.#model!;
    const { summary } = this.#meaning!;
    const found = [counted(outputs.length, 'output'), ...tensorLines(summary.outputs)].join('\n');
    return ok('model.outputs', found, { outputs, summary: summary.outputs });
  }

  #describePadding(): Check {
    try {
      return checkPadding(this.#model!.outputs.map(toTensorSpec));
    } catch (error) {
      if (!(error instanceof ModelContractError)) throw error;
      return notApplicable('model.padding', describeError(error));
    }
  }

  async #infer(): Promise<Check> {
    const { input } = this.#model!;
    const tasks = new PictureTasks(this.#model!);
    this.#greys = await tasks.runAround([greyPicture(input, 60), greyPicture(input, 200)]);
    const each = this.#greys.map(({ inferMs }) => inferMs);
    this.#leastInferMs = Math.min(...each);
    const inferMs = percentile(each, 0.5)!;
    return ok('model.inference', `${inferMs.toFixed(2)} ms`, { inferMs, each });
  }

  /** Shows more pictures as long as they give one result. */
  async #flush(): Promise<Check> {
    const { input } = this.#model!;
    const { values } = this.#request;
    const tasks = new PictureTasks(this.#model!);
    const others = [
      () => [patchworkPicture(input, 1), patchworkPicture(input, 2)] as const,
      () => readTwoScenes(values['input.yuv_range']),
    ];
    const attempts = [this.#greys];
    for (const pair of others) {
      if (attempts.some(([first, other]) => first!.fingerprint !== other!.fingerprint)) break;
      const pictures = await pair();
      if (pictures !== null) attempts.push(await tasks.runAround(pictures));
    }
    const check = checkFlush(attempts.map((runs) => runs.map(({ fingerprint }) => fingerprint)));
    this.#isFlushFaulty = check.outcome === 'fault';
    return check;
  }

  #describeHeads(): Check {
    const id = 'model.heads';
    const { summary, error } = this.#meaning!;
    const { form, obstacle, classNames } = summary;
    const names = classNames === null ? 'no class names' : `classes ${describeNames(classNames)}`;
    if (obstacle === null) return ok(id, `${form}; ${names}`, { form, classNames });
    // Values of outputs are the model's only where flushing works.
    if (this.#isFlushFaulty && error instanceof SegError && error.code === 'class_scores') {
      const found = `cannot be told, as bpu.flush fails and these may not be the model's values: ${obstacle}`;
      return fault(id, found, 'mend first what bpu.flush says', {});
    }
    return fault(id, obstacle, 'docs/models.md says which models the node runs', {});
  }

  async #measureRate(): Promise<Check> {
    const check = await withModel(this.#open(2, 3), checkRate);
    this.#rate = Number(check.details.rate);
    return check;
  }

  #timePostprocess(): Check {
    const check = checkPostprocessTime(this.#meaning!.heads!);
    this.#frameMs = Number(check.details.frameMs);
    return check;
  }

  #countWorkers(): Check {
    return checkWorkers({
      frameMs: this.#frameMs,
      modelRate: this.#rate,
      configured: this.#request.values['postprocess.workers'],
      cores: coresHere(),
    });
  }

  #release(): Promise<Check> {
    const { taskTimeoutMs } = this.#options.bpu;
    return withModel(this.#open(1, 2), (model) => checkRelease(model, this.#leastInferMs, taskTimeoutMs));
  }
}

/** Checks of library, model and tasks, one after the other, each told whatever comes of it. */
export async function probeBpuModel(request: ModelRequest, steps: ProbeSteps): Promise<void> {
  const probe = new BpuProbe(request);
  try {
    await runSteps(probe.steps(), steps);
  } finally {
    probe.close();
  }
}
