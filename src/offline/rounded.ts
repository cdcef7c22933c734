/**
 * As the files of `segment` tell it: hundredths of a pixel and millionths of a score say all that is known.
 *
 * @param digits Behind the point.
 */
export function rounded(value: number, digits: number): number {
  return Number(value.toFixed(digits));
}
