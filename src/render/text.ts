import { createRequire } from 'node:module';
import { type Canvas, createCanvas, GlobalFonts, type SKRSContext2D } from '@napi-rs/canvas';
import type { Rgb } from './palette.js';
import { blendRun, type RgbaPicture } from './picture.js';

const { resolve } = createRequire(import.meta.url);
// Robots have no fonts installed: these come with the package.
GlobalFonts.registerFromPath(resolve('dejavu-fonts-ttf/ttf/DejaVuSans-Bold.ttf'), 'OverlayLabel');
GlobalFonts.registerFromPath(resolve('dejavu-fonts-ttf/ttf/DejaVuSansMono.ttf'), 'OverlayStatus');

/** Faces of the package's own fonts. */
export type FontFace = 'OverlayLabel' | 'OverlayStatus';

/** From the middle of a line down to its baseline, as a share of the font's size; looks centred with descenders. */
const baselineShare = 0.33;

/**
 * Draws lines of text by way of a canvas just large enough for one: reading back a canvas of the whole picture
 * costs 20 ms at 1080p, a label 0.06 ms. Each face has its own, as a label read back by way of the status line's
 * takes 0.5 ms.
 */
export class TextPainter {
  readonly #canvases: Record<FontFace, Canvas> = {
    OverlayLabel: createCanvas(64, 16),
    OverlayStatus: createCanvas(64, 16),
  };

  /** Width of a line in pixels. */
  measurePx(text: string, face: FontFace, fontPx: number): number {
    return Math.ceil(this.#context(face, fontPx).measureText(text).width);
  }

  /** Draws a line with its left edge at `xPx`, centred in the `heightPx` rows from `yPx`; clipped to the picture. */
  draw(
    picture: RgbaPicture,
    text: string,
    face: FontFace,
    fontPx: number,
    place: { readonly xPx: number; readonly yPx: number; readonly heightPx: number },
    colour: Rgb,
  ): void {
    const widthPx = Math.min(this.measurePx(text, face, fontPx) + 2, picture.widthPx - place.xPx);
    const heightPx = Math.min(place.heightPx, picture.heightPx - place.yPx);
    if (widthPx <= 0 || heightPx <= 0) return;
    const canvas = this.#canvasFor(face, widthPx, heightPx);
    const context = this.#context(face, fontPx);
    // White on opaque black: each channel is the share of the pixel that the letters cover.
    context.fillStyle = 'black';
    context.fillRect(0, 0, canvas.width, canvas.height);
    context.fillStyle = 'white';
    context.fillText(text, 0, Math.round(place.heightPx / 2 + fontPx * baselineShare));
    const coverage = canvas.data();
    for (let y = 0; y < heightPx; y++) {
      let from = y * canvas.width * 4;
      let to = (place.yPx + y) * picture.widthPx + place.xPx;
      for (const end = to + widthPx; to < end; to++, from += 4) {
        const share = coverage[from]!;
        if (share > 0) blendRun(picture.pixels, to, to + 1, colour, share + (share >> 7));
      }
    }
  }

  #canvasFor(face: FontFace, widthPx: number, heightPx: number): Canvas {
    const canvas = this.#canvases[face];
    if (canvas.width >= widthPx && canvas.height >= heightPx) return canvas;
    this.#canvases[face] = createCanvas(Math.max(canvas.width, widthPx), Math.max(canvas.height, heightPx));
    return this.#canvases[face];
  }

  #context(face: FontFace, fontPx: number): SKRSContext2D {
    const context = this.#canvases[face].getContext('2d');
    context.font = `${fontPx}px ${face}`;
    return context;
  }
}
