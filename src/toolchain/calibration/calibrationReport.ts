import type { SizePx } from '../../core/geometry.js';
import { existsSync } from 'node:fs';
import { basename, resolve } from 'node:path';
import { stringify } from 'yaml';
import { z } from 'zod';
import { checkedDocument } from '../../core/documentFault.js';
import { ConfigError } from '../../core/errors.js';
import { parseYaml } from '../../core/yamlDocument.js';
import { readTextFile } from '../../files/textFile.js';
import { type CalibrationRequest, type CalibrationType, calibrationTypes } from './calibrationRequest.js';

/** A sample for hb_mapper and the picture that it was made of. */
export interface CalibrationFile {
  readonly file: string;
  readonly source: string;
  readonly sourceWidthPx: number;
  readonly sourceHeightPx: number;
}

/** What a calibration set was made of. */
export interface CalibrationReport {
  readonly files: readonly CalibrationFile[];
  /** Pictures in the folder. */
  readonly available: number;
  /** What lies beside the pictures in the folder and is not used; null if nothing does. */
  readonly leftOut: string | null;
  readonly fileBytes: number;
  /** Mean of the channels R, G, B over the set, 0..255. */
  readonly channelMeans: readonly [number, number, number];
  readonly reportPath: string;
}

/** What a set says of its samples. */
export interface SampleForm extends SizePx {
  readonly type: CalibrationType;
}

/** The report lies beside the folder, because hb_mapper reads every file inside it. */
export function reportPathOf(setPath: string): string {
  return `${resolve(setPath)}.yaml`;
}

/** The report as the YAML file beside the set, which `model ptq` reads. */
export function renderReport(request: CalibrationRequest, report: CalibrationReport): string {
  const { images, size, type, form, preprocess } = request;
  return stringify({
    cal_data_dir: basename(resolve(request.path)),
    cal_data_type: type,
    width: size.inputWidthPx,
    height: size.inputHeightPx,
    layout: 'NCHW, R, G, B in 0..255',
    bytes_per_file: report.fileBytes,
    model_input: form === 'nv12' ? 'nv12' : 'rgb',
    resize_mode: preprocess.resizeMode,
    yuv_range: preprocess.yuvRange,
    scale_filter: preprocess.scaleFilter,
    images,
    pictures_available: report.available,
    pictures_used: report.files.length,
    channel_means: report.channelMeans.map((mean) => Number(mean.toFixed(2))),
    files: report.files.map(({ file, source, sourceWidthPx, sourceHeightPx }) => ({
      file,
      source,
      width: sourceWidthPx,
      height: sourceHeightPx,
    })),
  });
}

const sampleForm = z.object({
  cal_data_type: z.enum(calibrationTypes),
  width: z.int().positive(),
  height: z.int().positive(),
});

/**
 * The form of a set's samples as its report has it; null for a set without a report, made by other means.
 *
 * Throws ConfigError `calibration_report` for a report that cannot be read.
 */
export async function readSampleForm(setPath: string): Promise<SampleForm | null> {
  const path = reportPathOf(setPath);
  if (!existsSync(path)) return null;
  const refuse = (why: string) =>
    new ConfigError('calibration_report', `${path} is not the report of a calibration set: ${why}`, { path });
  const text = await readTextFile(path);
  const { cal_data_type: type, width, height } = checkedDocument(() => parseYaml(text), sampleForm, refuse);
  return { type, widthPx: width, heightPx: height };
}
