import { meansNode } from './parameterKeys.js';
import { rclAddon } from './rclBinary.js';

/**
 * Values given on the command line and in parameter files for a node, by parameter name; as for other nodes, later ones
 * win.
 *
 * @param context rclnodejs's native handle of the context
 * @param fullName `/namespace/name`
 */
export function readParameterOverrides(context: object, fullName: string): Record<string, unknown> {
  const values: Record<string, unknown> = Object.create(null);
  for (const { name: key, parameters } of rclAddon.getParameterOverrides(context) ?? []) {
    if (!meansNode(key, fullName)) continue;
    for (const { name, value } of parameters) values[name] = value;
  }
  return values;
}
