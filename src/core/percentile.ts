/** Nearest-rank percentile of sorted values, at least one; `share` from 0 to 1. */
export function nearestRank(sorted: Float64Array, share: number): number {
  return sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)]!;
}

/** Nearest-rank percentile of values in any order; null of none. */
export function percentile(values: readonly number[], share: number): number | null {
  if (values.length === 0) return null;
  return nearestRank(Float64Array.from(values).sort(), share);
}
