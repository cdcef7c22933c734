import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { ConfigError } from '../../core/errors.js';
import type { CalibrationType } from './calibrationRequest.js';
import { chooseEvenly } from './chooseEvenly.js';

/** Samples that are looked into; a set is made by one program, so few tell. */
const looked = 5;

/** Letterboxing and resampling may overshoot by their rounding. */
const slack = 0.5;

/**
 * Makes sure that samples hold colours of 0 to 255, as the configuration takes them, not 0 to 1 or normalised ones:
 * hb_mapper would calibrate on nearly black pictures and say nothing.
 *
 * Throws ConfigError `calibration_samples` with the range that was found.
 */
export async function checkSampleValues(
  folder: string,
  names: readonly string[],
  type: CalibrationType,
): Promise<void> {
  const chosen = chooseEvenly(names, looked);
  let [least, greatest] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  let hasNoNumber = false;
  for (const name of chosen) {
    const bytes = await readFile(join(folder, name));
    const values =
      type === 'uint8'
        ? bytes
        : new Float32Array(bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength));
    for (const value of values) {
      if (value < least) least = value;
      if (value > greatest) greatest = value;
      if (Number.isNaN(value)) hasNoNumber = true;
    }
  }
  if (!hasNoNumber && least >= -slack && greatest > 1 && greatest <= 255 + slack) return;
  const round = (value: number) => Number(value.toPrecision(4));
  const found = hasNoNumber
    ? 'values that are no numbers'
    : `values of ${round(least)} to ${round(greatest)}`;
  const remedy = 'the configuration scales them inside the model; make the samples anew with `model calib`';
  throw new ConfigError(
    'calibration_samples',
    `${folder} holds ${found} in ${chosen.length} of ${names.length} samples; expected colours of 0 to 255: ${remedy}`,
    { folder, least, greatest },
  );
}
