import type { TensorData } from '../core/tensor.js';
import { type ChannelScales, integerLimit } from './dequantise.js';
import type { SignedData } from './scan.js';
import { findCellsFast } from './simdScan.js';
import { type BitThreshold, floatThreshold, integerThreshold } from './threshold.js';

/** Scores of a grid of cells: element (y, x, c) lies at start + y * row + x * cell + c * channel. */
export interface ScoreGrid {
  /** Element of (0, 0, 0). */
  readonly startElem: number;
  readonly heightCells: number;
  readonly widthCells: number;
  readonly channels: number;
  readonly rowElems: number;
  readonly cellElems: number;
  readonly channelElems: number;
  readonly firstCell: number;
  readonly scales: ChannelScales;
}

/** Where scans put their results; `score` and `classId` are indexed by cell, valid for the cells listed. */
export interface CellScores {
  /** [A] candidate cells; the number of valid ones is the scans' return value. */
  readonly cells: Uint32Array;
  /** [A] best raw score (logit or probability) per cell. */
  readonly score: Float64Array;
  /** [A] its class. */
  readonly classId: Uint16Array;
  /** [A] 1 while a cell is listed in a planar scan; all 0 between scans. */
  readonly listed: Uint8Array;
  /** [A] scratch. */
  readonly hits: Uint32Array;
}

/** Scratch for the scores of so many cells. */
export function makeCellScores(cellCount: number): CellScores {
  return {
    cells: new Uint32Array(cellCount),
    score: new Float64Array(cellCount),
    classId: new Uint16Array(cellCount),
    listed: new Uint8Array(cellCount),
    hits: new Uint32Array(cellCount),
  };
}

/** Floats are seen as their bits, integers are taken as they are. */
function signedData(data: TensorData): SignedData {
  return data instanceof Float32Array ? new Int32Array(data.buffer, data.byteOffset, data.length) : data;
}

function bitThresholdFor(data: TensorData, threshold: number, scales: ChannelScales): BitThreshold {
  return data instanceof Float32Array
    ? floatThreshold(threshold)
    : integerThreshold(integerLimit(scales, threshold));
}

/**
 * Lists the cells whose best finite score is above `threshold`, with that score and its class (the first of
 * equal ones), after the `count` cells already listed. Returns the new count.
 */
export function scanGrid(
  data: TensorData,
  grid: ScoreGrid,
  threshold: number,
  cellScores: CellScores,
  count: number,
): number {
  const bits = bitThresholdFor(data, threshold, grid.scales);
  return grid.channelElems === 1
    ? scanInterleaved(data, bits, grid, threshold, cellScores, count)
    : scanPlanar(data, bits, grid, threshold, cellScores, count);
}

/** Channels of one cell side by side: [1, H, W, C]. */
function scanInterleaved(
  data: TensorData,
  { flip, limit }: BitThreshold,
  grid: ScoreGrid,
  threshold: number,
  cellScores: CellScores,
  count: number,
): number {
  const { startElem, heightCells, widthCells, channels, rowElems, cellElems, firstCell } = grid;
  const signed = signedData(data);
  const hits = cellScores.hits;
  let hitCount = 0;
  if (cellElems === channels && rowElems === widthCells * channels) {
    const end = startElem + heightCells * rowElems;
    hitCount = findCellsFast(signed, startElem, end, channels, flip, limit, 0, hits, 0);
  } else {
    for (let y = 0; y < heightCells; y++) {
      const row = startElem + y * rowElems;
      const cell = y * widthCells;
      if (cellElems === channels) {
        hitCount = findCellsFast(
          signed,
          row,
          row + widthCells * channels,
          channels,
          flip,
          limit,
          cell,
          hits,
          hitCount,
        );
        continue;
      }
      for (let x = 0; x < widthCells; x++) {
        const at = row + x * cellElems;
        hitCount = findCellsFast(signed, at, at + channels, channels, flip, limit, cell + x, hits, hitCount);
      }
    }
  }
  const { scales, zeroPoints } = grid.scales;
  let found = count;
  for (let hit = 0; hit < hitCount; hit++) {
    const cell = hits[hit];
    const y = (cell / widthCells) | 0;
    const at = startElem + y * rowElems + (cell - y * widthCells) * cellElems;
    let best = threshold;
    let bestClass = -1;
    for (let channel = 0; channel < channels; channel++) {
      const score = (data[at + channel] - zeroPoints[channel]) * scales[channel];
      if (score > best && score < Number.POSITIVE_INFINITY) {
        best = score;
        bestClass = channel;
      }
    }
    if (bestClass < 0) continue;
    cellScores.cells[found++] = firstCell + cell;
    cellScores.score[firstCell + cell] = best;
    cellScores.classId[firstCell + cell] = bestClass;
  }
  return found;
}

/** One plane per channel: [1, C, H, W], or the rows of a stock export. */
function scanPlanar(
  data: TensorData,
  { flip, limit }: BitThreshold,
  grid: ScoreGrid,
  threshold: number,
  cellScores: CellScores,
  count: number,
): number {
  const { startElem, heightCells, widthCells, channels, rowElems, cellElems, channelElems } = grid;
  const signed = signedData(data);
  const isPacked = cellElems === 1 && rowElems === widthCells;
  const rowCount = isPacked ? 1 : heightCells;
  const rowCells = isPacked ? heightCells * widthCells : widthCells;
  let found = count;
  for (let channel = 0; channel < channels; channel++) {
    const scale = grid.scales.scales[channel];
    const zeroPoint = grid.scales.zeroPoints[channel];
    for (let y = 0; y < rowCount; y++) {
      const row = startElem + channel * channelElems + y * rowElems;
      // With cells apart, `cellElems` elements count as one cell; foreign ones are sorted out below.
      const end = row + (rowCells - 1) * cellElems + 1;
      const hitCount = findCellsFast(signed, row, end, cellElems, flip, limit, 0, cellScores.hits, 0);
      for (let hit = 0; hit < hitCount; hit++) {
        const x = cellScores.hits[hit];
        const score = (data[row + x * cellElems] - zeroPoint) * scale;
        if (!(score > threshold && score < Number.POSITIVE_INFINITY)) continue;
        const cell = grid.firstCell + y * widthCells + x;
        if (cellScores.listed[cell] === 0) {
          cellScores.listed[cell] = 1;
          cellScores.cells[found++] = cell;
        } else if (score <= cellScores.score[cell]) {
          continue;
        }
        cellScores.score[cell] = score;
        cellScores.classId[cell] = channel;
      }
    }
  }
  for (let index = count; index < found; index++) cellScores.listed[cellScores.cells[index]] = 0;
  return found;
}
