import { ConfigError } from '../core/errors.js';
import { counted, valueText } from '../core/words.js';
import type { ParameterValues } from './schema.js';
import { topicNameFault } from './topicName.js';

/** A camera of the node: where its frames come from and what its results are called. */
export interface CameraPlan {
  /** What its topics lie below; null for the one camera of a node that names none. */
  readonly name: string | null;
  /** Of its frames, before expansion and remapping. */
  readonly topic: string;
  /** Of headers where the camera sends none; null takes the parameter `frame_id`. */
  readonly frameId: string | null;
}

/** Topic of a camera as TROS names it, in the camera's namespace. */
const usualTopic = 'hbmem_img';

/** The camera of a node that names none; its topics are those of the documents. @internal */
export const oneCamera: CameraPlan = { name: null, topic: usualTopic, frameId: null };

/** Stands for what is not given: an rcl YAML file cannot hold an empty list. */
const isUnset = (items: readonly string[]) => items.length === 1 && items[0] === 'auto';

/** As ROS takes it for a part of a topic's name that is not hidden. */
const namePattern = /^[A-Za-z][A-Za-z0-9_]*$/;
/** What it would be mixed up with: the status of the whole node, and the word for no names. */
const takenNames: ReadonlySet<string> = new Set(['pipeline', 'auto']);

function refuse(message: string, details: Readonly<Record<string, unknown>>): never {
  throw new ConfigError('cameras', message, details);
}

function refuseDoubled(parameter: string, items: readonly string[], names: readonly string[]): void {
  items.forEach((item, index) => {
    const first = items.indexOf(item);
    if (first === index) return;
    const whose =
      items === names ? `entries ${first + 1} and ${index + 1}` : `${names[first]} and ${names[index]}`;
    refuse(`${parameter} has ${valueText(item)} twice, for ${whose}: give each camera its own`, { item });
  });
}

function refuseUnfitName(name: string): void {
  if (!namePattern.test(name)) {
    const expected =
      'expected letters, digits and underscores, with a letter first, as it is a part of topics';
    refuse(`cameras.names has ${valueText(name)}; ${expected}`, { name });
  }
  if (takenNames.has(name))
    refuse(`cameras.names has ${valueText(name)}, which has a meaning of its own`, { name });
}

function refuseUnfitTopic(topic: string, name: string): void {
  const fault = topicNameFault(topic, `/${name}/${usualTopic}`);
  if (fault !== null)
    refuse(`cameras.topics has ${valueText(topic)} for ${name}; expected ${fault}`, { topic });
}

/** The items of a list that has one for each camera; null where it is not given. */
function itemsOf(
  parameter: string,
  items: readonly string[],
  names: readonly string[],
): readonly string[] | null {
  if (isUnset(items)) return null;
  if (items.length !== names.length) {
    const [has, named] = [counted(items.length, 'item'), counted(names.length, 'camera')];
    const what = `${parameter} has ${has}, ${valueText(items)}, but cameras.names names ${named}, ${valueText(names)}`;
    refuse(`${what}: give one for each`, { items, names });
  }
  const empty = items.indexOf('');
  if (empty >= 0) refuse(`${parameter} is empty for ${names[empty]}`, { names });
  return items;
}

/**
 * The cameras that the parameters ask for, at least one.
 *
 * Throws ConfigError `cameras` where the lists contradict each other, a name or topic is there twice, or one of them is none.
 */
export function camerasOf(
  values: Pick<ParameterValues, 'cameras.names' | 'cameras.topics' | 'cameras.frame_ids'>,
): readonly CameraPlan[] {
  const names = values['cameras.names'];
  const [topicItems, frameIdItems] = [values['cameras.topics'], values['cameras.frame_ids']];
  if (isUnset(names)) {
    for (const [parameter, items] of [
      ['cameras.topics', topicItems],
      ['cameras.frame_ids', frameIdItems],
    ] as const) {
      if (isUnset(items)) continue;
      refuse(`${parameter} is ${valueText(items)}, but cameras.names names no camera: name each`, { items });
    }
    return [oneCamera];
  }
  names.forEach(refuseUnfitName);
  refuseDoubled('cameras.names', names, names);
  const topics = itemsOf('cameras.topics', topicItems, names) ?? names.map((name) => `${name}/${usualTopic}`);
  for (const [index, topic] of topics.entries()) refuseUnfitTopic(topic, names[index]!);
  refuseDoubled('cameras.topics', topics, names);
  const frameIds = itemsOf('cameras.frame_ids', frameIdItems, names) ?? names;
  return names.map((name, index) => ({ name, topic: topics[index]!, frameId: frameIds[index]! }));
}

/** What lines of the log begin with that concern one camera of several. */
export function prefixOf({ name }: CameraPlan): string {
  return name === null ? '' : `${name}: `;
}

/** A topic of results as a camera has it, named as in the code of the node: `~/front/detections` for `~/detections`. */
export function topicOfCamera({ name }: CameraPlan, topic: string): string {
  if (name === null) return topic;
  return topic.startsWith('~/') ? `~/${name}/${topic.slice(2)}` : `${name}/${topic}`;
}
