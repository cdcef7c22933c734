import { ConfigError } from '../core/errors.js';
import { outputTopics } from '../outputs/output.js';
import type { EndpointKind } from './rcl/qosOverrides.js';

/** A topic of the segmentation node, named as in its code: before expansion and remapping. */
export interface TopicName {
  readonly name: string;
  readonly kind: EndpointKind;
}

/** Every topic of its own that the segmentation node may publish or subscribe to, for checks of what users name. */
export const nodeTopics: readonly TopicName[] = [
  { name: 'hbmem_img', kind: 'subscription' },
  ...[...outputTopics, '/diagnostics'].map((name): TopicName => ({ name, kind: 'publisher' })),
];

/**
 * The name that a topic is made with. That of a compressed picture follows the name that its picture has after remapping,
 * as image_transport's does, so that viewers find it there.
 */
export function nameToMake(name: string, names: { resolveTopic(name: string): string }): string {
  const picture = /^(.+)\/compressed$/.exec(name)?.[1];
  return picture === undefined ? name : `${names.resolveTopic(picture)}/compressed`;
}

/**
 * Refuses topics of the node that have one name after remapping: the node would read its own pictures, or its readers
 * could not tell two outputs apart. Throws ConfigError `topics`.
 */
export function refuseSharedTopics(names: { resolveTopic(name: string): string }): void {
  const nameOfTopic = new Map<string, string>();
  for (const { name } of nodeTopics) {
    const topic = names.resolveTopic(nameToMake(name, names));
    const other = nameOfTopic.get(topic);
    if (other !== undefined) {
      const what = `${other} and ${name} are both remapped to ${topic}: give each a topic of its own (-r ${name}:=NAME)`;
      throw new ConfigError('topics', what, { topic });
    }
    nameOfTopic.set(topic, name);
  }
}
