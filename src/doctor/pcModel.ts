/** A model that runs without the BPU: ONNX Runtime, or a recording. */
import type { TensorSpec } from '../core/tensor.js';
import { counted, shown } from '../core/words.js';
import { layTable } from '../core/table.js';
import { describeNames } from '../toolchain/info/modelSummary.js';
import { notApplicable, ok, warning } from './check.js';
import { checkPadding } from './padding.js';
import { middleOf, tellPostprocessTime, timeFrames } from './postprocessing.js';
import type { ModelRequest, ProbeSteps } from './probeMessages.js';

const shapeOf = (spec: TensorSpec) => [
  spec.name,
  `[${spec.dims.join(', ')}]`,
  spec.type.toUpperCase(),
  spec.strideBytes.join(' '),
];

/** Checks of a model on this CPU; rejects as opening and running a session do. */
export async function probePcModel(request: ModelRequest, steps: ProbeSteps): Promise<void> {
  const { backend, modelPath, isOnBoard } = request;
  const noBpu = `the ${backend} backend does not use the BPU`;
  steps.tell(
    isOnBoard
      ? warning(
          'bpu.library',
          `not tried: ${modelPath} runs on the ${backend} backend`,
          'give a compiled model: --model NAME.bin',
        )
      : notApplicable('bpu.library', noBpu),
  );
  await steps.begin('model.load');
  const frames = await timeFrames(request, (model, openMs) => {
    const { path, name, inputWidthPx, inputHeightPx, outputs, headForm, classNames } = model;
    const found = `${shown(name)} (${shown(path)}) on ${backend} in ${openMs.toFixed(0)} ms`;
    steps.tell(ok('model.load', found, { path, name, backend, openMs }));
    steps.tell(
      ok('model.input', `${inputWidthPx} x ${inputHeightPx}`, {
        widthPx: inputWidthPx,
        heightPx: inputHeightPx,
      }),
    );
    const lines = layTable(outputs.map(shapeOf), { indent: '' });
    const tensors = outputs.map(({ name: of, dims, type, strideBytes }) => ({
      name: of,
      dims,
      type,
      strideBytes,
    }));
    steps.tell(
      ok('model.outputs', [counted(outputs.length, 'output'), ...lines].join('\n'), { outputs: tensors }),
    );
    steps.tell(
      ok('model.heads', `${headForm}; classes ${describeNames(classNames)}`, { form: headForm, classNames }),
    );
    steps.tell(checkPadding(outputs));
  });
  const inferMs = middleOf(frames.stageTimesMs.map(({ infer }) => infer));
  steps.tell(ok('model.inference', `${inferMs.toFixed(2)} ms`, { inferMs }));
  for (const id of ['bpu.flush', 'bpu.release']) steps.tell(notApplicable(id, noBpu));
  const rate = 1000 / inferMs;
  steps.tell(
    ok('model.rate', `${rate.toFixed(1)} inferences/s, one after the other`, { rate, tasksInFlight: 1 }),
  );
  tellPostprocessTime(frames, steps);
  steps.tell(
    notApplicable(
      'postprocess.workers',
      `the ${backend} backend post-processes in the thread of its inference`,
    ),
  );
}
