/** Twice the signed area of a closed ring; positive where it runs clockwise on the picture (y down). */
export function signedRingAreaTwice(points: Float32Array, first: number, count: number): number {
  // Counted from the first point, so that far from the origin no digits are lost.
  const originX = points[first * 2];
  const originY = points[first * 2 + 1];
  let sum = 0;
  let lastX = 0;
  let lastY = 0;
  for (let at = first + 1; at < first + count; at++) {
    const x = points[at * 2] - originX;
    const y = points[at * 2 + 1] - originY;
    sum += lastX * y - x * lastY;
    lastX = x;
    lastY = y;
  }
  return sum;
}

/** Simplifies closed rings by the rule of Douglas and Peucker; scratch memory grows with the longest ring. */
export class RingSimplifier {
  /** x, y of the ring from one of its extreme points on; that point once more at the end. */
  #ring = new Float32Array(0);
  #kept = new Uint8Array(0);
  /** First and last points of the stretches that are still to be cut. */
  #pending = new Uint32Array(0);

  /**
   * Leaves out points of the ring `first` to `first + count - 1` of `points`, in place, none of which is farther
   * than `tolerancePx` from the ring that remains. Returns how many points remain.
   *
   * A ring so thin that it would lose its area or turn over keeps all of its points.
   */
  simplify(points: Float32Array, first: number, count: number, tolerancePx: number): number {
    if (count <= 3) return count;
    this.#reserve(count + 1);
    const source = points.subarray(first * 2, (first + count) * 2);
    const ring = this.#ring;
    // The two ends of a long diagonal are needed whatever the tolerance: the ring is cut there.
    const start = farthestFrom(source, 0, count);
    ring.set(source.subarray(start * 2));
    ring.set(source.subarray(0, start * 2), (count - start) * 2);
    ring[count * 2] = ring[0];
    ring[count * 2 + 1] = ring[1];
    const opposite = farthestFrom(ring, 0, count);
    this.#kept.fill(0, 0, count);
    this.#kept[0] = 1;
    this.#kept[opposite] = 1;
    this.#mark(0, opposite, tolerancePx);
    this.#mark(opposite, count, tolerancePx);
    const keptCount = this.#compact(count);
    const isUpright = signedRingAreaTwice(ring, 0, keptCount) * signedRingAreaTwice(source, 0, count) > 0;
    if (!isUpright) return count;
    source.set(ring.subarray(0, keptCount * 2));
    return keptCount;
  }

  #reserve(count: number): void {
    if (count <= this.#kept.length) return;
    const capacity = Math.max(count, this.#kept.length * 2);
    this.#ring = new Float32Array(capacity * 2);
    this.#kept = new Uint8Array(capacity);
    this.#pending = new Uint32Array(capacity * 2);
  }

  /** Marks the points between two kept ones that a line with this tolerance needs. */
  #mark(from: number, to: number, tolerancePx: number): void {
    const ring = this.#ring;
    const pending = this.#pending;
    const limit = tolerancePx * tolerancePx;
    pending[0] = from;
    pending[1] = to;
    for (let depth = 1; depth > 0; ) {
      depth--;
      const start = pending[depth * 2];
      const end = pending[depth * 2 + 1];
      const farthest = farthestFromSegment(ring, start, end, limit);
      if (farthest < 0) continue;
      this.#kept[farthest] = 1;
      pending[depth * 2] = start;
      pending[depth * 2 + 1] = farthest;
      pending[depth * 2 + 2] = farthest;
      pending[depth * 2 + 3] = end;
      depth += 2;
    }
  }

  /** Moves the kept points of the scratch ring together; returns how many there are. */
  #compact(count: number): number {
    const ring = this.#ring;
    let keptCount = 0;
    for (let at = 0; at < count; at++) {
      if (this.#kept[at] === 0) continue;
      ring[keptCount * 2] = ring[at * 2];
      ring[keptCount * 2 + 1] = ring[at * 2 + 1];
      keptCount++;
    }
    return keptCount;
  }
}

/** The point of a ring that lies farthest from its point `from`. */
function farthestFrom(ring: Float32Array, from: number, count: number): number {
  const x = ring[from * 2];
  const y = ring[from * 2 + 1];
  let farthest = from;
  let most = -1;
  for (let at = 0; at < count; at++) {
    const dx = ring[at * 2] - x;
    const dy = ring[at * 2 + 1] - y;
    const squared = dx * dx + dy * dy;
    if (squared > most) {
      most = squared;
      farthest = at;
    }
  }
  return farthest;
}

/**
 * The point between `start` and `end` farthest from the segment that joins the two; -1 if no squared distance
 * is above `limit`.
 */
function farthestFromSegment(ring: Float32Array, start: number, end: number, limit: number): number {
  const x1 = ring[start * 2];
  const y1 = ring[start * 2 + 1];
  const alongX = ring[end * 2] - x1;
  const alongY = ring[end * 2 + 1] - y1;
  const squaredLength = alongX * alongX + alongY * alongY;
  const perLength = squaredLength > 0 ? 1 / squaredLength : 0;
  let farthest = -1;
  let most = limit;
  for (let at = start + 1; at < end; at++) {
    const dx = ring[at * 2] - x1;
    const dy = ring[at * 2 + 1] - y1;
    const share = Math.min(Math.max((dx * alongX + dy * alongY) * perLength, 0), 1);
    const offX = dx - share * alongX;
    const offY = dy - share * alongY;
    const squared = offX * offX + offY * offY;
    if (squared > most) {
      most = squared;
      farthest = at;
    }
  }
  return farthest;
}
