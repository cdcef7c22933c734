/** A compiled model on the BPU, or on what stands in for it. */
import { resolveBpuHeads } from '../backends/bpu/heads.js';
import { checkModelFile } from '../backends/bpu/modelFile.js';
import { toTensorSpec } from '../backends/bpu/tensorSpec.js';
import { readManifest } from '../backends/manifestFile.js';
import { toSessionOptions } from '../config/options.js';
import { describeError, ModelContractError } from '../core/errors.js';
import { stopLimitsMs } from '../core/stopLimits.js';
import { counted, shown } from '../core/words.js';
import { type BpuModel, closeBpuNow, openBpu, probeLibrary } from '../native/bpu.js';
import { infoOfLoadedModel } from '../toolchain/info/libraryModelInfo.js';
import { describeNames, readingOf, summariseInfo, tensorLines } from '../toolchain/info/modelSummary.js';
import { type Check, fault, notApplicable, ok } from './check.js';
import { checkFlush, checkRate, checkRelease, PictureTasks } from './bpuTasks.js';
import { checkPadding } from './padding.js';
import { greyPicture, readScenes } from './pictures.js';
import { checkWorkers, coresHere, middleOf, tellPostprocessTime, timeFrames } from './postprocessing.js';
import type { ModelRequest, ProbeSteps } from './probeMessages.js';

/** How a model is opened for one of the checks. */
type OpenModel = (tasks: number, slots: number, taskTimeoutMs?: number) => BpuModel;

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

function checkOutputPadding(model: BpuModel): Check {
  try {
    return checkPadding(model.outputs.map(toTensorSpec));
  } catch (error) {
    if (!(error instanceof ModelContractError)) throw error;
    return notApplicable('model.padding', describeError(error));
  }
}

function checkTensors(model: BpuModel, modelPath: string): Check[] {
  const manifest = readManifest(modelPath);
  const reading = readingOf(() => resolveBpuHeads(model, manifest, null));
  const summary = summariseInfo(infoOfLoadedModel(model), reading);
  const { form, widthPx, heightPx, pitchBytes, sizeBytes } = model.input;
  const inputText = `${form.toUpperCase()} ${widthPx} x ${heightPx}, ${pitchBytes} bytes a row, ${sizeBytes} in all`;
  const outputsText = [counted(model.outputs.length, 'output'), ...tensorLines(summary.outputs)].join('\n');
  const names = summary.classNames;
  const headsText = `${summary.form}; ${names === null ? 'no class names' : `classes ${describeNames(names)}`}`;
  return [
    ok('model.input', inputText, { inputs: summary.inputs }),
    ok('model.outputs', outputsText, { outputs: model.outputs, summary: summary.outputs }),
    summary.obstacle === null
      ? ok('model.heads', headsText, { form: summary.form, classNames: names })
      : fault('model.heads', summary.obstacle, 'docs/models.md says which models the node runs', {}),
    checkOutputPadding(model),
  ];
}

/** Checks of library, model and tasks, one after the other; rejects with what the first failing step throws. */
export async function probeBpuModel(request: ModelRequest, steps: ProbeSteps): Promise<void> {
  const { modelPath, values } = request;
  const { bpu } = toSessionOptions(values, modelPath);
  await steps.begin('bpu.library');
  const { path, version } = probeLibrary(bpu.dnnLibrary);
  steps.tell(ok('bpu.library', `${version} (${path})`, { path, version }));

  const open: OpenModel = (taskCount, slotCount, taskTimeoutMs = bpu.taskTimeoutMs) =>
    openBpu({
      libraryPath: bpu.dnnLibrary,
      modelPath,
      modelName: bpu.modelName,
      slotCount,
      taskCount,
      taskTimeoutMs,
      priority: bpu.priority,
    });
  await steps.begin('model.load');
  checkModelFile(modelPath);
  const startMs = performance.now();
  // One slot: what is written and read for one picture and the next is the same memory.
  const model = open(1, 1);
  const openMs = performance.now() - startMs;
  const { modelName, modelNames } = model;
  const loaded = `${shown(modelName)} (${shown(modelPath)}) in ${openMs.toFixed(0)} ms, its first inference included`;
  steps.tell(ok('model.load', loaded, { path: modelPath, modelName, modelNames, openMs }));
  const inferMs = await withModel(model, async () => {
    for (const check of checkTensors(model, modelPath)) steps.tell(check);
    await steps.begin('model.inference');
    const tasks = new PictureTasks(model);
    const greys = await tasks.runAround(greyPicture(model.input, 60), greyPicture(model.input, 200));
    const each = greys.map((run) => run.inferMs);
    const middleMs = middleOf(each);
    steps.tell(ok('model.inference', `${middleMs.toFixed(2)} ms`, { inferMs: middleMs, each }));
    await steps.begin('bpu.flush');
    const [scene, otherScene] = await readScenes(2, values['input.yuv_range']);
    const attempts = [greys, await tasks.runAround(scene!, otherScene!)];
    steps.tell(checkFlush(attempts.map((runs) => runs.map((run) => run.fingerprint))));
    return middleMs;
  });

  await steps.begin('model.rate');
  const rate = await withModel(open(2, 3), checkRate);
  steps.tell(rate);
  await steps.begin('bpu.release');
  steps.tell(await withModel(open(1, 2, 1), (hurried) => checkRelease(hurried, inferMs)));

  await steps.begin('postprocess.time');
  const postprocessMs = tellPostprocessTime(await timeFrames(request), steps);
  await steps.begin('postprocess.workers');
  steps.tell(
    checkWorkers({
      postprocessMs,
      modelRate: Number(rate.details.rate),
      configured: values['postprocess.workers'],
      cores: coresHere(),
    }),
  );
}
