import { readFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';

/**
 * Whether the ROS environment has a message type, named `package/msg/Type`, by the index that its packages leave.
 *
 * rclnodejs could be asked only by trying: it answers late, and for a package that is gone with a missing library.
 *
 * @param prefixes Value of AMENT_PREFIX_PATH.
 */
export function hasMessageType(typeName: string, prefixes = process.env.AMENT_PREFIX_PATH ?? ''): boolean {
  const [packageName, kind, name] = typeName.split('/');
  return prefixes
    .split(delimiter)
    .filter((prefix) => prefix !== '')
    .some((prefix) => interfacesOf(prefix, packageName!).some((file) => file.startsWith(`${kind}/${name}.`)));
}

/** Interface files of a package, relative to its share folder; none where the prefix does not have it. */
function interfacesOf(prefix: string, packageName: string): string[] {
  const index = join(prefix, 'share', 'ament_index', 'resource_index', 'rosidl_interfaces', packageName);
  try {
    return readFileSync(index, 'utf8').split('\n');
  } catch {
    return [];
  }
}
