import type { ModelInfo } from '../core/ports.js';
import type { FrameResult } from '../core/result.js';
import type { PublishedType } from '../messages/definitions.js';
import type { QosPolicies } from '../native/hbmem.js';

/** The name of a node that is given no other: plain names of TROS are its alone. */
export const defaultNodeName = 'yolo_seg';

/** Every topic of results, named as in the node's code: before expansion and remapping. */
export const outputTopics = [
  '~/detections',
  '~/masks',
  '~/label_map',
  '~/label_info',
  '~/confidence_map',
  'hobot_dnn_detection',
  'hobot_dnn_detection_info',
  '~/annotations',
  '~/detections3d',
  '~/points',
  '~/overlay',
  '~/overlay/compressed',
] as const;
/** A result topic before remapping. */
export type OutputTopicName = (typeof outputTopics)[number];

/** Messages of one topic since it was made. */
export interface OutputCounters {
  readonly topic: OutputTopicName;
  /** Taken by the middleware; whether they arrive is between it and the subscribers. */
  readonly handedOver: number;
  /** Not taken by the middleware. */
  readonly refused: number;
}

/** Where the messages of a topic go: to subscribers, or into a file. */
export interface OutputTopic {
  /** False where nothing can be published at all. */
  readonly isAvailable: boolean;
  /** Whether somebody takes the messages at this moment. */
  readonly isWanted: boolean;
  readonly counters: OutputCounters;
  /** Takes a serialised (CDR) message, whose bytes may be reused after the call. False where it is lost; never throws. */
  publish(cdr: Uint8Array): boolean;
}

/** Opens a topic for an output; without QoS with that of results. */
export type OpenTopic = (type: PublishedType, topic: OutputTopicName, qos?: QosPolicies) => OutputTopic;

/** What time it is for those who take the messages. */
export interface OutputClock {
  /** Null while nobody knows. */
  nowNs(): bigint | null;
}

/** One kind of result on topics of its own. Whether it publishes is its own affair: its switch is on and somebody listens. */
export interface ResultOutput {
  /** Takes one result, whose arrays may be kept but never changed. */
  publish(result: FrameResult, context: { readonly model: ModelInfo }): void;
  /** Told when the model or the parameters are others: latched messages, which late subscribers get, are published anew. */
  announce?(model: ModelInfo): void;
  /** Of its topics, in the order of the diagnostics. */
  readonly counters: readonly OutputCounters[];
}
