import { existsSync } from 'node:fs';
import { mkdir, rename, rm, writeFile } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import { stringify } from 'yaml';
import type { InputForm, InputSize } from '../../backends/prepare/inputForm.js';
import { preparePicture, rgbOf } from '../../backends/replay/picture.js';
import { listPictures, readWholePicture } from '../../camera/pictureFolder.js';
import { ConfigError } from '../../core/errors.js';
import type { PreprocessOptions } from '../../core/ports.js';
import { chooseEvenly } from './chooseEvenly.js';

/** `cal_data_type` of hb_mapper's configuration. */
export type CalibrationType = 'float32' | 'uint8';
export const calibrationTypes = ['float32', 'uint8'] as const satisfies readonly CalibrationType[];

export interface CalibrationRequest {
  /** Folder of pictures. */
  readonly images: string;
  /** The folder to make; the report lies beside it, `FOLDER.yaml`. */
  readonly path: string;
  /** At most so many pictures. */
  readonly count: number;
  readonly size: InputSize;
  readonly type: CalibrationType;
  /** What the compiled model is fed with: NV12 loses colour resolution that RGB keeps. */
  readonly form: InputForm;
  readonly preprocess: PreprocessOptions;
}

/** One file of a calibration set. */
export interface CalibrationFile {
  readonly file: string;
  readonly source: string;
  readonly sourceWidthPx: number;
  readonly sourceHeightPx: number;
}

export interface CalibrationReport {
  readonly files: readonly CalibrationFile[];
  /** Pictures in the folder. */
  readonly available: number;
  readonly fileBytes: number;
  /** Mean of the channels R, G, B over the set, 0..255. */
  readonly channelMeans: readonly [number, number, number];
  readonly reportPath: string;
}

/**
 * Makes a calibration set as hb_mapper reads it with `input_type_train: rgb` and `input_layout_train: NCHW`:
 * one raw file per picture, [1, 3, H, W] R, G, B in 0..255 (the scale of 1/255 is hb_mapper's), letterboxed as
 * the node does it. Nothing but these files is in the folder, because hb_mapper reads every file in it.
 *
 * Throws ConfigError `output` (a name is taken or unfit) or `source` (no pictures, or one that cannot be
 * decoded, by name); nothing is left then.
 */
export async function makeCalibrationSet(request: CalibrationRequest): Promise<CalibrationReport> {
  const path = resolve(request.path);
  const reportPath = `${path}.yaml`;
  for (const taken of [path, reportPath]) {
    if (existsSync(taken)) throw new ConfigError('output', `${taken} exists already`, { path: taken });
  }
  const unfinished = join(dirname(path), `.${basename(path)}.unfinished-${process.pid}`);
  const names = await listPictures(request.images);
  try {
    await mkdir(unfinished).catch((error: unknown) => {
      throw new ConfigError('output', `cannot write into ${dirname(path)}`, { path }, error);
    });
    const written = await writeFiles(unfinished, request, names);
    const report = { ...written, available: names.length, reportPath };
    await writeFile(reportPath, renderReport(request, report), { flag: 'wx' });
    await rename(unfinished, path).catch(async (error: unknown) => {
      await rm(reportPath, { force: true });
      throw new ConfigError('output', `cannot make ${path}`, { path }, error);
    });
    return report;
  } catch (error) {
    await rm(unfinished, { recursive: true, force: true });
    throw error;
  }
}

async function writeFiles(
  folder: string,
  { images, count, size, type, form, preprocess }: CalibrationRequest,
  names: readonly string[],
): Promise<Pick<CalibrationReport, 'files' | 'fileBytes' | 'channelMeans'>> {
  const files: CalibrationFile[] = [];
  const sums: [number, number, number] = [0, 0, 0];
  const planeElems = size.inputWidthPx * size.inputHeightPx;
  let fileBytes = 0;
  for (const source of chooseEvenly(names, count)) {
    const picture = await readWholePicture(join(images, source), preprocess.yuvRange);
    const input = await preparePicture(picture, form, size, preprocess);
    const values = new Float32Array(await rgbOf(input, form, size, preprocess.yuvRange));
    for (let at = 0; at < values.length; at++) {
      values[at] = values[at]! * 255;
      sums[Math.floor(at / planeElems)]! += values[at]!;
    }
    const data = type === 'float32' ? values : Uint8Array.from(values, Math.round);
    const file = `${source}.rgb`;
    await writeFile(join(folder, file), data);
    fileBytes = data.byteLength;
    files.push({ file, source, sourceWidthPx: picture.widthPx, sourceHeightPx: picture.heightPx });
  }
  const mean = (sum: number) => sum / (planeElems * files.length);
  return { files, fileBytes, channelMeans: [mean(sums[0]), mean(sums[1]), mean(sums[2])] };
}

function renderReport(request: CalibrationRequest, report: CalibrationReport): string {
  const { images, size, type, form, preprocess } = request;
  return stringify({
    cal_data_dir: basename(resolve(request.path)),
    cal_data_type: type,
    layout: `1x3x${size.inputHeightPx}x${size.inputWidthPx} (NCHW), R, G, B in 0..255`,
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
