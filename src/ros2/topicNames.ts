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
