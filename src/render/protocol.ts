import type { OverlayContent } from './draw.js';

/** A preview that the worker is to paint over. */
export interface DrawRequest {
  /** [heightPx, widthPx, 4] the preview; transferred to the worker, and back with the answer. */
  readonly rgba: ArrayBuffer;
  readonly widthPx: number;
  readonly heightPx: number;
  readonly content: OverlayContent;
  /** Wants the picture as packed RGB bytes. */
  readonly raw: boolean;
  /** Wants the picture as a JPEG file of this quality. */
  readonly jpegQuality: number | null;
}

/** The picture in the forms that were asked for. */
export interface DrawnPicture {
  readonly rgb: Uint8Array<ArrayBuffer> | null;
  readonly jpeg: Uint8Array<ArrayBuffer> | null;
}
