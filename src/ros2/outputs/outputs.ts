import { type CameraPlan, topicOfCamera } from '../../config/cameras.js';
import type { ParameterValues } from '../../config/schema.js';
import type { ModelInfo } from '../../core/ports.js';
import type { FrameResult } from '../../core/result.js';
import type { CdrWriter } from '../../messages/cdrWriter.js';
import { AnnotationsOutput } from '../../outputs/annotationsOutput.js';
import { ConfidenceOutput } from '../../outputs/confidenceOutput.js';
import { DetectionsOutput } from '../../outputs/detectionsOutput.js';
import { LabelOutput } from '../../outputs/labelOutput.js';
import { MasksOutput } from '../../outputs/masksOutput.js';
import type { OpenTopic, OutputCounters } from '../../outputs/output.js';
import type { Output, ResultContext } from './output.js';
import { RosOutputTopic } from './outputTopic.js';
import { OverlayOutput } from './overlayOutput.js';
import { PerceptionInfoOutput } from './perceptionInfoOutput.js';
import { PerceptionOutput } from '../../outputs/perceptionOutput.js';
import type { RosNode } from '../rcl/rosNode.js';

/** What the outputs of all cameras have in common. */
type Means = {
  readonly values: () => ParameterValues;
  /** One for all: each message is handed over before the next is written. */
  readonly writer: CdrWriter;
};

/** Everything the node publishes of a camera's results; made at configure, and kept when the model changes. */
export class Outputs {
  readonly camera: CameraPlan;
  readonly overlay: OverlayOutput;
  readonly #masks: MasksOutput;
  readonly #annotations: AnnotationsOutput;
  readonly #all: readonly Output[];
  readonly #topics: RosOutputTopic[] = [];

  /**
   * Creates the publishers; where the middleware refuses one, throws TransportError and none is left.
   *
   * @param onOverlayError An overlay could not be drawn; the next one is tried again.
   */
  constructor(
    node: RosNode,
    camera: CameraPlan,
    { values, writer }: Means,
    onOverlayError: (error: unknown) => void,
  ) {
    this.camera = camera;
    const means = { values, frameId: () => camera.frameId ?? values().frame_id, writer };
    const open: OpenTopic = (type, topic, qos) => {
      const opened = new RosOutputTopic(node, type, topic, topicOfCamera(camera, topic), qos);
      this.#topics.push(opened);
      return opened;
    };
    try {
      this.#masks = new MasksOutput(open, means);
      this.#annotations = new AnnotationsOutput(open, means);
      this.overlay = new OverlayOutput(open, means, onOverlayError);
      this.#all = [
        new DetectionsOutput(open, means),
        this.#masks,
        new LabelOutput(open, means, node.clock),
        new ConfidenceOutput(open, means),
        new PerceptionOutput(open, means, node.clock),
        new PerceptionInfoOutput(open, means, node.clock),
        this.#annotations,
        this.overlay,
      ];
    } catch (error) {
      this.#closeTopics();
      throw error;
    }
  }

  /** Whether an output that carries contours is published now; tracing them is left out otherwise. */
  get contoursWanted(): boolean {
    return this.#masks.contoursWanted || this.#annotations.isWanted;
  }

  /** Call when the model or the parameters have changed. */
  announce(model: ModelInfo): void {
    for (const output of this.#all) output.announce?.(model);
  }

  /** Tells every output a result. */
  publish(result: FrameResult, context: ResultContext): void {
    for (const output of this.#all) output.publish(result, context);
  }

  get counters(): readonly OutputCounters[] {
    return this.#all.flatMap(({ counters }) => counters);
  }

  close(): void {
    for (const output of this.#all) output.close?.();
    this.#closeTopics();
  }

  #closeTopics(): void {
    for (const topic of this.#topics) topic.close();
  }
}
