/**
 * The middle value, the upper one of two.
 *
 * @param {readonly number[]} values
 */
export function median(values) {
  return values.toSorted((a, b) => a - b)[values.length >> 1];
}
