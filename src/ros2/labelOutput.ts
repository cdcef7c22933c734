import type { Settings } from '../config/settings.js';
import type { FrameResult } from '../core/result.js';
import type { CdrWriter } from '../messages/cdrWriter.js';
import { writeLabelInfo } from '../messages/labelInfo.js';
import { writeLabelMap } from '../messages/labelMap.js';
import { type OutputCounters, OutputTopic } from './outputTopic.js';
import type { RosNode } from './rcl.js';

const latched = {
  depth: 1,
  reliability: 'reliable',
  durability: 'transient_local',
  history: 'keep_last',
} as const;

/** `~/label_map`, one for each frame, and `~/label_info`, which late subscribers get too. */
export class LabelOutput {
  readonly #map: OutputTopic;
  readonly #info: OutputTopic;
  readonly #settings: () => Settings;
  /** What was last published on `~/label_info`, as text. */
  #announced = '';

  constructor(node: RosNode, settings: () => Settings) {
    this.#settings = settings;
    this.#map = new OutputTopic(node, 'sensor_msgs/msg/Image', '~/label_map');
    this.#info = new OutputTopic(node, 'vision_msgs/msg/LabelInfo', '~/label_info', latched);
  }

  /** Publishes the names of the labels where they differ from those published before. */
  announce(writer: CdrWriter, classNames: readonly string[]): void {
    const { labelMap: kind, scoreThreshold, frameId } = this.#settings();
    if (kind === 'none' || !this.#info.isAvailable) return;
    const announced = JSON.stringify([kind, scoreThreshold, frameId, classNames]);
    if (announced === this.#announced) return;
    this.#announced = announced;
    const header = { stampNs: BigInt(Date.now()) * 1_000_000n, frameId };
    this.#info.publish(writeLabelInfo(writer, header, { kind, classNames, scoreThreshold }));
  }

  publish(writer: CdrWriter, result: FrameResult, classNames: readonly string[]): void {
    const { labelMap: kind } = this.#settings();
    if (kind === 'none' || !this.#map.isWanted) return;
    this.#map.publish(writeLabelMap(writer, result, { kind, classCount: classNames.length }));
  }

  /** Of the maps. */
  get counters(): OutputCounters {
    return this.#map.counters;
  }

  close(): void {
    this.#map.close();
    this.#info.close();
  }
}
