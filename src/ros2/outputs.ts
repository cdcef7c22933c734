import type { Settings } from '../config/settings.js';
import type { FrameHeader } from '../core/frame.js';
import type { ModelInfo } from '../core/ports.js';
import type { FrameResult } from '../core/result.js';
import { CdrWriter } from '../messages/cdrWriter.js';
import { writeDetections } from '../messages/detections.js';
import { writeJpegImage, writeRgbImage } from '../messages/image.js';
import { writeMasks } from '../messages/masks.js';
import { LabelOutput } from './labelOutput.js';
import { type OutputCounters, OutputTopic } from './outputTopic.js';
import { PerceptionOutput } from './perceptionOutput.js';
import type { RosNode } from './rcl.js';

/** The node's result topics; each is made only while somebody subscribes and its switch is on. */
export class Outputs {
  readonly #detections: OutputTopic;
  readonly #masks: OutputTopic;
  readonly #labels: LabelOutput;
  readonly #perception: PerceptionOutput;
  readonly #overlay: OutputTopic;
  readonly #overlayCompressed: OutputTopic;
  readonly #writer = new CdrWriter();
  readonly #settings: () => Settings;

  /** Creates the publishers; throws TransportError when the middleware refuses one. */
  constructor(node: RosNode, settings: () => Settings) {
    this.#settings = settings;
    this.#detections = new OutputTopic(node, 'vision_msgs/msg/Detection2DArray', '~/detections');
    this.#masks = new OutputTopic(node, 'rdk_yolo_seg_msgs/msg/InstanceMaskArray', '~/masks');
    this.#labels = new LabelOutput(node, settings);
    this.#perception = new PerceptionOutput(node, settings);
    this.#overlay = new OutputTopic(node, 'sensor_msgs/msg/Image', '~/overlay');
    this.#overlayCompressed = new OutputTopic(
      node,
      'sensor_msgs/msg/CompressedImage',
      '~/overlay/compressed',
    );
  }

  get overlayWanted(): { readonly raw: boolean; readonly jpeg: boolean } {
    const on = this.#settings().publishOverlay;
    return {
      raw: on && this.#overlay.isWanted,
      jpeg: on && this.#overlayCompressed.isWanted,
    };
  }

  /** Whether contours would be published at once. */
  get contoursWanted(): boolean {
    const { publishMasks, maskContours } = this.#settings();
    return publishMasks && maskContours && this.#masks.isWanted;
  }

  /** Call when the model or the settings have changed: what late subscribers get as well is published anew. */
  announce({ classNames }: ModelInfo): void {
    this.#labels.announce(this.#writer, classNames);
  }

  publishResult(result: FrameResult, model: ModelInfo): void {
    const { classNames } = model;
    const { publishDetections, publishMasks, maskEncoding, maskContours, classIdText } = this.#settings();
    const text = { classNames, classIdText };
    if (publishDetections && this.#detections.isWanted) {
      this.#detections.publish(writeDetections(this.#writer, result, text));
    }
    if (publishMasks && this.#masks.isWanted) {
      const options = { ...text, encoding: maskEncoding, contours: maskContours };
      this.#masks.publish(writeMasks(this.#writer, result, options));
    }
    this.#labels.publish(this.#writer, result, classNames);
    this.#perception.publish(this.#writer, result, model);
  }

  /** @param rgb [heightPx * widthPx * 3] bytes, packed rows. */
  publishOverlay(header: FrameHeader, widthPx: number, heightPx: number, rgb: Uint8Array): void {
    this.#overlay.publish(writeRgbImage(this.#writer, header, { widthPx, heightPx, rgb }));
  }

  publishCompressedOverlay(header: FrameHeader, jpeg: Uint8Array): void {
    this.#overlayCompressed.publish(writeJpegImage(this.#writer, header, jpeg));
  }

  get counters(): readonly OutputCounters[] {
    return [
      this.#detections.counters,
      this.#masks.counters,
      this.#labels.counters,
      this.#perception.counters,
      this.#overlay.counters,
      this.#overlayCompressed.counters,
    ];
  }

  close(): void {
    this.#detections.close();
    this.#masks.close();
    this.#labels.close();
    this.#perception.close();
    this.#overlay.close();
    this.#overlayCompressed.close();
  }
}
