import { limits } from '../../core/limits.js';
import type { ParameterSpec } from '../parameterSpec.js';

/** The model, the backend that runs it, and the threads around it. */
export const modelParameterSpecs = [
  {
    name: 'model.path',
    type: 'string',
    default: 'auto',
    timing: 'configure',
    description:
      'Model file (.bin or .hbm for the BPU, .onnx) or recorded tensors (.replay). auto: on a board with the BPU the model of its system image, /opt/hobot/model/x5/basic/yolov8_seg_640x640_nv12.bin; elsewhere the bundled demo model, which knows five synthetic shapes and no real objects.',
  },
  {
    name: 'model.class_names',
    type: 'string_array',
    default: ['auto'],
    timing: 'configure',
    description:
      'Class names in order of class id. auto: the names inside the model file or the manifest beside it (NAME.yaml beside NAME.bin, NAME.hbm or NAME.onnx; docs/models.md), else numbers. coco: the 80 of COCO.',
    mostItems: limits.classes,
  },
  {
    name: 'backend.name',
    type: 'string',
    default: 'auto',
    timing: 'configure',
    description:
      'Inference backend. auto chooses by the suffix of the model; replay looks results up in recorded tensors.',
    choices: ['auto', 'bpu', 'onnx', 'replay'],
  },
  {
    name: 'backend.tasks_in_flight',
    type: 'integer',
    default: 0,
    timing: 'configure',
    description:
      'Inferences at once. 0 leaves it to the backend: 2 for bpu, where the CPU side of one task hides behind the other; 1 for onnx, whose inference fills the CPU, so that a second frame would only age.',
    range: { from: 0, to: 8 },
  },
  {
    name: 'backend.dnn_library',
    type: 'string',
    default: '',
    timing: 'configure',
    description: "Path of the BPU's libdnn.so; empty searches for it as the dynamic loader does.",
  },
  {
    name: 'backend.model_name',
    type: 'string',
    default: '',
    timing: 'configure',
    description: 'Which model of a .bin or .hbm file that holds several; empty takes the only one.',
  },
  {
    name: 'backend.task_timeout_ms',
    type: 'integer',
    default: 1000,
    timing: 'configure',
    description:
      'A task that takes longer on the BPU drops its frame and keeps its memory until it has ended; a second one meanwhile ends the session.',
    range: { from: 10, to: 60_000 },
  },
  {
    name: 'backend.priority',
    type: 'integer',
    default: 0,
    timing: 'configure',
    description:
      'Priority of the tasks on the BPU: of those that wait, of all processes, the highest goes first; a task that runs is not interrupted (docs/cameras.md). Other backends ignore it.',
    range: { from: 0, to: 255 },
  },
  {
    name: 'backend.threads',
    type: 'integer',
    default: 0,
    timing: 'configure',
    description: 'CPU threads inside one ONNX Runtime inference; 0 leaves it to the runtime.',
    range: { from: 0, to: 64 },
  },
  {
    name: 'postprocess.workers',
    type: 'integer',
    default: -1,
    timing: 'configure',
    description:
      'Threads that post-process whole frames of the BPU, each reading the outputs where the BPU wrote them; 0 does it in the main thread. -1 chooses at every configure: as many as hold 182 frames/s by the time of a made-up frame, at most half of the cores and 8 (docs/bpu.md). Other backends ignore it.',
    range: { from: -1, to: 8 },
  },
] as const satisfies readonly ParameterSpec[];
