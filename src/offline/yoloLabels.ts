import type { Ring, SegmentedPicture } from './segmented.js';

interface Point {
  readonly x: number;
  readonly y: number;
}

function pointsOf({ points }: Ring): Point[] {
  return Array.from({ length: points.length / 2 }, (_, i) => ({ x: points[i * 2]!, y: points[i * 2 + 1]! }));
}

/** Where two outlines come nearest: a point of each, by number. */
function nearest(a: readonly Point[], b: readonly Point[]): [number, number] {
  let best: [number, number] = [0, 0];
  let least = Infinity;
  a.forEach((one, i) => {
    b.forEach((other, j) => {
      const distance = (one.x - other.x) ** 2 + (one.y - other.y) ** 2;
      if (distance >= least) return;
      least = distance;
      best = [i, j];
    });
  });
  return best;
}

/** Turns a closed outline so that it begins, and ends once more, with one of its points. */
function loopFrom(outline: readonly Point[], first: number): Point[] {
  return [...outline.slice(first), ...outline.slice(0, first), outline[first]!];
}

/** One outline around all parts of a mask, joined where they come nearest by a bridge without width. */
function joined(parts: readonly Point[][]): Point[] {
  const [first = [], ...others] = parts;
  let outline = first;
  for (const part of others) {
    const [from, to] = nearest(outline, part);
    outline = [...outline.slice(0, from + 1), ...loopFrom(part, to), ...outline.slice(from)];
  }
  return outline;
}

/**
 * The text of a label file as YOLO segmentation is trained with: a line per instance, its class and one outline, x and y as
 * shares of width and height. The parts of a mask are joined by bridges without width; holes are filled.
 */
export function yoloLabels({ header, instances }: SegmentedPicture): string {
  const { widthPx, heightPx } = header;
  return instances
    .flatMap(({ classId, rings }) => {
      const outline = joined(rings.filter(({ isHole }) => !isHole).map(pointsOf));
      if (outline.length === 0) return [];
      const shares = outline.flatMap(({ x, y }) => [x / widthPx, y / heightPx]);
      return [`${classId} ${shares.map((share) => share.toFixed(6)).join(' ')}\n`];
    })
    .join('');
}
