import type { OverlayContent } from './draw.js';

/** One picture to draw; the preview moves to the worker and back with the answer. */
export interface DrawRequest {
  readonly id: number;
  readonly rgba: ArrayBuffer;
  readonly widthPx: number;
  readonly heightPx: number;
  readonly content: OverlayContent;
  /** Wants the picture as packed RGB bytes. */
  readonly raw: boolean;
  /** Wants the picture as a JPEG file of this quality. */
  readonly jpegQuality: number | null;
}

export type DrawAnswer =
  | {
      readonly id: number;
      readonly rgba: ArrayBuffer;
      readonly rgb: Uint8Array | null;
      readonly jpeg: Uint8Array | null;
    }
  | { readonly id: number; readonly rgba: ArrayBuffer; readonly failure: string };
