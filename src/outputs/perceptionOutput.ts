import type { ParameterValues } from '../config/schema.js';
import type { LetterboxGeometry, SizePx } from '../core/geometry.js';
import type { ModelInfo } from '../core/ports.js';
import type { FrameResult } from '../core/result.js';
import type { CdrWriter } from '../messages/cdrWriter.js';
import { writePerceptionTargets } from '../messages/perceptionTargets.js';
import { stagePerfs } from '../messages/perfs.js';
import { clockMismatchLimitMs } from '../pipeline/stats.js';
import { RateWindow } from '../pipeline/windows.js';
import type { OpenTopic, OutputClock } from './output.js';
import { type OutputMeans, SwitchedOutput } from './switchedOutput.js';

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
export class PerceptionOutput extends SwitchedOutput {
  readonly #clock: OutputClock | null;
  readonly #rate = new RateWindow(performance.now());

  /** @param clock Null where times say nothing: then no rate is told and none of the stages. */
  constructor(openTopic: OpenTopic, means: OutputMeans, clock: OutputClock | null) {
    super(
      openTopic('ai_msgs/msg/PerceptionTargets', 'hobot_dnn_detection'),
      'output.perception_targets',
      means,
    );
    this.#clock = clock;
  }

  override publish(result: FrameResult, context: { readonly model: ModelInfo }): void {
    // The rate that is told is that of the results, whether anybody listened to them or not.
    this.#rate.add(performance.now());
    super.publish(result, context);
  }

  protected write(
    writer: CdrWriter,
    result: FrameResult,
    { name, classNames }: ModelInfo,
    values: ParameterValues,
  ): Uint8Array {
    const clock = this.#clock;
    return writePerceptionTargets(writer, result, {
      classNames,
      perfs: clock === null ? [] : stagePerfs(result, name, clock.nowNs(), clockMismatchLimitMs),
      rateHz: clock === null ? 0 : this.#rate.perSecond(performance.now()),
      mapSize: mapSizeOf(result.geometry),
      mapStepPx,
      hasSpareValue: values['output.perception_spare_value'],
    });
  }
}
