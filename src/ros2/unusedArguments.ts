import { parseYaml } from '../core/yamlDocument.js';
import { nearestName, suggestion } from '../core/words.js';
import { readTextBytesSync } from '../files/textFile.js';
import { lifecycleServiceNames } from './rcl/lifecycleServices.js';
import { meansNode } from './nodeKeys.js';
import { parameterServiceNames } from './parameters/parameterServices.js';
import { qosOverridePrefix, unfitQosOverrides } from './rcl/qosOverrides.js';
import type { RosArguments } from './rosArguments.js';
import { nameToMake, type TopicName, type TopicNaming } from './topicNames.js';

const serviceNames = [
  ...parameterServiceNames,
  ...lifecycleServiceNames,
  'set_enabled',
  'get_type_description',
];
/** Launch files hand these rules to every node, whether it has the topics or not. */
const remappedEverywhere = new Set(['/tf', '/tf_static']);
/** Topics that the libraries give to every node, with the QoS that ROS 2 has laid down. */
const topicsOfEveryNode = new Set(['/clock', '/rosout', '/parameter_events']);

/** Splits `node:rest` of a rule; a colon before `//` belongs to a scheme, and one before `=` to the rule. */
function splitRule(rule: string): { readonly node: string | null; readonly rest: string } {
  const match = /^([^:]+):(?!\/\/|=)(.*)$/s.exec(rule.slice(0, rule.indexOf(':=') + 2));
  return match === null
    ? { node: null, rest: rule }
    : { node: match[1]!, rest: rule.slice(match[1]!.length + 1) };
}

function keysOf(fullName: string): string {
  const bare = fullName.slice(1);
  return [fullName, ...(bare.includes('/') ? [] : [bare]), '/**'].join(', ');
}

/**
 * Node keys of a parameter file, the names of namespaces in front of them; null for a pipe, which rcl has emptied, and
 * for what only rcl can read.
 */
function nodeKeysOfFile(path: string): string[] | null {
  const keys: string[] = [];
  const walk = (branch: unknown, name: string): void => {
    if (branch === null || typeof branch !== 'object') return;
    for (const [key, value] of Object.entries(branch)) {
      if (key === 'ros__parameters') keys.push(name);
      else walk(value, name === '' ? key : `${name}/${key}`);
    }
  };
  try {
    walk(parseYaml(new TextDecoder().decode(readTextBytesSync(path))), '');
  } catch {
    // rcl has read it, by a parser of its own; what this one does not take is not judged.
    return null;
  }
  return keys;
}

function unusedFiles(files: readonly string[], fullName: string): string[] {
  return files.flatMap((path) => {
    const keys = nodeKeysOfFile(path);
    if (keys === null || keys.some((key) => meansNode(key, fullName))) return [];
    const near = keys.find((key) => nearestName(key, [fullName, fullName.slice(1)]) !== null);
    const found = keys.length === 0 ? 'no node' : `only ${keys.join(', ')}`;
    return [
      `nothing in ${path} is for this node: it names ${found}, and this node is ${fullName}; ` +
        (near === undefined ? '' : `did you mean ${fullName} where it says ${near}? `) +
        `Keys that mean it: ${keysOf(fullName)}`,
    ];
  });
}

function unusedParameterRules(rules: readonly string[], fullName: string): string[] {
  return rules.flatMap((rule) => {
    const { node } = splitRule(rule);
    if (node === null || meansNode(node, fullName)) return [];
    return [`-p ${rule} is for a node ${node}, and this one is ${fullName}; leave the node's name out`];
  });
}

function unusedRemapRules(
  rules: readonly string[],
  topics: readonly TopicName[],
  names: TopicNaming,
): string[] {
  const bare = names.fullName.split('/').at(-1)!;
  const own = [
    ...topics.map((topic) => nameToMake(topic, names)),
    ...serviceNames.map((name) => `~/${name}`),
  ];
  const known = new Map(own.map((name) => [names.expandTopic(name), name]));
  return rules.flatMap((rule) => {
    const { node, rest } = splitRule(rule);
    if (node !== null && node !== bare) {
      return [`-r ${rule} is for a node ${node}, and this one is ${bare}; leave the node's name out`];
    }
    const from = rest.slice(0, rest.indexOf(':=')).replace(/^ros(topic|service):\/\//, '');
    if (['__node', '__name', '__ns'].includes(from) || from.includes('*')) return [];
    const expanded = names.expandTopic(from);
    if (known.has(expanded) || remappedEverywhere.has(expanded)) return [];
    const nearest = nearestName(expanded, known.keys());
    const meant = nearest === null ? nearestName(`~/${from}`, own) : known.get(nearest)!;
    const advice = meant === null ? '' : `; did you mean ${meant}?`;
    return [`-r ${rule} changes nothing: this node has no topic or service ${expanded}${advice}`];
  });
}

const topicOf = (override: string) => /^qos_overrides\.([^.]*)/.exec(override)?.[1] ?? '';

function unusedQosOverrides(overrides: readonly string[]): string[] {
  return overrides
    .filter((name) => topicsOfEveryNode.has(topicOf(name)))
    .map((name) => `${name} changes nothing: the QoS of ${topicOf(name)} is fixed`);
}

/**
 * What was given to the node at start and cannot take effect, each with the nearest right name.
 *
 * @param overrides Names of the parameters given at start.
 * @param topics Of the node.
 */
export function unusedArguments(
  args: RosArguments,
  overrides: readonly string[],
  topics: readonly TopicName[],
  names: TopicNaming,
): string[] {
  return [
    ...unusedQosOverrides(overrides),
    ...unusedFiles(args.parameterFiles, names.fullName),
    ...unusedParameterRules(args.parameterRules, names.fullName),
    ...unusedRemapRules(args.remapRules, topics, names),
  ];
}

/**
 * Why `qos_overrides` cannot be taken: those of none of the topics, named as they are after remapping, and those with
 * a policy or value that does not exist.
 *
 * @param overrides Parameter values by name, as given at start.
 * @param topics Of the node.
 */
export function qosOverrideProblems(
  overrides: Readonly<Record<string, unknown>>,
  topics: readonly TopicName[],
  names: TopicNaming,
): string[] {
  const endpoints = topics.map((topic) => ({
    topic: names.resolveTopic(nameToMake(topic, names)),
    kind: topic.kind,
  }));
  const prefixes = endpoints.map(({ topic, kind }) => qosOverridePrefix(topic, kind));
  const unknown = Object.keys(overrides).flatMap((name) => {
    if (!name.startsWith('qos_overrides.') || topicsOfEveryNode.has(topicOf(name))) return [];
    if (prefixes.some((prefix) => name.startsWith(prefix))) return [];
    const policy = name.split('.').at(-1)!;
    const right = prefixes.map((prefix) => `${prefix}${policy}`);
    return [`${name} is of no topic of this node${suggestion(name, right)}`];
  });
  return [...unknown, ...endpoints.flatMap(({ topic, kind }) => unfitQosOverrides(topic, kind, overrides))];
}
