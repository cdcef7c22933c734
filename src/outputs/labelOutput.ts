import { leastScoreOf } from '../config/options.js';
import type { ParameterValues } from '../config/schema.js';
import type { ModelInfo } from '../core/ports.js';
import type { FrameResult } from '../core/result.js';
import type { CdrWriter } from '../messages/cdrWriter.js';
import { writeLabelInfo } from '../messages/labelInfo.js';
import { writeLabelMap } from '../messages/labelMap.js';
import type { OpenTopic, OutputClock, OutputCounters, OutputTopic, ResultOutput } from './output.js';
import type { OutputMeans } from './switchedOutput.js';

const latched = {
  depth: 1,
  reliability: 'reliable',
  durability: 'transient_local',
  history: 'keep_last',
} as const;

/** `~/label_map`, one for each frame, and `~/label_info`, which late subscribers get too. */
export class LabelOutput implements ResultOutput {
  readonly #map: OutputTopic;
  readonly #info: OutputTopic;
  readonly #values: () => ParameterValues;
  readonly #frameId: () => string;
  readonly #writer: CdrWriter;
  readonly #clock: OutputClock;
  /** What was last published on `~/label_info`, as text. */
  #announced = '';

  constructor(openTopic: OpenTopic, { values, frameId, writer }: OutputMeans, clock: OutputClock) {
    this.#values = values;
    this.#frameId = frameId;
    this.#writer = writer;
    this.#clock = clock;
    this.#map = openTopic('sensor_msgs/msg/Image', '~/label_map');
    this.#info = openTopic('vision_msgs/msg/LabelInfo', '~/label_info', latched);
  }

  /** Publishes the names of the labels, to subscribers of now and later, where they differ from those published before. */
  announce({ classNames }: ModelInfo): void {
    const { 'output.label_map': kind } = this.#values();
    const scoreThreshold = leastScoreOf(this.#values());
    const frameId = this.#frameId();
    if (kind === 'none' || !this.#info.isAvailable) return;
    const announced = JSON.stringify([kind, scoreThreshold, frameId, classNames]);
    if (announced === this.#announced) return;
    const header = { stampNs: this.#clock.nowNs() ?? 0n, frameId };
    const message = writeLabelInfo(this.#writer, header, { kind, classNames, scoreThreshold });
    if (this.#info.publish(message)) this.#announced = announced;
  }

  publish(result: FrameResult, { model }: { readonly model: ModelInfo }): void {
    const kind = this.#values()['output.label_map'];
    if (kind === 'none' || !this.#map.isWanted) return;
    const classCount = model.classNames.length;
    this.#map.publish(writeLabelMap(this.#writer, result, { kind, classCount }));
  }

  get counters(): readonly OutputCounters[] {
    return [this.#map.counters, this.#info.counters];
  }
}
