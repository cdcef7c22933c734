/** The checks of a probe, one after the other: what one throws costs its own line, and those that need it. */
import { describeError, SegError } from '../core/errors.js';
import { roomRemedy } from '../files/sharedMemoryRoom.js';
import { remedies } from '../native/setupRemedy.js';
import { type Check, fault, notApplicable } from './check.js';
import type { ProbeSteps } from './probeMessages.js';

/** One check. */
export interface Step {
  readonly id: string;
  /** Checks that have to be without fault before. */
  readonly needs: readonly string[];
  readonly run: () => Check | Promise<Check>;
}

/** As a row of a list of checks. */
export const step = (id: string, needs: readonly string[], run: Step['run']): Step => ({ id, needs, run });

const ofModels = 'rdk-yolo-seg model info FILE says what is in it; docs/models.md how a model is made';
const ofBusyBpu = 'end what else uses the BPU and try again; then restart the board';
/** Of ONNX Runtime and post-processing. */
const ofWorkers = 'end what else takes CPU and memory, and try again';
const ofRecordings = 'make the recording again: rdk-yolo-seg tensors';

/** What helps where a step fails for a reason that its message does not answer. */
const remedyByStep: Readonly<Record<string, string>> = {
  'shm.loan': remedies.setup,
  'bpu.library': 'name the library by --dnn-library; on a PC take an .onnx model',
  'model.load': ofModels,
};

/** Reasons for which the step does not matter. */
const remedyByCode: Readonly<Record<string, string>> = {
  addon: remedies.setup,
  model_missing: 'give the path of a model that is there: --model FILE, or model.path in the parameter file',
  model_unreadable: 'give the path of a file: --model FILE, or model.path in the parameter file',
  onnx_not_installed: 'install it, or name a compiled model: --model NAME.bin',
  onnx_run: ofModels,
  worker_dead: ofWorkers,
  open_timeout: ofWorkers,
  recording_incomplete: ofRecordings,
  recording_invalid: ofRecordings,
  recording_read: ofRecordings,
  recording_size: ofRecordings,
  recording_version: ofRecordings,
  shared_memory: roomRemedy,
  profile: 'mend first what shm.profile says',
  bpu_model_name: 'name one of them: --model-name, or backend.model_name in the parameter file',
  bpu_memory:
    'the memory that the BPU uses may be short: end what else holds it (other models, cameras, codecs) and try again; then restart the board',
  bpu_busy: ofBusyBpu,
  bpu_timeout: ofBusyBpu,
  bpu_dead:
    'the BPU lost a task: restart the board and try again; if it stays, docs/board.md says what to send us',
};

/** A step that threw. */
export function faultOf(id: string, error: unknown): Check {
  const byCode = error instanceof SegError ? remedyByCode[error.code] : undefined;
  return fault(
    id,
    describeError(error),
    byCode ?? remedyByStep[id] ?? 'docs/bpu.md says what each failure means',
  );
}

/** Runs the steps in their order and tells every one; never rejects for one that throws. */
export async function runSteps(list: readonly Step[], steps: ProbeSteps): Promise<void> {
  /** By the id of a step the one that failed first. */
  const causes = new Map<string, string>();
  for (const { id, needs, run } of list) {
    const cause = needs.map((needed) => causes.get(needed)).find((first) => first !== undefined);
    if (cause !== undefined) {
      causes.set(id, cause);
      steps.tell(notApplicable(id, `not reached: ${cause} failed`));
      continue;
    }
    await steps.begin(id);
    let check: Check;
    try {
      check = await run();
    } catch (error) {
      check = faultOf(id, error);
    }
    if (check.outcome === 'fault') causes.set(id, id);
    steps.tell(check);
  }
}
