import { type CameraPlan, topicOfCamera } from '../../config/cameras.js';
import type { ParameterValues } from '../../config/schema.js';
import type { ModelInfo } from '../../core/ports.js';
import type { FrameResult } from '../../core/result.js';
import type { CdrWriter } from '../../messages/cdrWriter.js';
import { AnnotationsOutput } from '../../outputs/annotationsOutput.js';
import { ConfidenceOutput } from '../../outputs/confidenceOutput.js';
import { DetectionsOutput } from '../../outputs/detectionsOutput.js';
import { Detections3dOutput } from '../../outputs/detections3dOutput.js';
import { LabelOutput } from '../../outputs/labelOutput.js';
import { MasksOutput } from '../../outputs/masksOutput.js';
import { PointsOutput } from '../../outputs/pointsOutput.js';
import { DepthStage } from '../depth/depthStage.js';
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
  /** Finds where instances are, while the node is active. */
  readonly depth: DepthStage;
  readonly #masks: MasksOutput;
  readonly #annotations: AnnotationsOutput;
  /** Told of a result at once. */
  readonly #atOnce: readonly Output[];
  /** Told of it when it is known where its instances are, or that this will not be known. */
  readonly #located: readonly Output[];
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
      this.#atOnce = [
        new DetectionsOutput(open, means),
        this.#masks,
        new LabelOutput(open, means, node.clock),
        new ConfidenceOutput(open, means),
        new PerceptionInfoOutput(open, means, node.clock),
        this.#annotations,
      ];
      const perception = new PerceptionOutput(open, means, node.clock);
      const points = new PointsOutput(open, means);
      const located = [perception, new Detections3dOutput(open, means), points, this.overlay];
      this.#located = located;
      this.depth = new DepthStage(node, camera, values, {
        anything: () => located.some(({ isWanted }) => isWanted),
        points: () => points.isWanted,
      });
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
    for (const output of this.#atOnce) output.publish(result, context);
    const { preview } = context;
    this.depth.submit({
      result,
      deliver: (located) => {
        for (const output of this.#located) output.publish(located, context);
      },
      drop: () => {
        if (preview !== null) context.recyclePreview(preview.rgba);
        context.tellAgain(result.tracks);
      },
    });
  }

  get #all(): readonly Output[] {
    return [...this.#atOnce, ...this.#located];
  }

  get counters(): readonly OutputCounters[] {
    return this.#all.flatMap(({ counters }) => counters);
  }

  close(): void {
    this.depth.close();
    for (const output of this.#all) output.close?.();
    this.#closeTopics();
  }

  #closeTopics(): void {
    for (const topic of this.#topics) topic.close();
  }
}
