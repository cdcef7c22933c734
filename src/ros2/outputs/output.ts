import type { ModelInfo } from '../../core/ports.js';
import type { FrameResult, PreviewImage } from '../../core/result.js';
import type { PipelineSnapshot } from '../../pipeline/stats.js';
import type { QosPolicies } from '../../native/hbmem.js';
import type { OutputCounters, OutputTopic } from './outputTopic.js';
import type { OutputTopicName } from '../topicNames.js';

/** What an output may want to know beside the result. */
export interface ResultContext {
  readonly model: ModelInfo;
  /** Of the frame, where it was asked for; whoever takes it gives its bytes back by `recyclePreview`. */
  readonly preview: PreviewImage | null;
  recyclePreview(rgba: ArrayBuffer): void;
  /** What the pipeline has counted. */
  snapshot(): PipelineSnapshot;
}

/** One kind of result on topics of its own. Whether it publishes is its own affair: its switch is on and somebody listens. */
export interface Output {
  /** Takes one result, whose arrays may be kept but never changed. */
  publish(result: FrameResult, context: ResultContext): void;
  /** Told when the model or the parameters are others: latched messages, which late subscribers get, are published anew. */
  announce?(model: ModelInfo): void;
  /** Of its topics, in the order of the diagnostics. */
  readonly counters: readonly OutputCounters[];
  /** Ends what it has beside its topics, which are closed where they were opened. */
  close?(): void;
}

/** Opens a topic for an output; without QoS with that of results. Throws as OutputTopic. */
export type OpenTopic = (typeName: string, topic: OutputTopicName, qos?: QosPolicies) => OutputTopic;
