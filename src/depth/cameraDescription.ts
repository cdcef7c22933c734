import type { SizePx } from '../core/geometry.js';
import type { CameraInfoFields } from './pinhole.js';

const isSameSize = (a: SizePx, b: SizePx) => a.widthPx === b.widthPx && a.heightPx === b.heightPx;
const show = ({ widthPx, heightPx }: SizePx) => `${widthPx} x ${heightPx}`;

/**
 * What a camera says of itself, and which pictures that is true of.
 *
 * camera_info may be of another size than its pictures, but only than those it comes with: when pictures change their size, the
 * camera may show another part than before, and what was said of the old ones would give wrong places without any sign of it.
 */
export class CameraDescription {
  /** Names the pictures in messages: `depth picture`. */
  readonly #what: string;
  #info: CameraInfoFields | null = null;
  #picturePx: SizePx | null = null;
  /** Of the pictures that the info came with; null until one has come. */
  #describedPx: SizePx | null = null;

  constructor(what: string) {
    this.#what = what;
  }

  /** The last; null until one has come. */
  get info(): CameraInfoFields | null {
    return this.#info;
  }

  /** Whether there is one, and it is true of the last picture. */
  get isUpToDate(): boolean {
    return this.#info !== null && (this.#picturePx === null || this.whyUnfit(this.#picturePx) === null);
  }

  /** Takes a camera_info. One of a new size belongs to pictures that are yet to come, unless they have its size. */
  tell(info: CameraInfoFields): void {
    const isOfNewSize = this.#info !== null && !isSameSize(this.#info, info);
    this.#info = info;
    this.#describedPx = isOfNewSize ? null : this.#picturePx;
  }

  /** Takes the size of a picture, in the order of their coming. */
  see(picture: SizePx): void {
    const { widthPx, heightPx } = picture;
    this.#picturePx = { widthPx, heightPx };
    this.#describedPx ??= this.#picturePx;
  }

  /** Why the info says nothing of a picture of this size, with both sizes; null where it does, and where there is none. */
  whyUnfit(picture: SizePx): string | null {
    const info = this.#info;
    if (info === null || isSameSize(info, picture)) return null;
    const of = this.#describedPx;
    if (of !== null && isSameSize(of, picture)) return null;
    const before = of === null ? 'no picture has come since' : `it came with pictures of ${show(of)}`;
    return `the ${this.#what} is ${show(picture)}, but the last camera_info is of ${show(info)} and ${before}: one that comes with pictures of ${show(picture)} is waited for`;
  }
}
