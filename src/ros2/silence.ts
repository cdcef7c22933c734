import { counted } from '../core/words.js';
import { acceptedTypes as typesFor } from './cameraTypes.js';
import { startCameraAdvice } from '../camera/images/cameraAdvice.js';
import type { SeenPublisher } from './rcl/rosNode.js';
import { shareAtCameraAdvice, shareHereAdvice } from './sharedMemoryEnv.js';

const readableTypes = typesFor({ 'input.transport': 'auto', 'input.hbmem_type': 'auto' });

/** An input that brings nothing for so long is silent, milliseconds. */
export const silenceAfterMs = 2000;
/** How often inputs look at the graph. */
export const lookPeriodMs = 500;

/** Whether two explanations name one cause, which is told once: numbers change with every look. */
export function isSameCause(message: string, before: string | null): boolean {
  const withoutNumbers = (text: string) => text.replace(/\d+/g, '#');
  return before !== null && withoutNumbers(message) === withoutNumbers(before);
}

/** The publisher's node in words. */
export function nameOf({ nodeName }: SeenPublisher): string {
  return nodeName ?? 'a node whose name is not known yet';
}

/** Since when each publisher of a topic has been in the graph. */
export class PublisherSightings {
  #firstSeenMs = new Map<string, number>();

  /** Takes what the graph shows now. */
  look(publishers: readonly SeenPublisher[], nowMs: number): void {
    const before = this.#firstSeenMs;
    this.#firstSeenMs = new Map(publishers.map(({ gid }) => [gid, before.get(gid) ?? nowMs]));
  }

  /**
   * What is known of a publisher when nothing comes.
   *
   * @param lastMs When the last message of the topic came; null where none has come.
   */
  sighted(publisher: SeenPublisher, lastMs: number | null, nowMs: number): SightedPublisher {
    const firstSeenMs = this.#firstSeenMs.get(publisher.gid) ?? nowMs;
    // It appeared at some time between two looks.
    const mayHaveSent = lastMs !== null && firstSeenMs - lookPeriodMs <= lastMs;
    return { ...publisher, seenForMs: nowMs - firstSeenMs, mayHaveSent };
  }
}

/** A publisher with what is known of it when frames stay away. */
export interface SightedPublisher extends SeenPublisher {
  readonly seenForMs: number;
  /** True where it was there when the last good frame came, which then may have been its. */
  readonly mayHaveSent: boolean;
}

/** What is known when frames stay away. */
export interface SilenceFacts {
  readonly topic: string;
  /** What is remapped to it. */
  readonly topicName: string;
  /** Types we can subscribe to; one entry where the parameter fixes it. */
  readonly acceptedTypes: readonly string[];
  /** The parameters that say so, with their values. */
  readonly choice: string;
  readonly publishers: readonly SightedPublisher[];
  /** Time since the last good frame, or null where none has come since activation. */
  readonly silentForMs: number | null;
  /** How long a publisher may take to its first frame. */
  readonly firstFrameDueMs: number;
  /** Name of the QoS policy the middleware reported as incompatible, or null. */
  readonly incompatibleQosPolicy: string | null;
  /** Frames taken but refused since the last good one, and why the last was. */
  readonly rejectedCount: number;
  readonly lastRejection: string | null;
  /** Variables of the user that keep shared memory off in this process; none where it is on. */
  readonly sharedMemoryOffBy: readonly string[];
}

/** Why no frame comes, in the order in which a user would check; each has its remedy in `message`. */
export interface SilenceDiagnosis {
  readonly cause: 'no_publisher' | 'rejected' | 'type_mismatch' | 'qos' | 'starting' | 'stopped' | 'no_data';
  readonly message: string;
}

function explainTypes({ topic, topicName, acceptedTypes, choice, publishers }: SilenceFacts): string {
  const found = publishers.map((publisher) => `${publisher.typeName} by ${nameOf(publisher)}`).join(', ');
  const isReadable = publishers.some(({ typeName }) => readableTypes.some((type) => type === typeName));
  const remedy = isReadable
    ? `set input.transport and input.hbmem_type to auto, or remap ${topicName} to another topic`
    : `remap ${topicName} to a camera's topic`;
  return `${topic} carries ${found}; expected ${acceptedTypes.join(' or ')}, as ${choice}; ${remedy}`;
}

/** Explains silence on the input topic with its cause and remedy. */
export function diagnoseSilence(facts: SilenceFacts): SilenceDiagnosis {
  const { topic, acceptedTypes, publishers, silentForMs } = facts;
  if (publishers.length === 0) {
    return {
      cause: 'no_publisher',
      message:
        silentForMs === null && facts.rejectedCount === 0
          ? `no publisher on ${topic}; ${startCameraAdvice} or remap ${facts.topicName} to the camera's topic`
          : `the camera on ${topic} has gone; frames go on when it comes back`,
    };
  }
  if (facts.rejectedCount > 0) {
    return {
      cause: 'rejected',
      message: `${counted(facts.rejectedCount, 'frame')} on ${topic} ${facts.rejectedCount === 1 ? 'was' : 'were'} refused; the last because ${facts.lastRejection}`,
    };
  }
  const matching = publishers.filter((publisher) => acceptedTypes.includes(publisher.typeName));
  if (matching.length === 0) return { cause: 'type_mismatch', message: explainTypes(facts) };
  if (facts.incompatibleQosPolicy !== null) {
    return {
      cause: 'qos',
      message: `the publisher on ${topic} offers an incompatible QoS (policy ${facts.incompatibleQosPolicy}); set qos_overrides.${topic}.subscription.* to what it offers, e.g. reliability best_effort`,
    };
  }
  // A publisher that was there when frames still came is not to blame for its settings.
  const blamed = matching.filter(({ mayHaveSent }) => !mayHaveSent);
  const due = blamed.filter(({ seenForMs }) => seenForMs >= facts.firstFrameDueMs);
  if (due.length > 0) {
    const names = due.map(nameOf).join(', ');
    const profile =
      facts.sharedMemoryOffBy.length === 0
        ? `${shareAtCameraAdvice} and check that /dev/shm has room`
        : `${shareHereAdvice(facts.sharedMemoryOffBy)}, for frames of 6 MB are lost without it`;
    return { cause: 'no_data', message: `${names} publishes ${topic} but no frame arrives; ${profile}` };
  }
  if (blamed.length > 0) {
    const names = blamed.map(nameOf).join(', ');
    return {
      cause: 'starting',
      message: `${names} has just begun to publish ${topic}; no frame has come yet`,
    };
  }
  const names = matching.map(nameOf).join(', ');
  return {
    cause: 'stopped',
    message:
      `no frame from ${names} on ${topic} for ${Math.round((silentForMs ?? 0) / 1000)} s, though it is still in the graph: ` +
      'it hangs, sends nothing, or was killed (a killed process stays in the graph for about 20 s); frames go on when it comes back',
  };
}
