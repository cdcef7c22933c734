import type { Instances } from '../core/result.js';
import { boxOf, maskRect, type RectPx } from '../core/spans.js';
import { fittingItems, type OverlaySizes, overlaySizes, placeLabel } from './layout.js';
import { MaskPainter } from './masks.js';
import { instanceColour, type Rgb, textColourOn } from './palette.js';
import { fillRect, type RgbaPicture, strokeRect } from './picture.js';
import { TextPainter } from './text.js';

/** What is drawn on a preview. */
export interface OverlayContent {
  readonly instances: Instances;
  /** Size of the frame that boxes and spans belong to. */
  readonly sourceWidthPx: number;
  readonly sourceHeightPx: number;
  /** Index = class id. */
  readonly classNames: readonly string[];
  /** Items of the status line, most wanted first; none draws no line. */
  readonly statusLine: readonly string[];
}

const black: Rgb = [0, 0, 0];
const white: Rgb = [255, 255, 255];
/** Share of 256 by which the status line darkens what is under it. */
const statusWeight = 160;

function coloursOf({ count, classIds }: Instances): Rgb[] {
  const ordinals = new Map<number, number>();
  return Array.from({ length: count }, (_, i) => {
    const classId = classIds[i]!;
    const ordinal = ordinals.get(classId) ?? 0;
    ordinals.set(classId, ordinal + 1);
    return instanceColour(classId, ordinal);
  });
}

/** Draws overlays one after the other; keeps its scratch memory. */
export class OverlayPainter {
  readonly #masks = new MaskPainter();
  readonly #text = new TextPainter();

  /**
   * Draws masks, boxes, labels and status line into a preview.
   *
   * @param rgba [heightPx * widthPx * 4] packed RGBA rows. Throws RangeError on another length.
   */
  paint(rgba: Uint8Array, widthPx: number, heightPx: number, content: OverlayContent): void {
    const neededBytes = widthPx * heightPx * 4;
    if (rgba.length !== neededBytes) {
      throw new RangeError(
        `preview has ${rgba.length} bytes; ${widthPx} x ${heightPx} RGBA needs ${neededBytes}`,
      );
    }
    const picture = { widthPx, heightPx, rgba };
    const sizes = overlaySizes(heightPx);
    const colours = coloursOf(content.instances);
    const { instances, sourceWidthPx, sourceHeightPx } = content;
    this.#masks.paint(picture, instances, sourceWidthPx, sourceHeightPx, colours, sizes.outlinePx);
    const statusHeightPx = this.#drawStatus(picture, content.statusLine, sizes);
    this.#drawBoxes(picture, content, colours, sizes, statusHeightPx);
  }

  #drawBoxes(
    picture: RgbaPicture,
    { instances, classNames, sourceWidthPx, sourceHeightPx }: OverlayContent,
    colours: readonly Rgb[],
    sizes: OverlaySizes,
    statusHeightPx: number,
  ): void {
    const scaleX = picture.widthPx / sourceWidthPx;
    const scaleY = picture.heightPx / sourceHeightPx;
    const boxes = Array.from({ length: instances.count }, (_, i) => {
      const { x1, y1, x2, y2 } = boxOf(instances, i);
      return { x1: x1 * scaleX, y1: y1 * scaleY, x2: x2 * scaleX, y2: y2 * scaleY };
    });
    for (let i = boxes.length - 1; i >= 0; i--) {
      strokeRect(picture, maskRect(boxes[i]!), colours[i]!, sizes.boxLinePx);
    }
    const taken: RectPx[] = [{ xPx: 0, yPx: 0, widthPx: picture.widthPx, heightPx: statusHeightPx }];
    for (let i = 0; i < boxes.length; i++) {
      const name = classNames[instances.classIds[i]!] ?? String(instances.classIds[i]);
      const text = `${name} ${instances.scores[i]!.toFixed(2)}`;
      const size = {
        widthPx: this.#text.measurePx(text, 'OverlayLabel', sizes.fontPx) + 2 * sizes.paddingPx,
        heightPx: sizes.fontPx + sizes.paddingPx,
      };
      const tag = placeLabel(size, boxes[i]!, picture, taken);
      taken.push(tag);
      fillRect(picture, tag, colours[i]!);
      const textPlace = { ...tag, xPx: tag.xPx + sizes.paddingPx };
      const textColour = textColourOn(colours[i]!) === 'black' ? black : white;
      this.#text.draw(picture, text, 'OverlayLabel', sizes.fontPx, textPlace, textColour);
    }
  }

  /** Returns the height of the bar, 0 where there is none. */
  #drawStatus(picture: RgbaPicture, items: readonly string[], sizes: OverlaySizes): number {
    if (items.length === 0) return 0;
    const { statusFontPx, paddingPx } = sizes;
    const bar = { xPx: 0, yPx: 0, widthPx: picture.widthPx, heightPx: statusFontPx + 2 * paddingPx };
    const roomPx = picture.widthPx - 2 * paddingPx;
    const fits = (text: string) => this.#text.measurePx(text, 'OverlayStatus', statusFontPx) <= roomPx;
    fillRect(picture, bar, black, statusWeight);
    const text = fittingItems(items, '  |  ', fits);
    this.#text.draw(picture, text, 'OverlayStatus', statusFontPx, { ...bar, xPx: paddingPx }, white);
    return bar.heightPx;
  }
}
