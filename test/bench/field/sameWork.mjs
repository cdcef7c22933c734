// Times are compared only where the work was the same: these throw where it was not.

/**
 * @typedef {import('../../oracle/oracle.ts').OracleDetection} Detection
 * @typedef {{ boxPx: number, score: number, maskPixels: number }} Difference the greatest of all detections; of a mask,
 * the share of its pixels that differ
 */

/**
 * float32 in another order of operations. Masks of EdgeFirst are ours to the pixel but within half a cell of the frame's edge,
 * where it takes the prototypes to go on otherwise.
 */
const most = { boxPx: 0.01, score: 1e-5, maskPixels: 0.01 };

/** @param {Detection['spans']} spans */
function pixelsOf(spans) {
  return new Set(
    spans.flatMap(([y, x1, x2]) => Array.from({ length: x2 - x1 }, (_, at) => y * 65536 + x1 + at)),
  );
}

/**
 * Pixels that are in one of two masks only, as a share of the second's.
 *
 * @param {Detection['spans']} found
 * @param {Detection['spans']} expected
 */
function differingPixels(found, expected) {
  if (found.join() === expected.join()) return 0;
  const [ours, theirs] = [pixelsOf(found), pixelsOf(expected)];
  let shared = 0;
  for (const pixel of ours) shared += theirs.has(pixel) ? 1 : 0;
  return (ours.size + theirs.size - 2 * shared) / Math.max(1, theirs.size);
}

/**
 * How far two lists of detections of one picture, best first, differ. Throws where they are not the same objects, or where
 * boxes differ by more than 0.01 px, scores by 1e-5 or masks by a hundredth of their pixels.
 *
 * @param {string} what names the comparison in the error
 * @param {readonly Detection[]} found
 * @param {readonly Detection[]} expected
 * @returns {Difference}
 */
export function assertSameDetections(what, found, expected) {
  const classes = [found, expected].map((list) => list.map(({ classId }) => classId).join());
  if (classes[0] !== classes[1]) throw new Error(`${what}: classes ${classes[0]} beside ${classes[1]}`);
  /** @type {Difference} */
  const difference = { boxPx: 0, score: 0, maskPixels: 0 };
  found.forEach(({ box, score, spans }, index) => {
    const other = expected[index];
    const boxPx = Math.max(...box.map((edge, side) => Math.abs(edge - other.box[side])));
    difference.boxPx = Math.max(difference.boxPx, boxPx);
    difference.score = Math.max(difference.score, Math.abs(score - other.score));
    difference.maskPixels = Math.max(difference.maskPixels, differingPixels(spans, other.spans));
  });
  for (const key of /** @type {(keyof Difference)[]} */ (Object.keys(most))) {
    if (!(difference[key] <= most[key])) {
      throw new Error(`${what}: ${key} differs by ${difference[key]}, at most ${most[key]} is the same work`);
    }
  }
  return difference;
}

/**
 * How far two model inputs differ, in levels of 255: the mean over all values and the greatest. Throws where the mean is above
 * `mostMean`, or they have not the same number of values.
 *
 * @param {string} what names the comparison in the error
 * @param {Float32Array} found 0 to 1
 * @param {Float32Array} expected 0 to 1
 * @param {number} mostMean levels
 */
export function assertSamePlanes(what, found, expected, mostMean) {
  if (found.length !== expected.length) {
    throw new Error(`${what}: ${found.length} values beside ${expected.length}`);
  }
  let sum = 0;
  let greatest = 0;
  for (let at = 0; at < found.length; at++) {
    const levels = Math.abs(found[at] - expected[at]) * 255;
    sum += levels;
    if (!(levels <= greatest)) greatest = levels;
  }
  const mean = sum / found.length;
  if (!(mean <= mostMean)) {
    throw new Error(
      `${what}: ${mean.toFixed(3)} levels apart on average, at most ${mostMean} is the same work`,
    );
  }
  return { mean, greatest };
}
