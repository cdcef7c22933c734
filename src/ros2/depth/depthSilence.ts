import type { QosPolicies } from '../../native/hbmem.js';
import { unfitPolicy } from '../rcl/qosMatch.js';
import { nameOf, type SightedPublisher, silenceAfterMs } from '../silence.js';

/** What is known when depth pictures or their description stay away. */
export interface DepthSilenceFacts {
  readonly topic: string;
  /** Of the topic; null while pictures come. */
  readonly publishers: readonly SightedPublisher[] | null;
  /** What the subscription asks of them. */
  readonly asked: Pick<QosPolicies, 'reliability' | 'durability'>;
  /** Since the last good picture; null where none has come since activation. */
  readonly silentForMs: number | null;
  /** Why the last picture was refused, where no good one has come since. */
  readonly lastRefusal: string | null;
  /** Where a description that is wanted is looked for; none where all is known, or may still come. */
  readonly missingInfoTopics: readonly string[];
  /** Whether that description is one of depth pictures; else of the camera's. */
  readonly missesDepthInfo: boolean;
}

/** Why no depth is known. */
export interface DepthSilence {
  /** One line with the remedy. */
  readonly message: string;
  /** starting: it may end by itself, as with a publisher that has just come. Else what stays away. */
  readonly kind: 'starting' | 'pictures' | 'camera_info';
}

const anImage = 'sensor_msgs/msg/Image';
/** Said of silence that ends as soon as a picture comes. */
const meanwhile = 'results do not wait for depth until one comes';

/** Null where nothing is wrong. */
export function explainDepthSilence(facts: DepthSilenceFacts): DepthSilence | null {
  const { publishers, missingInfoTopics } = facts;
  if (publishers !== null) return explainMissingPictures(facts, publishers);
  if (missingInfoTopics.length === 0) return null;
  const parameter = facts.missesDepthInfo ? 'input.depth_info' : 'input.camera_info';
  const message = `no camera_info on ${missingInfoTopics.join(' or ')}, without which depths have no place; set ${parameter} to the topic that brings it`;
  return { message, kind: 'camera_info' };
}

function ofPictures(message: string): DepthSilence {
  return { message, kind: 'pictures' };
}

function explainMissingPictures(
  { topic, asked, silentForMs, lastRefusal }: DepthSilenceFacts,
  publishers: readonly SightedPublisher[],
): DepthSilence {
  if (lastRefusal !== null)
    return ofPictures(`depth pictures on ${topic} are refused; the last because ${lastRefusal}`);
  if (publishers.length === 0) {
    return ofPictures(
      silentForMs === null
        ? `no publisher on ${topic}; start the depth camera (hobot_stereonet) or set input.depth to its topic; ${meanwhile}`
        : `the publisher of ${topic} has gone; ${meanwhile}`,
    );
  }
  const images = publishers.filter(({ typeName }) => typeName === anImage);
  if (images.length === 0) {
    const found = publishers.map(({ typeName }) => typeName).join(', ');
    return ofPictures(
      `${topic} carries ${found}; expected ${anImage}; set input.depth to the topic of the depth pictures`,
    );
  }
  const fitting = images.filter((publisher) => unfitPolicy(asked, publisher) === null);
  if (fitting.length === 0) {
    const [first] = images;
    const unfit = unfitPolicy(asked, first!)!;
    const parameter = `qos_overrides.${topic}.subscription.${unfit.policy}`;
    return ofPictures(
      `${nameOf(first!)} offers ${unfit.policy} ${unfit.offered} on ${topic}, but ${parameter} asks for ${unfit.asked}, so that no picture arrives; set it to ${unfit.offered}`,
    );
  }
  // A publisher that was there when pictures still came may have sent them.
  const newOnes = fitting.filter(({ mayHaveSent }) => !mayHaveSent);
  const due = newOnes.filter(({ seenForMs }) => seenForMs >= silenceAfterMs);
  if (due.length > 0)
    return ofPictures(
      `${due.map(nameOf).join(', ')} publishes ${topic}, with a QoS that fits, but has sent no picture: see whether it gets pictures of its own; ${meanwhile}`,
    );
  if (newOnes.length > 0) {
    const names = newOnes.map(nameOf).join(', ');
    const message = `${names} has just begun to publish ${topic}; no picture has come yet`;
    return { message, kind: 'starting' };
  }
  const silentForS = Math.round((silentForMs ?? 0) / 1000);
  return ofPictures(
    `no picture from ${fitting.map(nameOf).join(', ')} on ${topic} for ${silentForS} s; ${meanwhile}`,
  );
}
