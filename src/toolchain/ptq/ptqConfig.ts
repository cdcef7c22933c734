import { Document, isMap, isScalar, parse, type YAMLMap } from 'yaml';
import { ConfigError } from '../../core/errors.js';
import type { YuvRange } from '../../core/ports.js';
import type {
  CalibrationChoice,
  CompileMode,
  March,
  OptimizeLevel,
  PtqInput,
  SampleType,
} from './mapperChoices.js';
import type { Precision } from './precision.js';
import { type PtqSettings, ptqSchema } from './ptqSchema.js';

/** Share of the values that `percentile` keeps in range: what hb_mapper's own search tries. */
const keptShare = 0.99995;

/** What people choose of a conversion, whoever runs the tools. */
export interface ConversionChoices extends Precision {
  readonly input: PtqInput;
  /** latency: shortest time; bandwidth: least DDR traffic; balance: in between, as `balanceFactor` says. */
  readonly compileMode: CompileMode;
  /** One of `balanceFactors`, with compile mode balance alone. */
  readonly balanceFactor: number | null;
  /** O3 is the fastest program and the slowest to compile. */
  readonly optimizeLevel: OptimizeLevel;
  /** Layer names stay in the .bin. */
  readonly hasLayerNames: boolean;
  /** Processes to compile with; null leaves it to the tool. */
  readonly jobs: number | null;
}

/** What people choose of a conversion that they run themselves. */
export interface PtqChoices extends ConversionChoices {
  readonly march: March;
  readonly calibrationType: CalibrationChoice;
  readonly sampleType: SampleType;
  /** full: Y 0..255; limited: Y 16..235, as some cameras give. NV12 only. */
  readonly yuvRange: YuvRange;
}

/** What is known of the model that is converted. */
export interface PtqModel {
  /** Of the ONNX file without folder and extension. */
  readonly stem: string;
  /** As the configuration is to name them. */
  readonly modelPath: string;
  readonly calibrationPath: string;
  readonly inputName: string;
  readonly widthPx: number;
  readonly heightPx: number;
  /** Value of white in the float model's input: 255 if it divides by 255 itself. */
  readonly whiteValue: 1 | 255;
}

/** Names as the vendor's samples have them: `yolov8n_instance_seg_bayese_640x640_nchw`. */
export function namePtq(model: PtqModel, choices: PtqChoices): { prefix: string; configFile: string } {
  const { widthPx, heightPx } = model;
  const tail = `${choices.march.replaceAll('-', '')}_${widthPx}x${heightPx}_${choices.input}`;
  const yolo = /^(yolo(?:v?\d+|e)?)([a-z]?)[-_]?seg$/i.exec(model.stem);
  const stem = model.stem.replace(/[^\w.]+/g, '_').replace(/^_+|_+$/g, '') || 'model';
  const prefix = `${yolo === null ? stem : `${yolo[1]}${yolo[2]}_instance_seg`}_${tail}`;
  // One configuration serves all sizes of a family, so its name leaves the size letter out.
  const config = `${yolo === null ? stem : `${yolo[1]}_instance_seg`}_${tail}`;
  // NAME.yaml beside NAME.bin would be read as the manifest of the model.
  return { prefix: prefix.toLowerCase(), configFile: `${config.toLowerCase()}_ptq.yaml` };
}

function nodeInfoOf(names: readonly string[]): Record<string, Record<string, string>> {
  const on = { ON: 'BPU', InputType: 'int16', OutputType: 'int16' };
  return Object.fromEntries(names.map((name) => [name, on]));
}

/** The configuration of hb_mapper for this model and these choices. */
export function ptqSettings(model: PtqModel, choices: PtqChoices): PtqSettings {
  const { prefix } = namePtq(model, choices);
  const isNv12 = choices.input === 'nv12';
  return {
    model_parameters: {
      onnx_model: model.modelPath,
      march: choices.march,
      output_model_file_prefix: prefix,
      working_dir: prefix,
      layer_out_dump: false,
      ...(choices.int16Nodes.length === 0 ? {} : { node_info: nodeInfoOf(choices.int16Nodes) }),
    },
    input_parameters: {
      input_name: model.inputName,
      input_shape: `1x3x${model.heightPx}x${model.widthPx}`,
      input_type_train: 'rgb',
      input_layout_train: 'NCHW',
      input_type_rt: isNv12 ? 'nv12' : 'rgb',
      ...(isNv12
        ? { input_space_and_range: choices.yuvRange === 'limited' ? 'bt601_video' : 'regular' }
        : { input_layout_rt: 'NCHW' }),
      ...(model.whiteValue === 255
        ? { norm_type: 'no_preprocess' as const }
        : { norm_type: 'data_scale' as const, scale_value: '0.003921568627451' }),
    },
    calibration_parameters: {
      ...(choices.calibrationType === 'skip'
        ? {}
        : { cal_data_dir: model.calibrationPath, cal_data_type: choices.sampleType, preprocess_on: false }),
      ...(choices.calibrationType === 'percentile'
        ? { calibration_type: 'max' as const, max_percentile: keptShare }
        : { calibration_type: choices.calibrationType }),
      // Commas, which configurations of others have, make one item of which the tool reads the first and the last word.
      ...(choices.optimization.length === 0 ? {} : { optimization: choices.optimization.join(';') }),
    },
    compiler_parameters: {
      compile_mode: choices.compileMode,
      ...(choices.balanceFactor === null ? {} : { balance_factor: choices.balanceFactor }),
      optimize_level: choices.optimizeLevel,
      debug: choices.hasLayerNames,
      ...(choices.jobs === null ? {} : { jobs: choices.jobs }),
    },
  };
}

