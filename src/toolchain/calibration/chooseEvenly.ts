/**
 * At most `count` items spread evenly over a list, in its order; the same ones on every call. Neighbours, which
 * in a recorded sequence look alike, are taken only if everything is.
 */
export function chooseEvenly<Item>(items: readonly Item[], count: number): Item[] {
  if (items.length <= count) return [...items];
  return Array.from({ length: count }, (_, at) => items[Math.floor(((at + 0.5) * items.length) / count)]!);
}
