/**
 * The only importer of rclnodejs, with what has to be done to it before anything is made of it.
 *
 * Loading it reads the environment: the shared-memory variables are to be set before (sharedMemoryEnv.ts).
 */
// Must be imported before rclnodejs; its header says why.
import './binary.js';

import rclnodejs from 'rclnodejs';
import { readParameterOverrides } from './parameterOverrides.js';

// Its own SIGINT handler shuts the context down under us, also while rcl_init runs; gone before any signal can meet it.
rclnodejs.removeSignalHandlers();

/** Values given at start for a node of rclnodejs, by parameter name. Throws ConfigError where rcl cannot tell them. */
export function overridesOf(node: rclnodejs.Node): Record<string, unknown> {
  const { context } = node as unknown as { context: { handle: object } };
  return readParameterOverrides(context.handle, node.getFullyQualifiedName());
}

/**
 * Has rclnodejs take only the override that it acts on itself.
 *
 * Its own reading throws for an integer list, and looks for `/**` and the bare node name only, not for
 * `/namespace/name` or other wildcards.
 */
function replaceOverridesOfRclnodejs(): void {
  const prototype = rclnodejs.Node.prototype as unknown as {
    _getNativeParameterOverrides(this: rclnodejs.Node): Map<string, rclnodejs.Parameter>;
  };
  prototype._getNativeParameterOverrides = function () {
    const name = 'start_type_description_service';
    const value = overridesOf(this)[name];
    const type = rclnodejs.ParameterType.PARAMETER_BOOL;
    return new Map(typeof value === 'boolean' ? [[name, new rclnodejs.Parameter(name, type, value)]] : []);
  };
}

replaceOverridesOfRclnodejs();

export { rclnodejs };
