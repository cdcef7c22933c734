import type { Box } from '../core/geometry.js';
import type { Instances } from '../core/result.js';
import { type FrameTracks, trackIdOf } from '../core/tracks.js';
import { boxOf, maskRect, type RectPx } from '../core/spans.js';
import { fittingItems, type OverlaySizes, overlaySizes, placeLabel } from './layout.js';
import { MaskPainter } from './masks.js';
import { instanceColours, type Rgb, textColourOn } from './palette.js';
import { fillRect, pictureOf, type RgbaPicture, strokeRect } from './picture.js';
import { TextPainter } from './text.js';
import { drawTrails } from './trails.js';

/** What is drawn on a preview. */
export interface OverlayContent {
  readonly instances: Instances;
  /** Null where nothing is followed. */
  readonly tracks: FrameTracks | null;
  /** Size of the frame that boxes and spans belong to. */
  readonly sourceWidthPx: number;
  readonly sourceHeightPx: number;
  /** Index = class id. */
  readonly classNames: readonly string[];
  /** [count] metres, NaN where it is not known; null where no depth is known at all. */
  readonly distancesM: Float32Array | null;
  /** Items of the status line, most wanted first; none draws no line. */
  readonly statusLine: readonly string[];
}

const black: Rgb = [0, 0, 0];
const white: Rgb = [255, 255, 255];
/** Share of 256 by which the status line darkens what is under it. */
const statusWeight = 160;
/** The same for the rim around a box. */
const rimWeight = 110;

function drawBoxes(
  picture: RgbaPicture,
  boxes: readonly Box[],
  colours: readonly Rgb[],
  linePx: number,
): void {
  for (let i = boxes.length - 1; i >= 0; i--) {
    const rect = maskRect(boxes[i]!);
    const { xPx, yPx, widthPx, heightPx } = rect;
    // A dark rim keeps bright lines visible on bright ground.
    const rim = { xPx: xPx - 1, yPx: yPx - 1, widthPx: widthPx + 2, heightPx: heightPx + 2 };
    strokeRect(picture, rim, black, 1, rimWeight);
    strokeRect(picture, rect, colours[i]!, linePx);
  }
}

/** Behind a label; empty where the distance is not known. */
function distanceText(distanceM = Number.NaN): string {
  return Number.isNaN(distanceM) ? '' : ` ${distanceM.toFixed(2)} m`;
}

/** Draws overlays one after the other; keeps its scratch memory. */
export class OverlayPainter {
  readonly #masks = new MaskPainter();
  readonly #text = new TextPainter();

  /**
   * Draws masks, boxes, trails, labels and status line into a preview, in place.
   *
   * @param rgba [heightPx * widthPx * 4] packed RGBA rows. Throws RangeError on another length.
   */
  paint(rgba: Uint8Array, widthPx: number, heightPx: number, content: OverlayContent): void {
    const picture = pictureOf(rgba, widthPx, heightPx);
    const sizes = overlaySizes(widthPx, heightPx);
    const { instances, tracks } = content;
    const colours = instanceColours(instances, tracks);
    const source = { widthPx: content.sourceWidthPx, heightPx: content.sourceHeightPx };
    const scaleX = widthPx / source.widthPx;
    const scaleY = heightPx / source.heightPx;
    const boxes = Array.from({ length: instances.count }, (_, i) => {
      const { x1, y1, x2, y2 } = boxOf(instances, i);
      return { x1: x1 * scaleX, y1: y1 * scaleY, x2: x2 * scaleX, y2: y2 * scaleY };
    });
    this.#masks.paint(picture, instances, source, colours, sizes.outlinePx);
    drawBoxes(picture, boxes, colours, sizes.boxLinePx);
    if (tracks?.trails) drawTrails(picture, tracks.trails, source, colours, sizes.boxLinePx);
    const barPx = this.#drawStatus(picture, content.statusLine, sizes);
    const area = { xPx: 0, yPx: barPx, widthPx, heightPx: heightPx - barPx };
    this.#drawLabels(picture, area, boxes, content, colours, sizes);
  }

  #drawLabels(
    picture: RgbaPicture,
    area: RectPx,
    boxes: readonly Box[],
    { instances, tracks, classNames, distancesM }: OverlayContent,
    colours: readonly Rgb[],
    { fontPx, paddingPx }: OverlaySizes,
  ): void {
    const taken: RectPx[] = [];
    const texts = boxes.map((box, i) => {
      const name = classNames[instances.classIds[i]!] ?? String(instances.classIds[i]);
      const trackId = trackIdOf(tracks, i);
      const text = `${trackId > 0 ? `#${trackId} ` : ''}${name} ${instances.scores[i]!.toFixed(2)}${distanceText(distancesM?.[i])}`;
      const size = {
        widthPx: this.#text.measurePx(text, 'OverlayLabel', fontPx) + 2 * paddingPx,
        heightPx: fontPx + paddingPx,
      };
      taken.push(placeLabel(size, box, area, taken));
      return text;
    });
    // Where a crowd leaves no free place, the label of the better score stays whole.
    for (let i = boxes.length - 1; i >= 0; i--) {
      const tag = taken[i]!;
      fillRect(picture, tag, colours[i]!);
      const textPlace = { ...tag, xPx: tag.xPx + paddingPx };
      const textColour = textColourOn(colours[i]!) === 'black' ? black : white;
      this.#text.draw(picture, texts[i]!, 'OverlayLabel', fontPx, textPlace, textColour);
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
