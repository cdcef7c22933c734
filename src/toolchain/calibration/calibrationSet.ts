import { existsSync } from 'node:fs';
import { rm, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { preparePicture, rgbOf } from '../../backends/replay/picture.js';
import { readWholePicture } from '../../camera/pictureFolder.js';
import { readPictureNames } from '../../camera/pictureNames.js';
import { ConfigError } from '../../core/errors.js';
import { writeWholeFile } from '../../files/wholeFile.js';
import { makeWholeFolder } from '../../files/wholeFolder.js';
import {
  type CalibrationFile,
  type CalibrationReport,
  renderReport,
  reportPathOf,
} from './calibrationReport.js';
import type { CalibrationRequest } from './calibrationRequest.js';
import { chooseEvenly } from './chooseEvenly.js';

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
  const reportPath = reportPathOf(path);
  for (const taken of [path, reportPath]) {
    if (existsSync(taken)) throw new ConfigError('output', `${taken} exists already`, { path: taken });
  }
  const { names, leftOut } = await readPictureNames(request.images);
  const written = await makeWholeFolder(path, (folder) => writeFiles(folder, request, names));
  const report = { ...written, available: names.length, leftOut, reportPath };
  await writeWholeFile(reportPath, renderReport(request, report)).catch(async (error: unknown) => {
    await rm(path, { recursive: true });
    throw error;
  });
  return report;
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
