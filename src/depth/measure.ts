import { type DepthOutcome, depthOutcomes, type FrameDepths } from '../core/depths.js';
import { labelOf } from '../core/labelMap.js';
import type { Instances } from '../core/result.js';
import type { DepthAlignment } from './alignment.js';
import { type CloudForm, writeCloud } from './cloud.js';
import { DepthMask } from './depthMask.js';
import type { DepthPicture } from './depthPicture.js';
import { MedianFinder } from './median.js';
import type { Pinhole } from './pinhole.js';

/** How depths are judged. */
export interface DepthOptions {
  /** By so many pixels of the depth picture masks are eroded before they are read. */
  readonly erosionPx: number;
  /** Depths farther from the median than this many standard deviations, told by the MAD, are outliers. */
  readonly outlierFactor: number;
  /** Least share of the pixels of an eroded mask that is to hold a depth. */
  readonly leastValidShare: number;
  /** Depths outside of these are holes, metres. */
  readonly nearestM: number;
  readonly farthestM: number;
  /** Null where nobody wants points. */
  readonly cloud: CloudForm | null;
}

/** What the instances of a frame are to be found in. */
export interface DepthScene {
  readonly picture: DepthPicture;
  /** Of the depth picture. */
  readonly camera: Pinhole;
  readonly alignment: DepthAlignment;
}

/** Standard deviations in a MAD of normally distributed values. */
const deviationsPerMad = 1.4826;
/** Nearer depths are holes whatever is set: the least that a 16UC1 can tell, and the least that is told with three digits. */
const leastDepthM = 0.001;
/** Depths this near to the median, as a share of it, are no outliers: depths are steps, and a plane's MAD may be 0. */
const closeShare = 0.01;

/** Finds the places of instances, frame by frame; keeps its scratch memory. */
export class DepthMeasurer {
  readonly #mask = new DepthMask();
  readonly #medians = new MedianFinder();
  #values = new Float32Array(0);
  #scratch = new Float32Array(0);
  /** Number of the instance of each depth pixel. */
  #labels = new Uint16Array(0);

  /**
   * @param colours [count] 0xffRRGGBB of the points of each instance.
   * @returns Fresh memory.
   */
  measure(
    instances: Instances,
    { picture, camera, alignment }: DepthScene,
    options: DepthOptions,
    colours: Uint32Array,
  ): FrameDepths {
    const { count } = instances;
    const areaPx = picture.widthPx * picture.heightPx;
    if (this.#labels.length < areaPx) this.#labels = new Uint16Array(areaPx);
    else this.#labels.fill(0, 0, areaPx);
    const nowhere = (length: number) => new Float32Array(length).fill(Number.NaN);
    const found = {
      outcomes: new Uint8Array(count),
      mediansM: nowhere(count),
      madsM: nowhere(count),
      validShares: new Float32Array(count),
      positionsM: nowhere(count * 3),
      boxCentresM: nowhere(count * 3),
      extentsM: nowhere(count * 3),
    };
    // Instances come best first: a point that two could have goes to the better one, which is asked last.
    for (let index = count - 1; index >= 0; index--) {
      const maskPx = this.#mask.take(instances, index, alignment, picture);
      const outcome =
        maskPx === 0 ? 'no_mask' : this.#measureOne(found, index, maskPx, picture, camera, options);
      found.outcomes[index] = depthOutcomes.indexOf(outcome);
    }
    const { cloud: form } = options;
    const points = { labels: this.#labels, instances, colours };
    const cloud = form === null ? null : writeCloud(form, points, picture, camera);
    return { frameId: camera.frameId, stampNs: picture.stampNs, ...found, cloud };
  }

  #measureOne(
    found: Omit<FrameDepths, 'frameId' | 'stampNs' | 'cloud'>,
    index: number,
    maskPx: number,
    picture: DepthPicture,
    camera: Pinhole,
    options: DepthOptions,
  ): DepthOutcome {
    const { erosionPx } = options;
    const areaPx = erosionPx === 0 ? maskPx : this.#mask.erode(erosionPx, picture);
    if (areaPx === 0) return 'eroded';
    const { unitM } = picture;
    const nearest = Math.max(options.nearestM, leastDepthM) / unitM;
    const validPx = this.#gather(picture, nearest, options.farthestM / unitM);
    const validShare = validPx / areaPx;
    found.validShares[index] = validShare;
    if (validPx === 0 || validShare < options.leastValidShare) return 'no_depth';
    const median = this.#medians.of(this.#values, validPx);
    const depths = this.#values;
    const scratch = this.#scratch;
    for (let i = 0; i < validPx; i++) scratch[i] = Math.abs(depths[i]! - median);
    const mad = this.#medians.of(scratch, validPx);
    const reach = Math.max(options.outlierFactor * deviationsPerMad * mad, closeShare * median);
    found.mediansM[index] = median * unitM;
    found.madsM[index] = mad * unitM;
    const least = Math.max(median - reach, nearest);
    const most = Math.min(median + reach, options.farthestM / unitM);
    this.#locate(found, index, picture, camera, least, most);
    return 'located';
  }

  /** Collects the depths of the mask; returns how many there are. */
  #gather({ widthPx, values }: DepthPicture, nearest: number, farthest: number): number {
    const { inside, rect } = this.#mask;
    const mostPx = rect.widthPx * rect.heightPx;
    if (this.#values.length < mostPx) {
      this.#values = new Float32Array(mostPx);
      this.#scratch = new Float32Array(mostPx);
    }
    const depths = this.#values;
    const columns = rect.widthPx;
    let count = 0;
    for (let row = 0; row < rect.heightPx; row++) {
      const start = (rect.yPx + row) * widthPx + rect.xPx;
      const insideStart = row * columns;
      for (let column = 0; column < columns; column++) {
        if (inside[insideStart + column] === 0) continue;
        const z = values[start + column]!;
        // False for NaN, and infinities are out of any range.
        if (z >= nearest && z <= farthest) depths[count++] = z;
      }
    }
    return count;
  }

