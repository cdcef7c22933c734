import type { ParameterValues } from '../../config/schema.js';
import type { FrameHeader } from '../../core/frame.js';
import { limits } from '../../core/limits.js';
import type { PreviewRequest } from '../../core/ports.js';
import type { FrameResult } from '../../core/result.js';
import type { CdrWriter } from '../../messages/cdrWriter.js';
import { writeJpegImage, writeRgbImage } from '../../messages/image.js';
import { type OverlayImage, OverlayRenderer } from '../../render/overlay.js';
import type { OpenTopic, OutputCounters, OutputTopic } from '../../outputs/output.js';
import type { OutputMeans } from '../../outputs/switchedOutput.js';
import type { Output, ResultContext } from './output.js';
import { statusLine } from '../report.js';

/** `~/overlay` and `~/overlay/compressed`: decides which frames get one, has it drawn and publishes it. */
export class OverlayOutput implements Output {
  readonly #raw: OutputTopic;
  readonly #compressed: OutputTopic;
  readonly #values: () => ParameterValues;
  readonly #writer: CdrWriter;
  readonly #renderer: OverlayRenderer;
  #nextDueMs = 0;
  #errorCount = 0;

  /** @param onError An overlay could not be drawn; the next one is tried again. */
  constructor(openTopic: OpenTopic, { values, writer }: OutputMeans, onError: (error: unknown) => void) {
    this.#values = values;
    this.#writer = writer;
    this.#raw = openTopic('sensor_msgs/msg/Image', '~/overlay');
    this.#compressed = openTopic('sensor_msgs/msg/CompressedImage', '~/overlay/compressed');
    this.#renderer = new OverlayRenderer({
      onImage: (image) => this.publishImage(image),
      onError: (error) => {
        this.#errorCount++;
        onError(error);
      },
    });
  }

  /** Overlays that could not be drawn. */
  get errorCount(): number {
    return this.#errorCount;
  }

  /** The preview wanted of a frame; null where nobody watches or the rate limit says not yet. */
  previewRequest({ widthPx, heightPx }: FrameHeader): PreviewRequest | null {
    const nowMs = performance.now();
    if (nowMs < this.#nextDueMs) return null;
    if (!this.isWanted) return null;
    const { 'overlay.scale': scale, 'overlay.max_rate_hz': maxRateHz } = this.#values();
    // Due times keep the grid of the rate while frames come, so that jitter does not lower it.
    const periodMs = 1000 / maxRateHz;
    const isLate = nowMs - this.#nextDueMs > periodMs;
    this.#nextDueMs = (isLate ? nowMs : this.#nextDueMs) + periodMs;
    const gain = Math.min(scale, limits.overlaySidePx / Math.max(widthPx, heightPx));
    const scaled = (sizePx: number) => Math.max(2, Math.round((sizePx * gain) / 2) * 2);
    return { widthPx: scaled(widthPx), heightPx: scaled(heightPx) };
  }

  /** Has the frame drawn if it came with a preview; it is published when the worker is done. */
  publish({ header, instances, tracks, depths }: FrameResult, context: ResultContext): void {
    const { preview, model, recyclePreview } = context;
    if (preview === null) return;
    const { raw, jpeg } = this.#wanted;
    this.#renderer.submit({
      header,
      preview,
      onRecycle: recyclePreview,
      instances,
      tracks,
      distancesM: depths?.mediansM ?? null,
      classNames: model.classNames,
      statusLine: statusLine(context.snapshot()),
      raw,
      jpegQuality: jpeg ? this.#values()['overlay.jpeg_quality'] : null,
    });
  }

  /** Publishes a drawn overlay, in the forms that it has. */
  publishImage({ header, widthPx, heightPx, rgb, jpeg }: OverlayImage): void {
    if (rgb !== null) this.#raw.publish(writeRgbImage(this.#writer, header, { widthPx, heightPx, rgb }));
    if (jpeg !== null) this.#compressed.publish(writeJpegImage(this.#writer, header, jpeg));
  }

  /** Whether a picture would be published at once. */
  get isWanted(): boolean {
    const { raw, jpeg } = this.#wanted;
    return raw || jpeg;
  }

  get counters(): readonly OutputCounters[] {
    return [this.#raw.counters, this.#compressed.counters];
  }

  /** Ends the worker; what it draws at this moment is not published any more. */
  close(): void {
    void this.#renderer.close();
  }

  get #wanted(): { readonly raw: boolean; readonly jpeg: boolean } {
    const on = this.#values()['output.overlay'];
    return { raw: on && this.#raw.isWanted, jpeg: on && this.#compressed.isWanted };
  }
}
