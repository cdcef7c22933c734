import { setImmediate as nextTurn } from 'node:timers/promises';
import { describeError } from '../core/errors.js';
import { applySharedMemoryEnv } from './sharedMemoryEnv.js';

/** How long frames in work may hold up the end of the process, milliseconds. */
const shutdownTimeoutMs = 8000;

/** Resolves with the first SIGINT or SIGTERM; later ones are ignored while the node shuts down. */
function stopSignal(): Promise<NodeJS.Signals> {
  return new Promise((resolve) => {
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => resolve(signal));
  });
}

/**
 * Runs the node until SIGINT or SIGTERM and then ends the process with 0; `args` are ROS arguments.
 *
 * Rejects with ConfigError for parameters that cannot be used. A model that cannot be loaded does not end the
 * node: it stays unconfigured, so that a launch file's lifecycle manager or a user can correct and configure.
 */
export async function runNode(args: readonly string[]): Promise<void> {
  // Signals are ours from the first moment: one that comes while the model loads is obeyed right after.
  const stopped = stopSignal();
  const sharedMemory = applySharedMemoryEnv();
  // Imported late: loading rclnodejs reads the environment set above.
  const { createLifecycleNode, initRcl, shutdownRcl } = await import('./rcl.js');
  const { YoloSegNode } = await import('./node.js');
  await initRcl(args);
  const ros = createLifecycleNode('yolo_seg');
  let node: InstanceType<typeof YoloSegNode> | null = null;
  try {
    for (const line of sharedMemory.log) ros.log('info', line);
    node = new YoloSegNode(ros, { sharedMemoryEnabled: sharedMemory.enabled });
    ros.spin();
    node.autostart();
    const signal = await stopped;
    ros.log('info', `${signal}: stopping`);
  } finally {
    const late = setTimeout(() => {
      console.error(`rdk-yolo-seg: frames in work did not end within ${shutdownTimeoutMs} ms; leaving them`);
      process.exit(1);
    }, shutdownTimeoutMs);
    try {
      await node?.close();
    } catch (error) {
      ros.log('error', `while stopping: ${describeError(error)}`);
    }
    ros.destroy();
    shutdownRcl();
    clearTimeout(late);
  }
  // Node prints warnings a turn later: what a session could not give back would be lost.
  await nextTurn();
  // A natural end gives signals their default action back first, and a second one then kills the process: a
  // terminal and a launch file both pass Ctrl-C on.
  process.exit(0);
}