  /** Mean and box of the points between two depths, which get the label of the instance. */
  #locate(
    { positionsM, boxCentresM, extentsM }: Pick<FrameDepths, 'positionsM' | 'boxCentresM' | 'extentsM'>,
    index: number,
    { widthPx, values, unitM }: DepthPicture,
    { fx, fy, cx, cy }: Pinhole,
    least: number,
    most: number,
  ): void {
    const { inside, rect } = this.#mask;
    const labels = this.#labels;
    const label = labelOf(index);
    const columns = rect.widthPx;
    const perPixelX = 1 / fx;
    let [sumX, sumY, sumZ, count] = [0, 0, 0, 0];
    let [x1, y1, z1] = [Infinity, Infinity, Infinity];
    let [x2, y2, z2] = [-Infinity, -Infinity, -Infinity];
    for (let row = 0; row < rect.heightPx; row++) {
      const start = (rect.yPx + row) * widthPx + rect.xPx;
      const insideStart = row * columns;
      const slopeY = (rect.yPx + row - cy) / fy;
      for (let column = 0; column < columns; column++) {
        if (inside[insideStart + column] === 0) continue;
        const z = values[start + column]!;
        if (!(z >= least && z <= most)) continue;
        const x = (rect.xPx + column - cx) * perPixelX * z;
        const y = slopeY * z;
        sumX += x;
        sumY += y;
        sumZ += z;
        count++;
        if (x < x1) x1 = x;
        if (x > x2) x2 = x;
        if (y < y1) y1 = y;
        if (y > y2) y2 = y;
        if (z < z1) z1 = z;
        if (z > z2) z2 = z;
        labels[start + column] = label;
      }
    }
    const metres = (...units: readonly number[]) => units.map((value) => value * unitM);
    positionsM.set(metres(sumX / count, sumY / count, sumZ / count), index * 3);
    boxCentresM.set(metres((x1 + x2) / 2, (y1 + y2) / 2, (z1 + z2) / 2), index * 3);
    extentsM.set(metres(x2 - x1, y2 - y1, z2 - z1), index * 3);
  }
}
