import { setImmediate as nextTurn } from 'node:timers/promises';
import { openSessionSync } from '../backends/registry.js';
import { describeError } from '../core/errors.js';
import { stopLimitsMs } from '../core/stopLimits.js';
import { defaultNodeName } from '../outputs/output.js';
import { NameWatch } from './nameWatch.js';
import { judgeProfileInForce } from './profileInForce.js';
import { readRosArguments } from './rosArguments.js';
import { applySharedMemoryEnv } from './sharedMemoryEnv.js';
import { stopSignal } from './stopSignal.js';
import { unusedArguments } from './unusedArguments.js';

/**
 * Runs the node until SIGINT, SIGTERM or SIGHUP and then ends the process with 0; `args` are ROS arguments.
 *
 * Rejects with ConfigError for arguments and parameters that cannot be used. A model that cannot be loaded does not end the
 * node: it stays unconfigured, so that a launch file's lifecycle manager or a user can correct and configure.
 */
export async function runNode(args: readonly string[]): Promise<void> {
  const rosArguments = readRosArguments('node', args);
  // Signals are ours from the first moment: one that comes while the model loads is obeyed right after.
  const stopped = stopSignal();
  const sharedMemory = applySharedMemoryEnv();
  // Imported late: loading rclnodejs reads the environment set above.
  const { createLifecycleNode, initRcl, shutdownRcl } = await import('./rcl/rcl.js');
  const { YoloSegNode } = await import('./node.js');
  const { HbmemInput } = await import('./hbmemInput.js');
  await initRcl(args);
  const ros = createLifecycleNode(defaultNodeName);
  let node: InstanceType<typeof YoloSegNode> | null = null;
  let nameWatch: NameWatch | null = null;
  try {
    for (const line of sharedMemory.log) ros.log(sharedMemory.enabled ? 'info' : 'warn', line);
    if (sharedMemory.enabled) {
      const { outcome, found, remedy } = judgeProfileInForce(process.env);
      if (outcome !== 'ok') ros.log('warn', `shared memory: ${found}; ${remedy}`);
    }
    node = new YoloSegNode(ros, {
      sharedMemoryOffBy: sharedMemory.offBy,
      openSession: openSessionSync,
      openInput: (of, options) => new HbmemInput(of, options),
    });
    const overrides = Object.keys(ros.parameterOverrides);
    for (const line of unusedArguments(rosArguments, overrides, node.topics, ros)) ros.log('warn', line);
    ros.spin();
    nameWatch = new NameWatch(ros);
    node.autostart();
    const signal = await stopped;
    ros.log('info', `${signal}: stopping`);
  } finally {
    const late = setTimeout(() => {
      console.error(`rdk-yolo-seg: frames in work did not end within ${stopLimitsMs.node} ms; leaving them`);
      process.exit(1);
    }, stopLimitsMs.node);
    nameWatch?.stop();
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
