/** One picture as the camera sends it. */
export interface CameraPicture {
  /** File name, for an NV12 file with the number of the frame in it: `walk.nv12#3`. */
  readonly name: string;
  /** [heightPx * 3 / 2 * widthPx] packed NV12. */
  readonly nv12: Uint8Array;
}

/** A picture where others may have another size. */
export interface SizedPicture extends CameraPicture {
  readonly widthPx: number;
  readonly heightPx: number;
}

/** Everything a camera plays, converted and in memory. */
export interface CameraFrames {
  readonly widthPx: number;
  readonly heightPx: number;
  readonly pictures: readonly CameraPicture[];
  /** How many pictures the source has; more than `pictures` where memory did not suffice. */
  readonly available: number;
  /** What lies beside the pictures and is not played; null if nothing does. */
  readonly leftOut: string | null;
}

/** Pictures beyond this are left out: a camera must not take the memory of the node it feeds. */
export const memoryLimitBytes = 512 * 1024 * 1024;

/** Bytes of a packed NV12 picture; sides must be even. */
export function nv12Bytes(widthPx: number, heightPx: number): number {
  return (widthPx * heightPx * 3) / 2;
}

/** How many frames of this size fit into `memoryLimitBytes`; at least one. */
export function framesInMemory(widthPx: number, heightPx: number): number {
  return Math.max(1, Math.floor(memoryLimitBytes / nv12Bytes(widthPx, heightPx)));
}

/** How a sequence goes on after its last picture: back through it, or from the start. */
export const playOrders = ['pingpong', 'loop'] as const;

/** One of them. */
export type PlayOrder = (typeof playOrders)[number];

/** Which of `count` pictures is the one number `index` (from 0) of an endless sequence. */
export function pictureAt(index: number, count: number, order: PlayOrder): number {
  if (order === 'loop' || count < 3) return index % count;
  // The turning points are shown once: 0 1 2 3 2 1 0 ...
  const period = 2 * count - 2;
  const place = index % period;
  return place < count ? place : period - place;
}
