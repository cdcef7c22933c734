import { z } from 'zod';
import {
  balanceFactors,
  compileModes,
  mapperCalibrations,
  marches,
  optimizeLevels,
  sampleTypes,
} from './mapperChoices.js';

const numbers = z.string().regex(/^\d+(\.\d+)?([ ,]+\d+(\.\d+)?)*$/);
const imageTypes = ['rgb', 'bgr', 'yuv444', 'gray', 'featuremap'] as const;
const layouts = ['NCHW', 'NHWC'] as const;

const modelParameters = z.strictObject({
  onnx_model: z.string().min(1),
  march: z.enum(marches),
  output_model_file_prefix: z.string().regex(/^[\w.-]+$/),
  working_dir: z.string().min(1).optional(),
  layer_out_dump: z.boolean().optional(),
  output_nodes: z.string().optional(),
  remove_node_type: z.string().optional(),
  remove_node_name: z.string().optional(),
  set_node_data_type: z.string().optional(),
  debug_mode: z.literal('dump_calibration_data').optional(),
  node_info: z.union([z.string(), z.record(z.string(), z.record(z.string(), z.string()))]).optional(),
});

const inputParameters = z.strictObject({
  input_name: z.string().optional(),
  input_type_train: z.enum(imageTypes),
  input_layout_train: z.enum(layouts),
  input_type_rt: z.enum([...imageTypes, 'nv12']),
  input_layout_rt: z.enum(layouts).optional(),
  input_space_and_range: z.enum(['regular', 'bt601_video']).optional(),
  input_shape: z
    .string()
    .regex(/^\d+(x\d+)*$/)
    .optional(),
  input_batch: z.int().min(1).max(128).optional(),
  norm_type: z.enum(['no_preprocess', 'data_mean', 'data_scale', 'data_mean_and_scale']),
  mean_value: numbers.optional(),
  scale_value: numbers.optional(),
});

const calibrationParameters = z.strictObject({
  cal_data_dir: z.string().min(1).optional(),
  cal_data_type: z.enum(sampleTypes).optional(),
  preprocess_on: z.boolean().optional(),
  calibration_type: z.enum(mapperCalibrations),
  max_percentile: z.number().min(0).max(1).optional(),
  per_channel: z.boolean().optional(),
  run_on_cpu: z.string().optional(),
  run_on_bpu: z.string().optional(),
  optimization: z.string().optional(),
});

const compilerParameters = z.strictObject({
  compile_mode: z.enum(compileModes),
  balance_factor: z.int().min(balanceFactors.from).max(balanceFactors.to).optional(),
  debug: z.boolean().optional(),
  core_num: z.int().min(1).max(2).optional(),
  optimize_level: z.enum(optimizeLevels),
  input_source: z.record(z.string(), z.enum(['ddr', 'pyramid', 'resizer'])).optional(),
  max_time_per_fc: z
    .int()
    .refine(
      (value) => value === 0 || (value >= 1000 && value <= 4_294_967_295),
      'expected 0 or 1000 to 4294967295',
    )
    .optional(),
  jobs: z.int().min(1).optional(),
});

/** The documented keys of a configuration of `hb_mapper makertbin` for an ONNX model; no other passes. */
export const ptqSchema = z
  .strictObject({
    model_parameters: modelParameters,
    input_parameters: inputParameters,
    calibration_parameters: calibrationParameters,
    compiler_parameters: compilerParameters,
  })
  .refine(
    ({ input_parameters: input }) => input.input_type_rt === 'nv12' || input.input_layout_rt !== undefined,
    {
      message: 'input_layout_rt is needed unless input_type_rt is nv12',
      path: ['input_parameters', 'input_layout_rt'],
    },
  )
  .refine(
    ({ input_parameters: input }) =>
      input.input_space_and_range === undefined || input.input_type_rt === 'nv12',
    {
      message: 'input_space_and_range goes with input_type_rt nv12 only',
      path: ['input_parameters', 'input_space_and_range'],
    },
  )
  .refine(
    ({ input_parameters: input }) => /scale/.test(input.norm_type) === (input.scale_value !== undefined),
    { message: 'scale_value goes with norm_type data_scale', path: ['input_parameters', 'scale_value'] },
  )
  .refine(
    ({ calibration_parameters: calibration }) =>
      ['load', 'skip'].includes(calibration.calibration_type) || calibration.cal_data_dir !== undefined,
    { message: 'cal_data_dir is needed', path: ['calibration_parameters', 'cal_data_dir'] },
  )
  .refine(
    ({ compiler_parameters: compiler }) =>
      (compiler.compile_mode === 'balance') === (compiler.balance_factor !== undefined),
    {
      message: 'balance_factor goes with compile_mode balance',
      path: ['compiler_parameters', 'balance_factor'],
    },
  );

/** The configuration of hb_mapper, as its YAML file holds it. */
export type PtqSettings = z.infer<typeof ptqSchema>;
