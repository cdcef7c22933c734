import type { Settings } from '../config/settings.js';
import type { FrameHeader } from '../core/frame.js';
import type { PreviewRequest } from '../core/ports.js';
import type { FrameResult, PreviewImage } from '../core/result.js';
import type { PipelineSnapshot } from '../pipeline/stats.js';
import { OverlayRenderer } from '../render/overlay.js';
import type { Outputs } from './outputs.js';
import { statusLine } from './report.js';

export interface OverlayOutputOptions {
  readonly recycle: (rgba: ArrayBuffer) => void;
  readonly onError: (error: unknown) => void;
}

/** Decides which frames get an overlay, has it drawn and publishes it. */
export class OverlayOutput {
  readonly #outputs: Outputs;
  readonly #settings: () => Settings;
  readonly #renderer: OverlayRenderer;
  #nextDueMs = 0;
  #errorCount = 0;

  constructor(outputs: Outputs, settings: () => Settings, { recycle, onError }: OverlayOutputOptions) {
    this.#outputs = outputs;
    this.#settings = settings;
    this.#renderer = new OverlayRenderer({
      onRecycle: recycle,
      onError: (error) => {
        this.#errorCount++;
        onError(error);
      },
      onImage: ({ header, widthPx, heightPx, rgb, jpeg }) => {
        if (rgb !== null) outputs.publishOverlay(header, widthPx, heightPx, rgb);
        if (jpeg !== null) outputs.publishCompressedOverlay(header, jpeg);
      },
    });
  }

  get errorCount(): number {
    return this.#errorCount;
  }

  /** The preview wanted of a frame; null where nobody watches or the rate limit says not yet. */
  previewRequest({ widthPx, heightPx }: FrameHeader): PreviewRequest | null {
    const nowMs = performance.now();
    if (nowMs < this.#nextDueMs) return null;
    const { raw, jpeg } = this.#outputs.overlayWanted;
    if (!raw && !jpeg) return null;
    const { overlayScale, overlayMaxRateHz } = this.#settings();
    // Due times keep the grid of the rate while frames come, so that jitter does not lower it.
    const periodMs = 1000 / overlayMaxRateHz;
    const isLate = nowMs - this.#nextDueMs > periodMs;
    this.#nextDueMs = (isLate ? nowMs : this.#nextDueMs) + periodMs;
    const scaled = (sizePx: number) => Math.max(2, Math.round((sizePx * overlayScale) / 2) * 2);
    return { widthPx: scaled(widthPx), heightPx: scaled(heightPx) };
  }

  submit(
    { header, instances }: FrameResult,
    preview: PreviewImage,
    classNames: readonly string[],
    snapshot: PipelineSnapshot,
  ): void {
    const { raw, jpeg } = this.#outputs.overlayWanted;
    this.#renderer.submit({
      header,
      preview,
      instances,
      classNames,
      statusLine: statusLine(snapshot),
      raw,
      jpegQuality: jpeg ? this.#settings().overlayJpegQuality : null,
    });
  }

  /** Ends the worker; what it draws at this moment is not published any more. */
  close(): Promise<void> {
    return this.#renderer.close();
  }
}
