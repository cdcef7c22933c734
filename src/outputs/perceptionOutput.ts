import type { ParameterValues } from '../config/schema.js';
import type { LetterboxGeometry } from '../core/geometry.js';
import type { SizePx } from '../core/geometry.js';
import type { ModelInfo } from '../core/ports.js';
import type { FrameResult } from '../core/result.js';
import type { CdrWriter } from '../messages/cdrWriter.js';
import { writePerceptionTargets } from '../messages/perceptionTargets.js';
import { stagePerfs } from '../messages/perfs.js';
import { clockMismatchLimitMs } from '../pipeline/stats.js';
import { RateWindow } from '../pipeline/windows.js';
import type { OpenTopic, OutputClock, OutputCounters, OutputTopic, ResultOutput } from './output.js';

/** Model pixels per value of the label map: the grid of YOLOv8's prototypes, which TROS nodes publish. */
const mapStepPx = 4;

/** The part of the prototype grid that the picture fills. */
function mapSizeOf(geometry: LetterboxGeometry): SizePx {
  const { sourceWidthPx, sourceHeightPx, contentWidthPx, contentHeightPx, region } = geometry;
  // The map shows the whole picture; where the content is a part of it, the whole is fitted into the same size.
  const isWhole = region.widthPx === sourceWidthPx && region.heightPx === sourceHeightPx;
  const gain = Math.min(contentWidthPx / sourceWidthPx, contentHeightPx / sourceHeightPx);
  const cells = (contentPx: number, sourcePx: number) =>
    Math.max(1, Math.floor((isWhole ? contentPx : sourcePx * gain) / mapStepPx));
  return {
    widthPx: cells(contentWidthPx, sourceWidthPx),
    heightPx: cells(contentHeightPx, sourceHeightPx),
  };
}

/** `hobot_dnn_detection` as dnn_node publishes it, for nodes of TROS. */
export class PerceptionOutput implements ResultOutput {
  readonly #topic: OutputTopic;
  readonly #values: () => ParameterValues;
  readonly #writer: CdrWriter;
  readonly #clock: OutputClock | null;
  readonly #rate = new RateWindow(performance.now());

  /** @param clock Null where times say nothing: then no rate is told and none of the stages. */
  constructor(
    openTopic: OpenTopic,
    values: () => ParameterValues,
    writer: CdrWriter,
    clock: OutputClock | null,
  ) {
    this.#values = values;
    this.#writer = writer;
    this.#clock = clock;
    this.#topic = openTopic('ai_msgs/msg/PerceptionTargets', 'hobot_dnn_detection');
  }

  publish(result: FrameResult, { model }: { readonly model: ModelInfo }): void {
    const nowMs = performance.now();
    this.#rate.add(nowMs);
    const { 'output.perception_targets': isOn, 'output.perception_spare_value': hasSpareValue } =
      this.#values();
    if (!isOn || !this.#topic.isWanted) return;
    this.#topic.publish(
      writePerceptionTargets(this.#writer, result, {
        classNames: model.classNames,
        perfs:
          this.#clock === null
            ? []
            : stagePerfs(result, model.name, this.#clock.nowNs(), clockMismatchLimitMs),
        rateHz: this.#clock === null ? 0 : this.#rate.perSecond(nowMs),
        mapSize: mapSizeOf(result.geometry),
        mapStepPx,
        hasSpareValue,
      }),
    );
  }

  get counters(): readonly OutputCounters[] {
    return [this.#topic.counters];
  }
}
