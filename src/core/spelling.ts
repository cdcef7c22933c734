/** Longer names are no slips of the pen, and the distance costs the product of the lengths. */
const longestName = 100;

/** Insertions, deletions and replacements between two texts (Levenshtein). */
function editDistance(a: string, b: string): number {
  let previous = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 1; i <= a.length; i++) {
    const current = [i];
    for (let j = 1; j <= b.length; j++) {
      const substitution = previous[j - 1]! + (a[i - 1] === b[j - 1] ? 0 : 1);
      current.push(Math.min(previous[j]! + 1, current[j - 1]! + 1, substitution));
    }
    previous = current;
  }
  return previous[b.length]!;
}

/** The known names that come near a misspelt one, the closest first. */
export function nearestNames(name: string, known: Iterable<string>): string[] {
  if (name.length > longestName) return [];
  const farthest = Math.max(2, name.length / 2);
  return [...known]
    .map((other) => ({ other, distance: editDistance(name, other) }))
    .filter(({ distance }) => distance <= farthest)
    .sort((a, b) => a.distance - b.distance)
    .map(({ other }) => other);
}

/** The known name closest to a misspelt one, or null where none comes near. */
export function nearestName(name: string, known: Iterable<string>): string | null {
  return nearestNames(name, known)[0] ?? null;
}

/** `; did you mean X?`, or nothing where no known name comes near. */
export function suggestion(name: string, known: Iterable<string>): string {
  const nearest = nearestName(name, known);
  return nearest === null ? '' : `; did you mean ${nearest}?`;
}
