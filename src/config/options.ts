import type { SessionOptions } from '../core/ports.js';
import type { PostprocessOptions } from '../core/result.js';
import type { ParameterValues } from './schema.js';
import { resolveClasses } from './validate.js';

/** What these parameters say of a session on the model at this path. */
export function toSessionOptions(values: ParameterValues, modelPath: string): SessionOptions {
  const names = values['model.class_names'];
  return {
    modelPath,
    classNames: names.length === 1 && names[0] === 'auto' ? null : names,
    preprocess: {
      resizeMode: values['input.resize_mode'],
      yuvRange: values['input.yuv_range'],
      scaleFilter: values['input.scale_filter'],
    },
    tasksInFlight: values['backend.tasks_in_flight'],
    threads: values['backend.threads'],
    postprocessWorkers: values['postprocess.workers'],
    bpu: {
      dnnLibrary: values['backend.dnn_library'],
      modelName: values['backend.model_name'],
      taskTimeoutMs: values['backend.task_timeout_ms'],
    },
  };
}

/** Post-processing options for a model with these classes; throws ConfigError for a class that it does not have. */
export function toPostprocessOptions(
  values: ParameterValues,
  classNames: readonly string[],
): PostprocessOptions {
  return {
    scoreThreshold: values.score_threshold,
    iouThreshold: values.iou_threshold,
    nms: values.nms,
    maxDetections: values.max_detections,
    classes: resolveClasses(values.classes, classNames),
    classAgnosticNms: values.class_agnostic_nms,
    contourTolerancePx: values['output.mask_contours'] ? values['output.contour_tolerance_px'] : null,
  };
}
