import type { SizePx } from '../core/geometry.js';
import type { FrameResult, PreviewImage } from '../core/result.js';
import { type OverlayWorker, overlayScript, startOverlayWorker } from '../render/overlayLink.js';

const jpegQuality = 90;

/** Draws overlays of whole pictures in a thread of its own; every one of them, where the node draws the latest. */
export class Overlays {
  readonly #worker: OverlayWorker;
  readonly #opening: Promise<null>;
  readonly #classNames: readonly string[];

  /** @param classNames Index = class id. */
  constructor(classNames: readonly string[]) {
    const { worker, opening } = startOverlayWorker({ script: overlayScript, holdsProcess: true });
    // Told to whoever draws first.
    opening.catch(() => {});
    this.#worker = worker;
    this.#opening = opening;
    this.#classNames = classNames;
  }

  /** A JPEG of the picture with its instances; the preview's bytes go back through `recycle`. */
  async draw(
    { header, instances, tracks }: Pick<FrameResult, 'instances' | 'tracks'> & { readonly header: SizePx },
    preview: PreviewImage,
    recycle: (rgba: ArrayBuffer) => void,
  ): Promise<Uint8Array> {
    await this.#opening;
    const content = {
      instances,
      tracks,
      sourceWidthPx: header.widthPx,
      sourceHeightPx: header.heightPx,
      classNames: this.#classNames,
      distancesM: null,
      statusLine: [],
    };
    const { jpeg } = await this.#worker.run(
      { ...preview, content, raw: false, jpegQuality },
      [preview.rgba],
      ([rgba]) => {
        if (rgba !== undefined) recycle(rgba);
      },
    );
    return jpeg!;
  }

  /** Ends the thread at once. */
  async close(): Promise<void> {
    await this.#worker.terminate();
  }
}
