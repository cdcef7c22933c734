import type { Settings } from '../config/settings.js';
import type { FrameHeader } from '../core/frame.js';
import type { FrameResult } from '../core/result.js';
import { CdrWriter } from '../messages/cdrWriter.js';
import { writeDetections } from '../messages/detections.js';
import { writeJpegImage, writeRgbImage } from '../messages/image.js';
import { writeMasks } from '../messages/masks.js';
import type { RosNode, RosPublisher } from './rcl.js';

const reliable = { depth: 1, reliability: 'reliable', durability: 'volatile' } as const;

/** The node's result topics; each is made only while somebody subscribes and its switch is on. */
export class Outputs {
  readonly #detections: RosPublisher;
  readonly #masks: RosPublisher;
  readonly #overlay: RosPublisher;
  readonly #overlayCompressed: RosPublisher;
  readonly #writer = new CdrWriter();
  readonly #settings: () => Settings;

  /** Creates the publishers; throws TransportError when the middleware refuses one. */
  constructor(node: RosNode, settings: () => Settings) {
    this.#settings = settings;
    this.#detections = node.createPublisher('vision_msgs/msg/Detection2DArray', '~/detections', reliable);
    this.#masks = node.createPublisher('rdk_yolo_seg_msgs/msg/InstanceMaskArray', '~/masks', reliable);
    this.#overlay = node.createPublisher('sensor_msgs/msg/Image', '~/overlay', reliable);
    this.#overlayCompressed = node.createPublisher(
      'sensor_msgs/msg/CompressedImage',
      '~/overlay/compressed',
      reliable,
    );
  }

  get overlayWanted(): { readonly raw: boolean; readonly jpeg: boolean } {
    const on = this.#settings().publishOverlay;
    return {
      raw: on && this.#overlay.subscriptionCount() > 0,
      jpeg: on && this.#overlayCompressed.subscriptionCount() > 0,
    };
  }

  publishResult(result: FrameResult, classNames: readonly string[]): void {
    const { publishDetections, publishMasks, maskEncoding, classIdText } = this.#settings();
    const text = { classNames, classIdText };
    if (publishDetections && this.#detections.subscriptionCount() > 0) {
      this.#detections.publishRaw(writeDetections(this.#writer, result, text));
    }
    if (publishMasks && this.#masks.subscriptionCount() > 0) {
      this.#masks.publishRaw(writeMasks(this.#writer, result, { ...text, encoding: maskEncoding }));
    }
  }

  /** @param rgb [heightPx * widthPx * 3] bytes, packed rows. */
  publishOverlay(header: FrameHeader, widthPx: number, heightPx: number, rgb: Uint8Array): void {
    this.#overlay.publishRaw(writeRgbImage(this.#writer, header, { widthPx, heightPx, rgb }));
  }

  publishCompressedOverlay(header: FrameHeader, jpeg: Uint8Array): void {
    this.#overlayCompressed.publishRaw(writeJpegImage(this.#writer, header, jpeg));
  }

  close(): void {
    for (const publisher of [this.#detections, this.#masks, this.#overlay, this.#overlayCompressed]) {
      publisher.destroy();
    }
  }
}
