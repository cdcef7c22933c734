/**
 * Nearest sampling between two pixel axes of the same length in space, `sourcePx` and `targetPx` pixels long: a
 * target pixel takes the source pixel under its centre, the later one where the centre lies on an edge.
 *
 * Both work with one division of whole numbers, so that centres on an edge are decided exactly.
 */

/** The first target pixel whose centre is not before the edge in front of source pixel `edgePx`. */
export function firstTargetPixel(edgePx: number, sourcePx: number, targetPx: number): number {
  return Math.ceil((2 * targetPx * edgePx - sourcePx) / (2 * sourcePx));
}

/** The source pixel under the centre of a target pixel. */
export function sourcePixel(targetPixel: number, sourcePx: number, targetPx: number): number {
  return Math.floor(((2 * targetPixel + 1) * sourcePx) / (2 * targetPx));
}
