import { limits } from '../../core/limits.js';
import type { ParameterSpec } from '../parameterSpec.js';

/** Which instances of a frame are reported. */
export const selectionParameterSpecs = [
  {
    name: 'score_threshold',
    type: 'double',
    default: 0.25,
    timing: 'live',
    description:
      'Instances must score above this probability; tracks may be carried on below it (tracking.low_score).',
    range: { from: 0.001, to: 0.999 },
  },
  {
    name: 'iou_threshold',
    type: 'double',
    default: 0.7,
    timing: 'live',
    description: 'Of two boxes that overlap by more than this IoU the lower score is dropped (NMS).',
    range: { from: 0.01, to: 1 },
  },
  {
    name: 'nms',
    type: 'string',
    default: 'auto',
    timing: 'live',
    description:
      'Whether boxes that overlap suppress each other. auto: yes, but for a model whose heads are known to be one-to-one, such as the one2one heads of YOLO26-seg, which find each object once (docs/models.md). off keeps every box above the score threshold, up to max_detections.',
    choices: ['auto', 'on', 'off'],
  },
  {
    name: 'max_detections',
    type: 'integer',
    default: 100,
    timing: 'live',
    description: 'At most this many instances per frame, best scores first.',
    range: { from: 1, to: 300 },
  },
  {
    name: 'classes',
    type: 'string_array or integer_array',
    default: ['all'],
    timing: 'live',
    description:
      'Classes to report: texts, each a name or else a class id, e.g. ["person", "2"], or class ids as integers, e.g. [0, 2]. ["all"] reports every class.',
    mostItems: limits.classes,
  },
  {
    name: 'class_agnostic_nms',
    type: 'bool',
    default: false,
    timing: 'live',
    description: 'Suppress overlapping boxes across classes too.',
  },
] as const satisfies readonly ParameterSpec[];
