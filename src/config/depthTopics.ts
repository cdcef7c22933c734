import { ConfigError } from '../core/errors.js';
import type { CameraPlan } from './cameras.js';
import type { ParameterValues } from './schema.js';
import { cameraPlaceholder } from './topicName.js';

/** Topics of depth that parameters name, in the order in which the description of a depth picture is looked for. */
export interface DepthTopics {
  readonly depth: string;
  readonly infos: readonly string[];
  /** Null where the pictures have no camera_info that is wanted. */
  readonly cameraInfo: string | null;
}

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
