/** Six decimals as the tools print them; `-` for what they leave out. */
export function figure(value: number | null, decimals = 6): string {
  return value === null ? '-' : value.toFixed(decimals);
}
