import type { TensorData } from '../core/tensor.js';
import type { ClassPairs } from './classPairs.js';
import type { ScoreGrid } from './gridScan.js';

/**
 * Adds every finite score above `threshold` with its cell and class, cell by cell, the classes of a cell in their order.
 *
 * A plain walk, for evaluations: what the node reports is found by `scanGrid`.
 */
export function scanEveryClass(
  data: TensorData,
  grid: ScoreGrid,
  threshold: number,
  allowed: Uint8Array,
  pairs: ClassPairs,
): void {
  const { startElem, heightCells, widthCells, channels, rowElems, cellElems, channelElems, firstCell } = grid;
  const { scales, zeroPoints } = grid.scales;
  for (let y = 0; y < heightCells; y++) {
    for (let x = 0; x < widthCells; x++) {
      const at = startElem + y * rowElems + x * cellElems;
      const cell = firstCell + y * widthCells + x;
      for (let channel = 0; channel < channels; channel++) {
        const score = (data[at + channel * channelElems] - zeroPoints[channel]) * scales[channel];
        if (!(score > threshold && score < Number.POSITIVE_INFINITY) || allowed[channel] === 0) continue;
        pairs.add(cell, channel, score);
      }
    }
  }
}
