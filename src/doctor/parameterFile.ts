import { parseFault } from '../core/documentFault.js';
import { ConfigError } from '../core/errors.js';
import { parseYaml } from '../core/yamlDocument.js';
import { meansNode } from '../ros2/nodeKeys.js';

type Branch = Readonly<Record<string, unknown>>;

const isBranch = (value: unknown): value is Branch =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** `{ model: { path: x } }` as `model.path`. */
function flatten(branch: Branch, prefix = ''): [string, unknown][] {
  return Object.entries(branch).flatMap(([key, value]) =>
    isBranch(value) ? flatten(value, `${prefix}${key}.`) : [[`${prefix}${key}`, value] as [string, unknown]],
  );
}

/** The parameters of each node key, in the order of the file. */
function sectionsOf(branch: Branch, name = ''): { readonly key: string; readonly parameters: Branch }[] {
  return Object.entries(branch).flatMap(([key, value]) => {
    if (!isBranch(value)) return [];
    if (key === 'ros__parameters') return [{ key: name, parameters: value }];
    return sectionsOf(value, name === '' ? key : `${name}/${key}`);
  });
}

/**
 * What a ROS parameter file sets for a node, by parameter name; a later section goes before an earlier one, as in ROS.
 *
 * Throws ConfigError `params_file` for a text that is none, or in which nothing is for this node.
 *
 * @param fullName `/namespace/name`
 */
export function parametersFor(text: string, path: string, fullName: string): Record<string, unknown> {
  const refuse = (why: string) => new ConfigError('params_file', `${path}: ${why}`, { path });
  let document: unknown;
  try {
    document = parseYaml(text);
  } catch (error) {
    throw refuse(`cannot be read as YAML: ${parseFault(error)}`);
  }
  const sections = isBranch(document) ? sectionsOf(document) : [];
  if (sections.length === 0) throw refuse('it has no ros__parameters; expected NODE: ros__parameters: ...');
  const own = sections.filter(({ key }) => meansNode(key, fullName));
  if (own.length === 0) {
    const keys = sections.map(({ key }) => key).join(', ');
    throw refuse(`nothing is for ${fullName}: it names ${keys}; give the node's name by --node`);
  }
  return Object.fromEntries(own.flatMap(({ parameters }) => flatten(parameters)));
}
