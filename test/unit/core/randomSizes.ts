/** Width and height in pixels. */
export type Sides = readonly [number, number];

/** Pairs of sizes that are the same in every run (a linear congruential generator). */
export function randomSizes(count: number): { source: Sides; model: Sides }[] {
  let state = 12345;
  const even = (limitPx: number) => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return 2 + 2 * (state % (limitPx / 2 - 1));
  };
  return Array.from({ length: count }, () => ({
    source: [even(4096), even(2160)],
    model: [even(1280), even(1280)],
  }));
}
