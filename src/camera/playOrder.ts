/** How a sequence goes on after its last picture: back through it, or from the start. */
export type PlayOrder = 'pingpong' | 'loop';

/** Which of `count` pictures is the one number `index` (from 0) of an endless sequence. */
export function pictureAt(index: number, count: number, order: PlayOrder): number {
  if (order === 'loop' || count < 3) return index % count;
  // The turning points are shown once: 0 1 2 3 2 1 0 ...
  const period = 2 * count - 2;
  const place = index % period;
  return place < count ? place : period - place;
}
