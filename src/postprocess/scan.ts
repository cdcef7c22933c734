/** Integers that are compared as they lie in memory: quantised values, or the bits of floats. */
export type SignedData = Int32Array | Int16Array | Int8Array;

/**
 * Parts of the data that are read side by side: where one of them waits for the next page of memory, the others go on.
 * skipStrips names each of them.
 */
const stripCount = 8;
/** Elements of each strip that are looked at one after the other where there is a hit in one of them. */
const window = 64;

/** So many elements for each of such a window; where hits are closer, the strips are read one after the other. */
const windowShare = 8;

/** Cells found in each strip of the call at hand. */
const counts = new Uint32Array(stripCount);

/**
 * Finds cells that have an element with `(element ^ flip) < limit` in data[start, end), `channels` elements
 * per cell. `flip` and `limit` come from a `BitThreshold`.
 *
 * Cells count from `firstCell`; each is written to `cells` once, in their order, from position `count`. Returns the new
 * count. `cells` has room for all of them.
 */
export function findCells(
  data: SignedData,
  start: number,
  end: number,
  channels: number,
  flip: number,
  limit: number,
  firstCell: number,
  cells: Uint32Array,
  count: number,
): number {
  const stripCells = ((end - start) / channels / stripCount) | 0;
  const strip = stripCells * channels;
  if (strip < window)
    return findInRow(data, start, start, end, channels, flip, limit, firstCell, cells, count);
  counts.fill(0);
  let alone = strip / windowShare;
  for (let at = 0; at < strip; ) {
    const near = skipStrips(data, start, strip, at, flip, limit);
    alone -= window;
    // Where hits are everywhere, side by side is no gain.
    const stop = alone < 0 ? strip : Math.min(near + window, strip);
    // Each strip has its part of `cells`, as long as if all of its cells were found.
    for (let index = 0; index < stripCount; index++) {
      const first = count + index * stripCells;
      const last = first + counts[index]!;
      const from = start + index * strip;
      // The last cell that was found may reach into this window.
      const seen = last === first ? 0 : start + (cells[last - 1]! - firstCell + 1) * channels;
      const begin = Math.max(from + near, seen);
      counts[index] =
        findInRow(data, start, begin, from + stop, channels, flip, limit, firstCell, cells, last) - first;
    }
    at = stop;
  }
  let found = count + counts[0]!;
  for (let index = 1; index < stripCount; index++) {
    const first = count + index * stripCells;
    if (counts[index]! > 0) cells.copyWithin(found, first, first + counts[index]!);
    found += counts[index]!;
  }
  const rest = start + stripCount * strip;
  return findInRow(data, start, rest, end, channels, flip, limit, firstCell, cells, found);
}

/** The same of data[begin, end), element after element. */
function findInRow(
  data: SignedData,
  start: number,
  begin: number,
  end: number,
  channels: number,
  flip: number,
  limit: number,
  firstCell: number,
  cells: Uint32Array,
  count: number,
): number {
  let at = begin;
  let found = count;
  for (;;) {
    at = skipBlocks(data, at, end - 7, flip, limit);
    while (at < end && (data[at] ^ flip) >= limit) at++;
    if (at >= end) return found;
    const cell = ((at - start) / channels) | 0;
    cells[found++] = firstCell + cell;
    at = start + (cell + 1) * channels;
  }
}

/** Start of the first block of eight with an element below the limit, from `start` in steps of eight. */
function skipBlocks(data: SignedData, start: number, end: number, flip: number, limit: number): number {
  let at = start;
  for (; at < end; at += 8) {
    if (
      (data[at] ^ flip) < limit ||
      (data[at + 1] ^ flip) < limit ||
      (data[at + 2] ^ flip) < limit ||
      (data[at + 3] ^ flip) < limit ||
      (data[at + 4] ^ flip) < limit ||
      (data[at + 5] ^ flip) < limit ||
      (data[at + 6] ^ flip) < limit ||
      (data[at + 7] ^ flip) < limit
    ) {
      return at;
    }
  }
  return at;
}

/**
 * The first place, from `begin` in steps of four, where one of the strips has one of four elements below the limit; all
 * strips begin `strip` elements apart. Where there is none, as many elements as are left of a strip are not looked at.
 *
 * Most of decoding is spent here: see docs/performance.md for what was measured.
 */
function skipStrips(
  data: SignedData,
  start: number,
  strip: number,
  begin: number,
  flip: number,
  limit: number,
): number {
  const s1 = start + strip;
  const s2 = s1 + strip;
  const s3 = s2 + strip;
  const s4 = s3 + strip;
  const s5 = s4 + strip;
  const s6 = s5 + strip;
  const s7 = s6 + strip;
  let at = begin;
  for (; at < strip - 3; at += 4) {
    if (
      (data[start + at] ^ flip) < limit ||
      (data[start + at + 1] ^ flip) < limit ||
      (data[start + at + 2] ^ flip) < limit ||
      (data[start + at + 3] ^ flip) < limit ||
      (data[s1 + at] ^ flip) < limit ||
      (data[s1 + at + 1] ^ flip) < limit ||
      (data[s1 + at + 2] ^ flip) < limit ||
      (data[s1 + at + 3] ^ flip) < limit ||
      (data[s2 + at] ^ flip) < limit ||
      (data[s2 + at + 1] ^ flip) < limit ||
      (data[s2 + at + 2] ^ flip) < limit ||
      (data[s2 + at + 3] ^ flip) < limit ||
      (data[s3 + at] ^ flip) < limit ||
      (data[s3 + at + 1] ^ flip) < limit ||
      (data[s3 + at + 2] ^ flip) < limit ||
      (data[s3 + at + 3] ^ flip) < limit ||
      (data[s4 + at] ^ flip) < limit ||
      (data[s4 + at + 1] ^ flip) < limit ||
      (data[s4 + at + 2] ^ flip) < limit ||
      (data[s4 + at + 3] ^ flip) < limit ||
      (data[s5 + at] ^ flip) < limit ||
      (data[s5 + at + 1] ^ flip) < limit ||
      (data[s5 + at + 2] ^ flip) < limit ||
      (data[s5 + at + 3] ^ flip) < limit ||
      (data[s6 + at] ^ flip) < limit ||
      (data[s6 + at + 1] ^ flip) < limit ||
      (data[s6 + at + 2] ^ flip) < limit ||
      (data[s6 + at + 3] ^ flip) < limit ||
      (data[s7 + at] ^ flip) < limit ||
      (data[s7 + at + 1] ^ flip) < limit ||
      (data[s7 + at + 2] ^ flip) < limit ||
      (data[s7 + at + 3] ^ flip) < limit
    ) {
      return at;
    }
  }
  return at;
}
