const partsOf = (name: string) => name.split('/').filter((part) => part !== '');

/**
 * Whether a node key of a parameter file means a node, as rclcpp and rclpy take it: `*` stands for one part of the name
 * and `**` for any number; a key without a leading slash is a node without a namespace.
 *
 * @param fullName `/namespace/name`
 */
export function meansNode(key: string, fullName: string): boolean {
  const name = partsOf(fullName);
  /** How many parts of the name the key may have covered so far. */
  let covered = new Set([0]);
  for (const part of partsOf(key)) {
    const next = new Set<number>();
    for (const count of covered) {
      if (part === '**') for (let more = count; more <= name.length; more++) next.add(more);
      else if (count < name.length && (part === '*' || part === name[count])) next.add(count + 1);
    }
    covered = next;
  }
  return covered.has(name.length);
}
