/** Start and end of rcl, and the nodes in between. Importing this module loads rclnodejs (rclnodejs.ts). */
import { ConfigError, TransportError } from '../../core/errors.js';
import { refuseHangingProfile } from '../profileInForce.js';
import { ensureLogDirectory } from './logDirectory.js';
import { rclnodejs } from './rclnodejs.js';
import { RosLifecycleNode } from './rosLifecycleNode.js';
import { RosNode } from './rosNode.js';

/** Parameter services are our own (parameterServices.ts). */
const nodeOptions = new rclnodejs.NodeOptions();
nodeOptions.startParameterServices = false;

/** Whether rcl starts without any arguments, so that a failure with some is theirs. */
async function startsWithoutArguments(): Promise<boolean> {
  const context = new rclnodejs.Context();
  try {
    await rclnodejs.init(context, ['rdk-yolo-seg']);
    rclnodejs.shutdown(context);
    return true;
  } catch {
    return false;
  }
}

/**
 * Initialises rcl with ROS arguments (`--ros-args ...`); log files go where they can be written.
 *
 * Throws ConfigError for arguments that rcl cannot read and a profile that Fast DDS would wait for, TransportError where rcl cannot
 * start.
 */
export async function initRcl(args: readonly string[]): Promise<void> {
  refuseHangingProfile();
  const logDirectoryChange = ensureLogDirectory();
  try {
    await rclnodejs.init(undefined, ['rdk-yolo-seg', ...args]);
  } catch (error) {
    const text = `rcl cannot start with the arguments ${args.join(' ')}`;
    if (args.length > 0 && (await startsWithoutArguments())) {
      throw new ConfigError('arguments', text, { args }, error);
    }
    throw new TransportError('init', text, { args }, error);
  }
  if (logDirectoryChange !== null) {
    // A class, though rclnodejs 2.2 declares an object of it.
    const logging = rclnodejs.logging as unknown as { getLogger(name: string): rclnodejs.Logging };
    logging.getLogger('rdk_yolo_seg').warn(logDirectoryChange);
  }
  // process.exit() runs the middleware's static destructors; the thread of rclnodejs that still waits on a node then
  // uses freed memory and now and then aborts the process.
  process.once('exit', shutdownRcl);
}

/** A plain node in the context of `initRcl`, with the remap rules of its arguments. */
export function createNode(name: string): RosNode {
  return new RosNode(rclnodejs.createNode(name, '', undefined, nodeOptions));
}

/** A node with the managed life cycle in the context of `initRcl`. */
export function createLifecycleNode(name: string): RosLifecycleNode {
  return new RosLifecycleNode(rclnodejs.createLifecycleNode(name, '', undefined, nodeOptions));
}

/** Shuts the rcl context down and destroys the nodes that are left. */
export function shutdownRcl(): void {
  process.removeListener('exit', shutdownRcl);
  if (!rclnodejs.isShutdown()) rclnodejs.shutdown();
}
