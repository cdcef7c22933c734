import { join } from 'node:path';
import { ConfigError } from '../../core/errors.js';
import { readFault } from '../../files/fault.js';
import { readRegularFile } from '../../files/regularFile.js';
import type { CalibrationType } from './calibrationRequest.js';

/** Letterboxing and resampling may overshoot by their rounding. */
const slack = 0.5;

interface SampleRange {
  readonly name: string;
  readonly least: number;
  readonly greatest: number;
  readonly hasNoNumber: boolean;
}

function valuesOf(bytes: Buffer, type: CalibrationType): Float32Array | Uint8Array {
  if (type === 'uint8') return bytes;
  const { buffer, byteOffset, length } = bytes;
  const isAligned = byteOffset % Float32Array.BYTES_PER_ELEMENT === 0;
  return isAligned
    ? new Float32Array(buffer, byteOffset, length / Float32Array.BYTES_PER_ELEMENT)
    : new Float32Array(buffer.slice(byteOffset, byteOffset + length));
}

async function readRange(folder: string, name: string, type: CalibrationType): Promise<SampleRange> {
  const path = join(folder, name);
  const bytes = await readRegularFile(path).catch((error: unknown) => {
    throw new ConfigError('calibration_samples', `${path} ${readFault(error)}`, { path });
  });
  let [least, greatest] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  let hasNoNumber = false;
  for (const value of valuesOf(bytes, type)) {
    if (value < least) least = value;
    if (value > greatest) greatest = value;
    if (Number.isNaN(value)) hasNoNumber = true;
  }
  return { name, least, greatest, hasNoNumber };
}

function isSound({ least, greatest, hasNoNumber }: SampleRange): boolean {
  return !hasNoNumber && least >= -slack && greatest > 1 && greatest <= 255 + slack;
}

/** A black picture is the same in every range: it fits among others, but says nothing by itself. */
function isBlack({ least, greatest, hasNoNumber }: SampleRange): boolean {
  return !hasNoNumber && least === 0 && greatest === 0;
}

function describeRange({ least, greatest, hasNoNumber }: SampleRange): string {
  if (hasNoNumber) return 'values that are no numbers';
  const round = (value: number) => Number(value.toPrecision(4));
  return `values of ${round(least)} to ${round(greatest)}`;
}

/**
 * Makes sure that every sample holds colours of 0 to 255, as the configuration takes them, not 0 to 1 or normalised ones:
 * hb_mapper would calibrate on nearly black pictures and say nothing.
 *
 * Throws ConfigError `calibration_samples` with the range that was found, and the files where others are sound.
 */
export async function checkSampleValues(
  folder: string,
  names: readonly string[],
  type: CalibrationType,
): Promise<void> {
  const ranges: SampleRange[] = [];
  for (const name of names) ranges.push(await readRange(folder, name, type));
  const odd = ranges.filter((range) => !isSound(range) && !isBlack(range));
  const [first] = odd;
  if (first === undefined && ranges.some(isSound)) return;
  const shown = first ?? ranges[0]!;
  const remedy = 'the configuration scales them inside the model; make the samples anew with `model calib`';
  const where =
    odd.length > 0 && odd.length < names.length
      ? `, ${shown.name} the first${shown.greatest <= 1 ? ' (scaled to 1, or all but black)' : ''}`
      : '';
  const count = `${odd.length === 0 ? ranges.length : odd.length} of ${names.length} samples`;
  throw new ConfigError(
    'calibration_samples',
    `${folder} holds ${describeRange(shown)} in ${count}${where}; expected colours of 0 to 255: ${remedy}`,
    { folder, files: odd.map((one) => one.name) },
  );
}
