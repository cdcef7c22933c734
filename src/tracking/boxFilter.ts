import type { Box } from '../core/geometry.js';

/**
 * The noise of the constant-velocity model, as shares of a box's width (for x and width) or height (for y and height).
 * They are those of SORT's line of trackers at 30 frames/s, made independent of the rate.
 */
const usualRateHz = 30;
/** Standard deviation of a measured edge. */
const measuredShare = 1 / 20;
/** Variance that a second adds to a position, and to a velocity. */
const positionGrowth = measuredShare ** 2 * usualRateHz;
const velocityGrowth = (usualRateHz / 160) ** 2 * usualRateHz;
/** Variances after the first measurement, of which the velocity is not known yet. */
const firstPosition = (2 * measuredShare) ** 2;
const firstVelocity = ((10 * usualRateHz) / 160) ** 2;
/** A box without a width or height is taken for one of a pixel. */
const leastSidePx = 1;

/** Centre x, centre y, width, height. */
const valueCount = 4;
/** Of each value: itself, its velocity in pixels a second, and the variances and the covariance of both. */
const stride = 5;

/**
 * A Kalman filter on one box in source pixels whose centre and size move at constant velocity.
 *
 * The noise of centre x, centre y, width and height is independent, so that the filter of eight values is four of two, which
 * need no matrices.
 */
export class BoxFilter {
  /** [valueCount * stride] value, velocity, variance, covariance, variance of the velocity */
  readonly #state = new Float64Array(valueCount * stride);

  /** Begins at rest at a measured box. */
  constructor(measured: Box) {
    const state = this.#state;
    setValues(measured, (value, index) => {
      state[index * stride] = value;
    });
    for (let index = 0; index < valueCount; index++) {
      const scale = this.#scale(index);
      state[index * stride + 2] = firstPosition * scale;
      state[index * stride + 4] = firstVelocity * scale;
    }
  }

  /** Moves on by a time in seconds, 0 or more. @param isSizeHeld An object that is not seen keeps its size. */
  predict(dtS: number, isSizeHeld: boolean): void {
    const state = this.#state;
    for (let index = 0; index < valueCount; index++) {
      const at = index * stride;
      const scale = this.#scale(index);
      if (isSizeHeld && index >= 2) state[at + 1] = 0;
      const acceleration = velocityGrowth * scale;
      const covariance = state[at + 3]!;
      const velocityVariance = state[at + 4]!;
      state[at] = state[at]! + dtS * state[at + 1]!;
      state[at + 2] =
        state[at + 2]! +
        dtS * (2 * covariance + dtS * velocityVariance) +
        dtS * (positionGrowth * scale + (acceleration * dtS * dtS) / 3);
      state[at + 3] = covariance + dtS * velocityVariance + (acceleration * dtS * dtS) / 2;
      state[at + 4] = velocityVariance + dtS * acceleration;
    }
  }

  /** Takes a measured box. */
  update(measured: Box): void {
    const state = this.#state;
    const scales = [this.#scale(0), this.#scale(1)] as const;
    setValues(measured, (value, index) => {
      const at = index * stride;
      const variance = state[at + 2]!;
      const covariance = state[at + 3]!;
      const surprise = value - state[at]!;
      const sum = variance + measuredShare ** 2 * scales[(index % 2) as 0 | 1];
      state[at] = state[at]! + (variance / sum) * surprise;
      state[at + 1] = state[at + 1]! + (covariance / sum) * surprise;
      state[at + 2] = variance - (variance * variance) / sum;
      state[at + 3] = covariance - (variance * covariance) / sum;
      state[at + 4] = state[at + 4]! - (covariance * covariance) / sum;
    });
  }

  get centreXPx(): number {
    return this.#state[0]!;
  }

  get centreYPx(): number {
    return this.#state[stride]!;
  }

  /** At least a pixel. */
  get widthPx(): number {
    return Math.max(leastSidePx, this.#state[2 * stride]!);
  }

  /** At least a pixel. */
  get heightPx(): number {
    return Math.max(leastSidePx, this.#state[3 * stride]!);
  }

  /**
   * Value, velocity, variance, covariance and variance of the velocity of centre x, centre y, width and height.
   *
   * @internal Exported for tests.
   */
  get state(): Float64Array {
    return this.#state;
  }

  /** The square of the side that the noise of a value is a share of. */
  #scale(index: number): number {
    return (index % 2 === 0 ? this.widthPx : this.heightPx) ** 2;
  }
}

function setValues({ x1, y1, x2, y2 }: Box, take: (value: number, index: number) => void): void {
  take((x1 + x2) / 2, 0);
  take((y1 + y2) / 2, 1);
  take(Math.max(leastSidePx, x2 - x1), 2);
  take(Math.max(leastSidePx, y2 - y1), 3);
}
