import { type CameraPlan, topicOfCamera } from '../config/cameras.js';
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

/** Topics of depth that parameters name, in the order in which the description of a depth picture is looked for. */
export interface DepthTopics {
  readonly depth: string;
  readonly infos: readonly string[];
  /** Null where the pictures have no camera_info that is wanted. */
  readonly cameraInfo: string | null;
}

/** Stands for the name of a camera in the names of its topics of depth. */
const cameraPlaceholder = '{camera}';

/** Parameters that name topics of depth. */
const depthTopicParameters = ['input.depth', 'input.depth_info', 'input.camera_info'] as const;
type DepthTopicValues = Pick<ParameterValues, (typeof depthTopicParameters)[number]>;

/**
 * The topics that these parameters name for a camera; null where there is to be no depth. Throws ConfigError `depth` where
 * several cameras would have one depth picture or one camera_info, and where a camera without a name is to stand in a topic.
 */
export function depthTopicsOf(
  values: DepthTopicValues,
  { name }: Pick<CameraPlan, 'name'>,
): DepthTopics | null {
  const asked = values['input.depth'];
  if (asked === '') return null;
  if (name === null) refusePlaceholder(values);
  else refuseShared(values);
  const of = (topic: string) => (name === null ? topic : topic.replaceAll(cameraPlaceholder, name));
  const [info, cameraInfo] = [of(values['input.depth_info']), of(values['input.camera_info'])];
  const infos = info === 'auto' ? usualInfosOf(asked, name).map(of) : [info];
  return { depth: of(asked), infos, cameraInfo: cameraInfo === '' ? null : cameraInfo };
}

/** Below the topic of the depth pictures, and beside it unless that would be one for all cameras. */
function usualInfosOf(depth: string, name: string | null): string[] {
  const folder = depth.slice(0, depth.lastIndexOf('/') + 1);
  const isShared = name !== null && !folder.includes(cameraPlaceholder);
  return [`${depth}/camera_info`, ...(isShared ? [] : [`${folder}camera_info`])];
}

/** Cameras of different sizes, or of one size and different lenses, have no depth picture and no description in common. */
function refuseShared(values: DepthTopicValues): void {
  const wrong = depthTopicParameters.find((parameter) => {
    const topic = values[parameter];
    return topic !== '' && topic !== 'auto' && !topic.includes(cameraPlaceholder);
  });
  if (wrong === undefined) return;
  const usual = wrong === 'input.depth' ? 'depth' : 'camera_info';
  const what = `${wrong} is ${values[wrong]}, one topic for every camera, but the node has cameras with names: put ${cameraPlaceholder} where each has its name, as /${cameraPlaceholder}/${usual}`;
  throw new ConfigError('depth', what, { parameter: wrong });
}

function refusePlaceholder(values: DepthTopicValues): void {
  const wrong = depthTopicParameters.find((parameter) => values[parameter].includes(cameraPlaceholder));
  if (wrong === undefined) return;
  const what = `${wrong} is ${values[wrong]}, but the node has one camera without a name: give the topic itself, or name cameras in cameras.names`;
  throw new ConfigError('depth', what, { parameter: wrong });
}

/** The same for checks of what users name. */
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
