import { createRequire } from 'node:module';
import { type Canvas, createCanvas, GlobalFonts, ImageData, type SKRSContext2D } from '@napi-rs/canvas';
import type { Instances } from '../core/result.js';
import type { RectPx } from '../core/spans.js';
import { fittingItems, type OverlaySizes, overlaySizes, placeLabel } from './layout.js';
import { MaskPainter } from './masks.js';
import { instanceColour, type Rgb, textColourOn } from './palette.js';

const { resolve } = createRequire(import.meta.url);
// Robots have no fonts installed: these come with the package.
GlobalFonts.registerFromPath(resolve('dejavu-fonts-ttf/ttf/DejaVuSans-Bold.ttf'), 'OverlayLabel');
GlobalFonts.registerFromPath(resolve('dejavu-fonts-ttf/ttf/DejaVuSansMono.ttf'), 'OverlayStatus');

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

function css([red, green, blue]: Rgb): string {
  return `rgb(${red},${green},${blue})`;
}

function coloursOf({ count, classIds }: Instances): Rgb[] {
  const ordinals = new Map<number, number>();
  return Array.from({ length: count }, (_, i) => {
    const classId = classIds[i]!;
    const ordinal = ordinals.get(classId) ?? 0;
    ordinals.set(classId, ordinal + 1);
    return instanceColour(classId, ordinal);
  });
}

/** Draws overlays of one size after the other; keeps its canvas while the size stays. */
export class OverlayPainter {
  readonly #masks = new MaskPainter();
  #canvas: Canvas = createCanvas(1, 1);

  /**
   * Draws masks, boxes, labels and status line; returns the picture as [heightPx * widthPx * 4] RGBA bytes,
   * borrowed until the next call.
   *
   * @param rgba The preview, packed RGBA rows; the masks are painted into it. Throws RangeError on a wrong length.
   */
  paint(rgba: Uint8Array, widthPx: number, heightPx: number, content: OverlayContent): Uint8Array {
    if (rgba.length !== widthPx * heightPx * 4) {
      throw new RangeError(
        `preview has ${rgba.length} bytes; ${widthPx} x ${heightPx} RGBA needs ${widthPx * heightPx * 4}`,
      );
    }
    const sizes = overlaySizes(heightPx);
    const colours = coloursOf(content.instances);
    const { instances, sourceWidthPx, sourceHeightPx } = content;
    const picture = { widthPx, heightPx, rgba };
    this.#masks.paint(picture, instances, sourceWidthPx, sourceHeightPx, colours, sizes.outlinePx);
    if (this.#canvas.width !== widthPx || this.#canvas.height !== heightPx) {
      this.#canvas = createCanvas(widthPx, heightPx);
    }
    const context = this.#canvas.getContext('2d');
    const clamped = new Uint8ClampedArray(rgba.buffer, rgba.byteOffset, rgba.length);
    context.putImageData(new ImageData(clamped, widthPx, heightPx), 0, 0);
    const statusHeightPx = this.#drawStatus(context, widthPx, content.statusLine, sizes);
    this.#drawBoxes(context, widthPx, heightPx, content, colours, sizes, statusHeightPx);
    return this.#canvas.data();
  }

  #drawBoxes(
    context: SKRSContext2D,
    widthPx: number,
    heightPx: number,
    content: OverlayContent,
    colours: readonly Rgb[],
    sizes: OverlaySizes,
    statusHeightPx: number,
  ): void {
    const { instances, classNames } = content;
    const scaleX = widthPx / content.sourceWidthPx;
    const scaleY = heightPx / content.sourceHeightPx;
    const { boxesImage } = instances;
    const boxes = Array.from({ length: instances.count }, (_, i) => ({
      x1: boxesImage[i * 4]! * scaleX,
      y1: boxesImage[i * 4 + 1]! * scaleY,
      x2: boxesImage[i * 4 + 2]! * scaleX,
      y2: boxesImage[i * 4 + 3]! * scaleY,
    }));
    context.lineWidth = sizes.boxLinePx;
    context.lineJoin = 'round';
    for (let i = boxes.length - 1; i >= 0; i--) {
      const { x1, y1, x2, y2 } = boxes[i]!;
      context.strokeStyle = css(colours[i]!);
      context.strokeRect(x1, y1, x2 - x1, y2 - y1);
    }
    context.font = `${sizes.fontPx}px OverlayLabel`;
    context.textBaseline = 'middle';
    const taken: RectPx[] = [{ xPx: 0, yPx: 0, widthPx, heightPx: statusHeightPx }];
    for (let i = 0; i < boxes.length; i++) {
      const name = classNames[instances.classIds[i]!] ?? String(instances.classIds[i]);
      const text = `${name} ${instances.scores[i]!.toFixed(2)}`;
      const size = {
        widthPx: Math.ceil(context.measureText(text).width) + 2 * sizes.paddingPx,
        heightPx: sizes.fontPx + sizes.paddingPx,
      };
      const tag = placeLabel(size, boxes[i]!, { widthPx, heightPx }, taken);
      taken.push(tag);
      context.fillStyle = css(colours[i]!);
      context.fillRect(tag.xPx, tag.yPx, tag.widthPx, tag.heightPx);
      context.fillStyle = textColourOn(colours[i]!);
      context.fillText(text, tag.xPx + sizes.paddingPx, tag.yPx + tag.heightPx / 2);
    }
  }

  /** Returns the height of the bar, 0 where there is none. */
  #drawStatus(
    context: SKRSContext2D,
    widthPx: number,
    items: readonly string[],
    sizes: OverlaySizes,
  ): number {
    if (items.length === 0) return 0;
    const heightPx = sizes.statusFontPx + 2 * sizes.paddingPx;
    context.font = `${sizes.statusFontPx}px OverlayStatus`;
    context.textBaseline = 'middle';
    const roomPx = widthPx - 2 * sizes.paddingPx;
    const text = fittingItems(items, '  |  ', (candidate) => context.measureText(candidate).width <= roomPx);
    context.fillStyle = 'rgba(0,0,0,0.6)';
    context.fillRect(0, 0, widthPx, heightPx);
    context.fillStyle = 'white';
    context.fillText(text, sizes.paddingPx, heightPx / 2, roomPx);
    return heightPx;
  }
}
