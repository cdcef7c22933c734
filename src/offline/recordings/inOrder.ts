/**
 * Values in ascending order, of any number, with memory for twice `keptCount` of them: the source is gone through once for each
 * `keptCount`, which gives those that come next. Where it fails, what it gave before comes in order, then the error.
 *
 * @param scan Goes through the source from its start, each time with the same values.
 * @param compare No two values may be equal by it, as in `Array.sort`.
 */
export async function* inOrder<Value>(
  scan: () => AsyncIterable<Value>,
  compare: (a: Value, b: Value) => number,
  keptCount: number,
): AsyncGenerator<Value> {
  for (let last: Value | undefined, isWhole = false; !isWhole; ) {
    let next: Value[] = [];
    let farthest: Value | undefined;
    let failure: { readonly error: unknown } | null = null;
    const keepNearest = () => {
      next = next.sort(compare).slice(0, keptCount);
      farthest = next.at(-1);
    };
    try {
      for await (const value of scan()) {
        if (last !== undefined && compare(value, last) <= 0) continue;
        if (farthest !== undefined && compare(value, farthest) > 0) continue;
        next.push(value);
        if (next.length === 2 * keptCount) keepNearest();
      }
    } catch (error) {
      failure = { error };
    }
    // Nothing was left out only then.
    isWhole = farthest === undefined && next.length <= keptCount;
    keepNearest();
    yield* next;
    last = next.at(-1);
    if (isWhole && failure !== null) throw failure.error;
  }
}
