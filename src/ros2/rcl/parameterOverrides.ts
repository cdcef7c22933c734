import { doubleValue } from '../../core/wholeDouble.js';
import { meansNode } from '../nodeKeys.js';
import { typeNumberOf } from '../parameters/parameterMessages.js';
import { rclAddon } from './binary.js';

const doubleType = typeNumberOf('double');
const doubleArrayType = typeNumberOf('double_array');

/**
 * Values given on the command line and in parameter files for a node, by parameter name; as for other nodes, later ones
 * win. Whole numbers given as doubles are {@link WholeDouble}s.
 *
 * @param context rclnodejs's native handle of the context
 * @param fullName `/namespace/name`
 */
export function readParameterOverrides(context: object, fullName: string): Record<string, unknown> {
  const values: Record<string, unknown> = Object.create(null);
  for (const { name: key, parameters } of rclAddon.getParameterOverrides(context) ?? []) {
    if (!meansNode(key, fullName)) continue;
    for (const { name, type, value } of parameters) {
      if (type === doubleType) values[name] = doubleValue(value as number);
      else if (type === doubleArrayType) values[name] = (value as number[]).map(doubleValue);
      else values[name] = value;
    }
  }
  return values;
}
