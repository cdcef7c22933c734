import type { ResizeMode } from '../core/geometry.js';
import type { LabelKind } from '../core/labelMap.js';
import type { BpuOptions, PreprocessOptions, ScaleFilter, YuvRange } from '../core/ports.js';
import type { PostprocessOptions } from '../core/result.js';
import type { ParameterName, ParameterValue } from './schema.js';
import { resolveClasses } from './validate.js';

export type HbmemTypeChoice = 'auto' | 'HbmMsg480P' | 'HbmMsg540P' | 'HbmMsg1080P';

/** All parameter values, checked, by name. */
export type ParameterValues = Readonly<Record<ParameterName, ParameterValue>>;

/** The parameters in the shape the code uses; built anew on every change. */
export interface Settings {
  readonly modelPath: string;
  readonly classNames: readonly string[] | null;
  readonly backend: 'auto' | 'bpu' | 'onnx' | 'replay';
  readonly tasksInFlight: number;
  readonly threads: number;
  readonly postprocessWorkers: number;
  readonly bpu: BpuOptions;
  readonly preprocess: PreprocessOptions;
  readonly hbmemType: HbmemTypeChoice;
  readonly frameId: string;
  /** Names or ids as texts, or ids. */
  readonly classes: readonly string[] | readonly number[];
  readonly scoreThreshold: number;
  readonly iouThreshold: number;
  readonly maxDetections: number;
  readonly classAgnosticNms: boolean;
  readonly publishDetections: boolean;
  readonly publishMasks: boolean;
  readonly maskEncoding: 'mono8' | 'rle';
  readonly maskContours: boolean;
  readonly contourTolerancePx: number;
  readonly classIdText: 'name' | 'number';
  readonly labelMap: 'none' | LabelKind;
  readonly publishPerceptionTargets: boolean;
  readonly publishOverlay: boolean;
  readonly overlayScale: number;
  readonly overlayMaxRateHz: number;
  readonly overlayJpegQuality: number;
  readonly autostart: boolean;
}

/** Names the checked values; the casts are safe because every value passed checkParameter. */
export function toSettings(values: ParameterValues): Settings {
  const names = values['model.class_names'] as readonly string[];
  return {
    modelPath: values['model.path'] as string,
    classNames: names.length === 1 && names[0] === 'auto' ? null : names,
    backend: values['backend.name'] as Settings['backend'],
    tasksInFlight: values['backend.tasks_in_flight'] as number,
    threads: values['backend.threads'] as number,
    postprocessWorkers: values['postprocess.workers'] as number,
    bpu: {
      dnnLibrary: values['backend.dnn_library'] as string,
      modelName: values['backend.model_name'] as string,
      taskTimeoutMs: values['backend.task_timeout_ms'] as number,
    },
    preprocess: {
      resizeMode: values['input.resize_mode'] as ResizeMode,
      yuvRange: values['input.yuv_range'] as YuvRange,
      scaleFilter: values['input.scale_filter'] as ScaleFilter,
    },
    hbmemType: values['input.hbmem_type'] as HbmemTypeChoice,
    frameId: values.frame_id as string,
    classes: values.classes as Settings['classes'],
    scoreThreshold: values.score_threshold as number,
    iouThreshold: values.iou_threshold as number,
    maxDetections: values.max_detections as number,
    classAgnosticNms: values.class_agnostic_nms as boolean,
    publishDetections: values['output.detections'] as boolean,
    publishMasks: values['output.masks'] as boolean,
    maskEncoding: values['output.mask_encoding'] as Settings['maskEncoding'],
    maskContours: values['output.mask_contours'] as boolean,
    contourTolerancePx: values['output.contour_tolerance'] as number,
    classIdText: values['output.class_id_text'] as Settings['classIdText'],
    labelMap: values['output.label_map'] as Settings['labelMap'],
    publishPerceptionTargets: values['output.perception_targets'] as boolean,
    publishOverlay: values['output.overlay'] as boolean,
    overlayScale: values['overlay.scale'] as number,
    overlayMaxRateHz: values['overlay.max_rate_hz'] as number,
    overlayJpegQuality: values['overlay.jpeg_quality'] as number,
    autostart: values.autostart as boolean,
  };
}

/** Post-processing options of these settings for a model with these classes. */
export function toPostprocessOptions(settings: Settings, classNames: readonly string[]): PostprocessOptions {
  return {
    scoreThreshold: settings.scoreThreshold,
    iouThreshold: settings.iouThreshold,
    maxDetections: settings.maxDetections,
    classes: resolveClasses(settings.classes, classNames),
    classAgnosticNms: settings.classAgnosticNms,
    contourTolerancePx: settings.maskContours ? settings.contourTolerancePx : null,
  };
}
