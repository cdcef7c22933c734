import { type CameraPlan, topicOfCamera } from '../config/cameras.js';
import { depthTopicsOf } from '../config/depthTopics.js';
import type { ParameterValues } from '../config/schema.js';
import { ConfigError } from '../core/errors.js';
import { defaultNodeName, outputTopics } from '../outputs/output.js';
import type { EndpointKind } from './rcl/qosOverrides.js';

/** A topic of the segmentation node, named as in its code: before expansion and remapping. */
export interface TopicName {
  readonly name: string;
  readonly kind: EndpointKind;
}

/** How the names of topics come about. */
export interface TopicNaming {
  /** `/namespace/name` of the node. */
  readonly fullName: string;
  /** After expansion of `~` and namespace, before remapping. */
  expandTopic(name: string): string;
  /** After remapping, too. */
  resolveTopic(name: string): string;
}

/** Every topic of its own that a node with these cameras may publish or subscribe to, for checks of what users name. */
export function nodeTopicsOf(cameras: readonly CameraPlan[]): readonly TopicName[] {
  const ofCameras = cameras.flatMap((camera): TopicName[] => [
    { name: camera.topic, kind: 'subscription' },
    ...outputTopics.map((topic): TopicName => ({ name: topicOfCamera(camera, topic), kind: 'publisher' })),
  ]);
  return [...ofCameras, { name: '/diagnostics', kind: 'publisher' }];
}

/** The topics of depth that parameters name, for checks of what users name. Throws as `depthTopicsOf`. */
export function depthTopicNames(values: ParameterValues, cameras: readonly CameraPlan[]): TopicName[] {
  return cameras.flatMap((camera) => {
    const topics = depthTopicsOf(values, camera);
    if (topics === null) return [];
    const { depth, infos, cameraInfo } = topics;
    const names = [depth, ...infos, ...(cameraInfo === null ? [] : [cameraInfo])];
    return names.map((name): TopicName => ({ name, kind: 'subscription' }));
  });
}

/**
 * The name that a topic is made with; of a subscription its own. That of a compressed picture follows the name that its
 * picture has after remapping, as image_transport's does, so that viewers find it there. Topics of TROS have the plain names that its nodes look for in
 * a node that has its usual name; in any other they lie below the node, so that two nodes do not mix their results, unless
 * the plain name is remapped.
 */
export function nameToMake({ name, kind }: TopicName, names: TopicNaming): string {
  if (kind === 'subscription') return name;
  const picture = /^(.+)\/compressed$/.exec(name)?.[1];
  if (picture !== undefined) return `${names.resolveTopic(picture)}/compressed`;
  const isPlain = /(^|\/)hobot_dnn_detection(_info)?$/.test(name);
  if (!isPlain || names.fullName.endsWith(`/${defaultNodeName}`)) return name;
  const isRemapped = names.resolveTopic(name) !== names.expandTopic(name);
  return isRemapped ? name : `~/${name}`;
}

/**
 * Refuses topics of the node that have one name after remapping: the node would read its own pictures, or one camera's
 * twice, or its readers could not tell two outputs apart. Throws ConfigError `topics`.
 */
export function refuseSharedTopics(topics: readonly TopicName[], names: TopicNaming): void {
  const nameOfTopic = new Map<string, string>();
  for (const one of topics) {
    const { name } = one;
    const topic = names.resolveTopic(nameToMake(one, names));
    const other = nameOfTopic.get(topic);
    if (other !== undefined) {
      const what = `${other} and ${name} are both remapped to ${topic}: give each a topic of its own (-r ${name}:=NAME)`;
      throw new ConfigError('topics', what, { topic });
    }
    nameOfTopic.set(topic, name);
  }
}
