import type { SeenPublisher } from '../rcl/rosNode.js';

/** What is known when depth pictures or their description stay away. */
export interface DepthSilenceFacts {
  readonly topic: string;
  /** Of the topic; null while pictures come. */
  readonly publishers: readonly SeenPublisher[] | null;
  /** Since the last good picture; null where none has come since activation. */
  readonly silentForMs: number | null;
  /** Why the last picture was refused, where no good one has come since. */
  readonly lastRefusal: string | null;
  /** Where a description that is wanted is looked for; none where all is known, or may still come. */
  readonly missingInfoTopics: readonly string[];
}

/** Why no depth is known, in one line with its remedy; null where nothing is wrong. */
export function explainDepthSilence(facts: DepthSilenceFacts): string | null {
  const { topic, publishers, silentForMs, lastRefusal, missingInfoTopics } = facts;
  if (publishers === null) {
    if (missingInfoTopics.length === 0) return null;
    return `no camera_info on ${missingInfoTopics.join(' or ')}, without which depths have no place; set input.depth_info and input.camera_info to their topics`;
  }
  if (lastRefusal !== null) return `depth pictures on ${topic} are refused; the last because ${lastRefusal}`;
  if (publishers.length === 0) {
    return silentForMs === null
      ? `no publisher on ${topic}; start the depth camera (hobot_stereonet) or set input.depth to its topic`
      : `the publisher of ${topic} has gone; depth goes on when it comes back`;
  }
  const images = publishers.filter(({ typeName }) => typeName === 'sensor_msgs/msg/Image');
  if (images.length === 0) {
    const found = publishers.map(({ typeName }) => typeName).join(', ');
    return `${topic} carries ${found}; expected sensor_msgs/msg/Image; set input.depth to the topic of the depth pictures`;
  }
  const names = images.map(({ nodeName }) => nodeName ?? 'a node whose name is not known yet').join(', ');
  return silentForMs === null
    ? `${names} publishes ${topic} but no picture arrives; if its QoS differs, set qos_overrides.${topic}.subscription.*`
    : `no picture from ${names} on ${topic} for ${Math.round(silentForMs / 1000)} s; depth goes on when one comes`;
}
