import type { SizePx } from '../core/geometry.js';
import type { Instances } from '../core/result.js';
import type { Rgb } from './palette.js';
import { blendRun, type RgbaPicture } from './picture.js';
import { erode, SpanRows, scaleMask } from './spanRows.js';

/**
 * Share of 256 of the mask's colour in its tinted area.
 *
 * @internal Exported for tests.
 */
export const tintWeight = 112;
/**
 * Share of 256 of the mask's colour on its outline.
 *
 * @internal Exported for tests.
 */
export const outlineWeight = 232;

/** Paints the ranges of `outer` as outline, but those of `inner` as tint; `inner` lies within `outer`. */
function blendMask({ pixels, widthPx }: RgbaPicture, outer: SpanRows, inner: SpanRows, colour: Rgb): void {
  for (let row = 0; row < outer.rowCount; row++) {
    const rowStart = (outer.firstYPx + row) * widthPx;
    const innerEnd = inner.starts[row + 1]!;
    let tinted = inner.starts[row]!;
    for (let span = outer.starts[row]!; span < outer.starts[row + 1]!; span++) {
      let at = rowStart + outer.columns[span * 2]!;
      const end = rowStart + outer.columns[span * 2 + 1]!;
      for (; tinted < innerEnd && rowStart + inner.columns[tinted * 2]! < end; tinted++) {
        const tintStart = rowStart + inner.columns[tinted * 2]!;
        const tintEnd = rowStart + inner.columns[tinted * 2 + 1]!;
        blendRun(pixels, at, tintStart, colour, outlineWeight);
        blendRun(pixels, tintStart, tintEnd, colour, tintWeight);
        at = tintEnd;
      }
      blendRun(pixels, at, end, colour, outlineWeight);
    }
  }
}

/**
 * Tints the masks of a frame on a picture of another size and draws their outlines inward.
 *
 * A pixel of the picture is tinted where the source pixel under its centre belongs to the mask. Works on ranges of
 * columns, so that cost beyond the blending follows the perimeter. Scratch memory is kept between calls.
 */
export class MaskPainter {
  readonly #outer = new SpanRows();
  #inner = new SpanRows();
  #spare = new SpanRows();

  /**
   * @param source Size of the frame the spans belong to.
   * @param colours One for each instance.
   * @param outlinePx Width of the outline; 0 draws none.
   */
  paint(
    picture: RgbaPicture,
    instances: Instances,
    source: SizePx,
    colours: readonly Rgb[],
    outlinePx: number,
  ): void {
    // The worst instance goes first, so that the best one lies on top.
    for (let index = instances.count - 1; index >= 0; index--) {
      scaleMask(instances, index, source, picture, this.#outer);
      let inner = this.#outer;
      for (let depth = 0; depth < outlinePx; depth++) {
        erode(inner, this.#spare);
        inner = this.#spare;
        this.#spare = this.#inner;
        this.#inner = inner;
      }
      blendMask(picture, this.#outer, inner, colours[index]!);
    }
  }
}