const meanings: Readonly<Record<string, string>> = {
  model_parameters: 'What is converted, for which processor, and where the result goes.',
  onnx_model: 'The float model, seen from this file.',
  march: 'Processor: bayes-e is the RDK X5, bayes the RDK Ultra, bernoulli2 the RDK X3.',
  output_model_file_prefix: 'The result is this name with .bin.',
  working_dir: 'Folder of the results; made if missing.',
  layer_out_dump: 'True keeps the values between layers, for debugging; slower.',
  node_info: 'Nodes on the BPU with 16-bit integers, instead of 8 bits or the CPU.',
  input_parameters: 'What the float model was trained on, and what it will get at run time.',
  input_name: 'Name of the input in the float model.',
  input_shape: 'Its shape: batch x channels x height x width.',
  input_type_train: 'Colours the float model expects.',
  input_layout_train: 'Their order in memory.',
  input_type_rt: 'What the board will feed: nv12 straight from a camera, or rgb bytes.',
  input_layout_rt: 'Order of the bytes at run time; nv12 has its own.',
  input_space_and_range: 'regular: luma 0 to 255; bt601_video: luma 16 to 235. As the camera gives it.',
  norm_type:
    'data_scale: multiplied by scale_value in the model; no_preprocess: the float model does that itself.',
  scale_value: '1/255: bytes become 0 to 1.',
  calibration_parameters: 'How the ranges of the integers are found.',
  cal_data_dir: 'Folder of samples, one raw file each, letterboxed as at run time (`model calib` writes it).',
  cal_data_type: 'Their numbers, 0 to 255 in either type: they are scaled inside the model.',
  preprocess_on:
    'True would let the tool stretch pictures itself, which is not how the node prepares frames.',
  max_percentile: 'Share of the values that stays in range; 1 where it is missing.',
  calibration_type:
    'default searches; mix decides per node; kl and max are single methods; skip is random, for timing only.',
  optimization: 'Types of the integers for operators or the whole model, and changes of the graph.',
  compiler_parameters: 'How the integers become a program for the BPU.',
  compile_mode:
    'latency: shortest time per frame; bandwidth: least DDR traffic, where memory is the bottleneck; balance: in between.',
  balance_factor: '0 to 100: towards the least DDR traffic, or towards the shortest time.',
  optimize_level: 'O3 is the fastest program and the slowest to compile; O0 the reverse.',
  debug: 'True keeps layer names in the .bin, so that its performance report can name them.',
  jobs: 'Processes to compile with.',
};

/** hb_mapper reads YAML 1.1, where a plain ON is the value true. */
const dialect = { version: '1.1' } as const;

function commentKeys(map: YAMLMap): void {
  for (const { key, value } of map.items) {
    if (!isScalar(key)) continue;
    const meaning = meanings[String(key.value)];
    if (meaning !== undefined) key.commentBefore = ` ${meaning}`;
    if (isMap(value)) commentKeys(value);
  }
}

/**
 * The configuration as YAML, every key with its meaning above it. What is written is read back and held
 * against the schema; throws ConfigError `ptq_config` with the key that does not fit.
 */
export function ptqAsYaml(settings: PtqSettings, heading: string): string {
  const document = new Document(settings, { ...dialect, aliasDuplicateObjects: false });
  document.commentBefore = ` ${heading}`;
  if (isMap(document.contents)) {
    commentKeys(document.contents);
    for (const { key } of document.contents.items.slice(1)) if (isScalar(key)) key.spaceBefore = true;
  }
  const text = document.toString({ lineWidth: 0, singleQuote: true });
  checkPtqYaml(text);
  return text;
}

/**
 * Holds a configuration against the schema. Throws ConfigError `ptq_config`.
 *
 * @internal Exported for tests.
 */
export function checkPtqYaml(text: string): PtqSettings {
  const result = ptqSchema.safeParse(parse(text, dialect));
  if (result.success) return result.data;
  const faults = result.error.issues.map((issue) => `${issue.path.join('.')}: ${issue.message}`);
  throw new ConfigError('ptq_config', `the configuration does not fit hb_mapper: ${faults.join('; ')}`, {
    faults,
  });
}
