// Subscribes, holds three frames and then does to itself what argv[2] says; one line of JSON per event.
// argv[3]: JSON of further subscription options; argv[4]: `reliable` for a publisher without shared memory.

import { applySharedMemoryEnv } from '#dist/ros2/sharedMemoryEnv.js';
import { HIDE_PROFILE } from './pattern.mjs';

if (process.env[HIDE_PROFILE] === undefined) applySharedMemoryEnv();
const { createNode, initRcl, shutdownRcl } = await import('#dist/ros2/rcl/rcl.js');
const { HbmemSubscription, defaultHbmemQos } = await import('#dist/ros2/hbmem/subscription.js');
const [, , action, extra = '{}', reliability = 'best_effort'] = process.argv;
/**
 * @param {string} event
 * @param {object} details
 */
const say = (event, details = {}) => process.stdout.write(`${JSON.stringify({ event, ...details })}\n`);

await initRcl([]);
const node = createNode(`test_holder_${process.pid}`);
/** @typedef {Parameters<import('#dist/ros2/hbmem/subscription.js').HbmemCallbacks['onFrame']>[0]} FrameLease */

/** @type {import('#dist/ros2/hbmem/subscription.js').HbmemSubscription} */
let subscription;
/** @type {FrameLease[]} */
const held = [];
let acting = false;

/**
 * What a holder of a frame sees: `readable`, or the code of the error.
 *
 * @param {FrameLease} lease
 */
function state(lease) {
  try {
    return lease.borrowBytes((bytes) => bytes[0] >= 0) ? 'readable' : 'empty';
  } catch (error) {
    return error instanceof Error && 'code' in error ? error.code : String(error);
  }
}

/**
 * @param {string} event
 * @param {object} details
 */
const report = (event, details = {}) =>
  say(event, { ...details, states: held.map(state), counters: subscription.counters });

function endNode() {
  node.destroy();
  shutdownRcl();
}

/** @type {Record<string, () => unknown>} */
const actions = {
  exit: () => process.exit(0),
  throw: () => {
    throw new Error('on purpose');
  },
  destroy: () => {
    node.destroy();
    report('destroyed');
    shutdownRcl();
  },
  shutdown: () => {
    shutdownRcl();
    report('shut down');
  },
  stopNow: () => {
    say('stopped', { finalised: subscription.stopNow(50) });
    report('after');
    endNode();
  },
  stop: async () => {
    say('stopped', { left: await subscription.stop(100) });
    for (const lease of held) lease.close();
    say('stopped again', { left: await subscription.stop(1000) });
    report('after');
    endNode();
  },
  repeat: async () => {
    subscription.stopTaking();
    subscription.stopTaking();
    subscription.stopNow();
    subscription.stopNow();
    say('stopped', { left: await subscription.stop() });
    report('after');
    endNode();
  },
  afterShutdown: async () => {
    shutdownRcl();
    say('stopped', { left: await subscription.stop(), finalised: subscription.stopNow() });
    for (const lease of held) {
      lease.close();
      lease.close();
    }
    report('after');
  },
  hold: () =>
    process.stdin
      .on('data', () => report('so far'))
      .once('end', async () => {
        report('after');
        for (const lease of held) lease.close();
        // Also gives back the frame that was taken and waits for its turn of the event loop.
        await subscription.stop();
        report('closed');
        endNode();
      }),
  forget: async () => {
    held.length = 0;
    for (let round = 0; round < 100 && subscription.counters.outstanding > 0; round++) {
      await new Promise((resolve) => setTimeout(resolve, 20));
      globalThis.gc?.();
    }
    report('after');
    await subscription.stop();
    endNode();
  },
};

subscription = new HbmemSubscription(
  node,
  {
    topic: 'hbmem_img',
    type: 'hbm_img_msgs/msg/HbmMsg480P',
    qos: { ...defaultHbmemQos, reliability },
    frameId: 'camera',
    ...JSON.parse(extra),
  },
  {
    onFrame: (lease) => {
      if (acting) return lease.close();
      held.push(lease);
      if (held.length === 3) {
        acting = true;
        report('holding', { loaned: held.map((each) => each.loaned) });
        actions[action]?.();
      }
    },
    onRejected: (error) => say('rejected', { message: error.message }),
    onSuperseded: () => {},
    onRemark: (message) => say('layout', { message }),
    onIncompatibleQos: (policy) => say('qos', { policy }),
    onError: (error) => say('error', { message: error.message }),
    onForgotten: (message) => say('forgotten', { message }),
  },
);
node.spin();
if (action === 'before') {
  await subscription.stop();
  say('after', { counters: subscription.counters });
  endNode();
}
