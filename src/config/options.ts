import type { Region } from '../core/frame.js';
import type { SessionAim, SessionOptions } from '../core/ports.js';
import type { PostprocessOptions } from '../core/result.js';
import type { TrackingOptions } from '../core/tracks.js';
import { cocoNames, cocoWord } from '../model/cocoNames.js';
import type { ParameterValues } from './schema.js';
import { resolveClasses } from './validate.js';

/** The names that a parameter gives; null where the model is to give them. */
function statedNames(names: readonly string[]): readonly string[] | null {
  const [only] = names.length === 1 ? names : [];
  if (only === 'auto') return null;
  return only === cocoWord ? cocoNames : names;
}

/** What these parameters say of a session on the model at this path. */
export function toSessionOptions(
  values: ParameterValues,
  modelPath: string,
  aim: SessionAim = 'age',
): SessionOptions {
  return {
    modelPath,
    aim,
    classNames: statedNames(values['model.class_names']),
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
      priority: values['backend.priority'],
    },
  };
}

/** The part of each frame that is to be segmented; null for all of it. */
export function toRegion(values: ParameterValues): Region | null {
  const region = {
    xPx: values['input.roi.x'],
    yPx: values['input.roi.y'],
    widthPx: values['input.roi.width'],
    heightPx: values['input.roi.height'],
  };
  return Object.values(region).every((px) => px === 0) ? null : region;
}

/** How objects are to be followed; null where they are not. */
export function toTrackingOptions(values: ParameterValues): TrackingOptions | null {
  if (!values['tracking.enabled']) return null;
  return {
    scoreThreshold: values.score_threshold,
    lowScore: values['tracking.low_score'],
    highScore: values['tracking.high_score'],
    newScore: values['tracking.new_score'],
    matchSimilarity: values['tracking.match_iou'],
    lowMatchSimilarity: values['tracking.low_match_iou'],
    usesMasks: values['tracking.masks'],
    maxLostS: values['tracking.max_lost_s'],
  };
}

/** Instances that are published score above this: `score_threshold`, or `tracking.low_score` where objects are followed and it is lower. */
export function leastScoreOf(values: ParameterValues): number {
  return Math.min(values.score_threshold, toTrackingOptions(values)?.lowScore ?? 1);
}

/**
 * Post-processing options, contours included, for a model with these classes; throws ConfigError for a class that it does not have.
 *
 * While objects are followed the threshold is that of `tracking.low_score` where it is lower: whoever follows them leaves out what
 * is below `score_threshold` and was not needed.
 */
export function toPostprocessOptions(
  values: ParameterValues,
  classNames: readonly string[],
): PostprocessOptions {
  return {
    scoreThreshold: leastScoreOf(values),
    everyClass: false,
    iouThreshold: values.iou_threshold,
    nms: values.nms,
    maxDetections: values.max_detections,
    classes: resolveClasses(values.classes, classNames),
    classAgnosticNms: values.class_agnostic_nms,
    contourTolerancePx: values['output.contour_tolerance_px'],
  };
}
