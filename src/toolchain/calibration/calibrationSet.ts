import { existsSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { preparePicture, rgbOf } from '../../backends/replay/picture.js';
import { readWholePicture } from '../../camera/pictureFolder.js';
import { readPictureNames } from '../../camera/pictureNames.js';
import { ConfigError } from '../../core/errors.js';
import { writeFileAtomically } from '../../files/atomicFile.js';
import { makeFolderAtomically, writePart } from '../../files/atomicFolder.js';
import {
  type CalibrationFile,
  type CalibrationReport,
  readSampleForm,
  renderReport,
  reportPathOf,
} from './calibrationReport.js';
import type { CalibrationRequest } from './calibrationRequest.js';

/**
 * Makes a calibration set as hb_mapper reads it with `input_type_train: rgb` and `input_layout_train: NCHW`:
 * one raw file per picture, [1, 3, H, W] R, G, B in 0..255 (the scale of 1/255 is hb_mapper's), letterboxed as
 * the node does it. Nothing but these files is in the folder, because hb_mapper reads every file in it.
 *
 * Throws ConfigError `output` (a name is taken or unfit, or a file cannot be written) or `source` (no pictures, or one that cannot be
 * decoded, by name); nothing is left then.
 */
export async function makeCalibrationSet(request: CalibrationRequest): Promise<CalibrationReport> {
  const path = resolve(request.path);
  const reportPath = reportPathOf(path);
  if (request.isForced) await checkReplaceable(path, reportPath);
  else checkFree(path, reportPath);
  const { names, leftOut } = await readPictureNames(request.images);
  const written = await makeFolderAtomically(path, async (folder) => {
    const files = await writeFiles({ folder, path }, request, names);
    // The old set goes only when the new one is whole.
    if (request.isForced)
      await Promise.all([path, reportPath].map((old) => rm(old, { recursive: true, force: true })));
    return files;
  });
  const report = { ...written, available: names.length, leftOut, reportPath };
  await writeFileAtomically(reportPath, renderReport(request, report)).catch(async (error: unknown) => {
    await rm(path, { recursive: true });
    throw error;
  });
  return report;
}

function checkFree(...paths: readonly string[]): void {
  const taken = paths.find((path) => existsSync(path));
  if (taken === undefined) return;
  const remedy = 'give another name, or --force to replace the calibration set';
  throw new ConfigError('output', `${taken} exists already: ${remedy}`, { path: taken });
}

/** A folder is removed with all its files only if its report shows that it is a calibration set. */
async function checkReplaceable(path: string, reportPath: string): Promise<void> {
  if (!existsSync(path) && !existsSync(reportPath)) return;
  if ((await readSampleForm(path)) !== null) return;
  throw new ConfigError(
    'output',
    `${path} is not replaced: no ${reportPath} shows that it is a calibration set`,
    {
      path,
    },
  );
}

async function writeFiles(
  { folder, path }: { readonly folder: string; readonly path: string },
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
    await writePart(join(folder, file), data, join(path, file));
    fileBytes = data.byteLength;
    files.push({ file, source, sourceWidthPx: picture.widthPx, sourceHeightPx: picture.heightPx });
  }
  const mean = (sum: number) => sum / (planeElems * files.length);
  return { files, fileBytes, channelMeans: [mean(sums[0]), mean(sums[1]), mean(sums[2])] };
}

/**
 * At most `count` items spread evenly over a list, in its order; the same ones on every call. Neighbours, which
 * in a recorded sequence look alike, are taken only if everything is.
 */
export function chooseEvenly<Item>(items: readonly Item[], count: number): Item[] {
  if (items.length <= count) return [...items];
  return Array.from({ length: count }, (_, at) => items[Math.floor(((at + 0.5) * items.length) / count)]!);
}
