import type { SizePx } from '../core/geometry.js';
import type { TensorSpec } from '../core/tensor.js';

/** Model pixels per cell on the levels that every model has, the finest first. */
export const usualSteps: readonly [number, number, number] = [8, 16, 32];
/** The further level of P2 models. */
export const p2Step = 4;
/** The further level of P6 models. */
export const p6Step = 64;

/** Every combination of levels that a model may have, by the model pixels per cell; the usual one first. */
const pyramids: readonly (readonly number[])[] = [
  usualSteps,
  [p2Step, ...usualSteps],
  [...usualSteps, p6Step],
  [p2Step, ...usualSteps, p6Step],
];

/** Cells of all levels; null if the input is no whole number of cells on one of them. */
function cellCountOf(steps: readonly number[], { widthPx, heightPx }: SizePx): number | null {
  if (steps.some((step) => widthPx % step !== 0 || heightPx % step !== 0)) return null;
  return steps.reduce((sum, step) => sum + (widthPx / step) * (heightPx / step), 0);
}

/** The pyramids that an input may have, with their cells. No two have the same number. */
export function pyramidsOn(input: SizePx): { steps: readonly number[]; cellCount: number }[] {
  return pyramids.flatMap((steps) => {
    const cellCount = cellCountOf(steps, input);
    return cellCount === null ? [] : [{ steps, cellCount }];
  });
}

/** True if a dimension is the number of cells of a pyramid over the input. */
export function countsCells({ dims }: TensorSpec, input: SizePx): boolean {
  return pyramidsOn(input).some(({ cellCount }) => dims.includes(cellCount));
}
