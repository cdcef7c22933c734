/** Stands for the name of a camera in the names of topics that each camera has its own of. */
export const cameraPlaceholder = '{camera}';

/** Names of the node that rcl puts in the place of braces, and the braces. */
const substitution = String.raw`\{(?:node|ns|namespace)\}`;
const token = `(?:[A-Za-z_]|${substitution})(?:[A-Za-z0-9_]|${substitution})*`;
const pattern = new RegExp(`^(?:~?/)?${token}(?:/${token})*$`);
/** rmw's bound, of names after their expansion. */
const mostCharacters = 247;

/**
 * What is expected, to stand behind the value and the word `expected`; null for the name of a topic that it takes, before the expansion of
 * `~`, `{node}` and `{ns}`. `~` alone and `~name` are refused, which ROS takes for the node's own name and its beginning.
 */
export function topicNameFault(name: string, example: string): string | null {
  if (name.length > mostCharacters) return `the name of a topic, of at most ${mostCharacters} characters`;
  return pattern.test(name) ? null : `the name of a topic, such as ${example}`;
}
