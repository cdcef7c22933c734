/** Whether the middleware loans a camera's messages here: one is published, taken and compared. */
import { setTimeout as delay } from 'node:timers/promises';
import { hbmTypeOf } from '../core/hbmMessages.js';
import { remedies } from '../native/setupRemedy.js';
import { explainCopies } from '../ros2/delivery.js';
import type { HbmemSubscription } from '../ros2/hbmem/subscription.js';
import { hasMessageType } from '../ros2/messageTypes.js';
import { applySharedMemoryEnv } from '../ros2/sharedMemoryEnv.js';
import { type Check, fault, notApplicable, ok, warning } from './check.js';
import type { ProbeSteps } from './probeMessages.js';

const id = 'shm.loan';
const type = hbmTypeOf('HbmMsg480P');
const widthPx = 640;
const heightPx = 480;
const frameBytes = (widthPx * heightPx * 3) / 2;
/** Publisher and subscription find each other, and a frame arrives, within this time. */
const limitMs = 10_000;
const pauseMs = 20;

/** How the frame came. */
interface Arrival {
  readonly loaned: boolean;
  readonly isIntact: boolean;
}

/** Every byte tells something of its place. */
function pattern(): Uint8Array {
  return Uint8Array.from({ length: frameBytes }, (_, index) => (index * 31 + (index >> 8)) & 255);
}

function judge(
  sharedMemoryEnabled: boolean,
  canLoan: boolean,
  sentLoaned: boolean,
  arrival: Arrival | null,
): Check {
  const details = { type, sharedMemoryEnabled, canLoan, sentLoaned, arrival };
  if (arrival === null) {
    const remedy =
      'df -h /dev/shm must show room; rdk-yolo-seg clean-shm; check RMW_IMPLEMENTATION and ROS_DOMAIN_ID';
    return fault(
      id,
      `a frame that this process sent to itself did not arrive within ${limitMs / 1000} s`,
      remedy,
      details,
    );
  }
  if (!arrival.isIntact) {
    const remedy = `another Fast DDS or another hbm_img_msgs than the one this was built with: ${remedies.setup}`;
    return fault(id, 'a frame arrived with other bytes than were sent', remedy, details);
  }
  if (arrival.loaned && sentLoaned)
    return ok(id, 'a frame was sent and taken as a loan, its bytes intact', details);
  const side = arrival.loaned ? 'sent' : 'taken';
  const why =
    sharedMemoryEnabled && canLoan
      ? 'the profile in force does not turn data sharing on, or /dev/shm has no room: the lines above tell both; config/fastdds/shm.xml shows what a profile needs'
      : explainCopies({ sharedMemoryEnabled, canLoan, sizelessType: null, room: null });
  return warning(id, `a frame arrived, but it was ${side} as a copy`, why, details);
}

/** Rejects as ROS and the addon do. */
export async function probeLoan(steps: ProbeSteps): Promise<void> {
  await steps.begin(id);
  if (!hasMessageType(type)) {
    steps.tell(notApplicable(id, `this ROS environment does not have ${type}`));
    return;
  }
  const { enabled } = applySharedMemoryEnv();
  // Imported late: loading rclnodejs reads the environment set above.
  const [
    { createNode, initRcl, shutdownRcl },
    { cameraQos, LoanedPublisher },
    { defaultHbmemQos, HbmemSubscription },
  ] = await Promise.all([
    import('../ros2/rcl/rcl.js'),
    import('../ros2/hbmem/publisher.js'),
    import('../ros2/hbmem/subscription.js'),
  ]);
  await initRcl([]);
  const node = createNode(`yolo_seg_doctor_${process.pid}`);
  let subscription: HbmemSubscription | null = null;
  try {
    const pixels = pattern();
    const topic = `/yolo_seg_doctor_${process.pid}/loan`;
    let arrival: Arrival | null = null;
    let failure: Error | null = null;
    subscription = new HbmemSubscription(
      node,
      { topic, type, qos: defaultHbmemQos, frameId: '' },
      {
        onFrame: (lease) => {
          const isIntact = lease.borrowBytes(
            (bytes) => Buffer.compare(bytes.subarray(0, frameBytes), pixels) === 0,
          );
          arrival ??= { loaned: lease.loaned, isIntact };
          lease.close();
        },
        onRejected: (error) => {
          failure = error;
        },
        onSuperseded: () => undefined,
        onRemark: () => undefined,
        onIncompatibleQos: () => undefined,
        onError: (error) => {
          failure = error;
        },
        onForgotten: () => undefined,
      },
    );
    const publisher = new LoanedPublisher(node, { topic, type, qos: cameraQos });
    const deadlineMs = performance.now() + limitMs;
    let sentLoaned = true;
    for (let index = 0; arrival === null && performance.now() < deadlineMs; index++) {
      if (failure !== null) throw failure;
      if (publisher.subscriptionCount() > 0) {
        const { loaned } = publisher.publish({
          index,
          widthPx,
          heightPx,
          stepBytes: widthPx,
          dataSizeBytes: frameBytes,
          encoding: 'nv12',
          pixels,
        });
        sentLoaned = loaned;
      }
      await delay(pauseMs);
    }
    steps.tell(judge(enabled, subscription.canLoan, sentLoaned, arrival));
  } finally {
    await subscription?.stop();
    node.destroy();
    shutdownRcl();
  }
}
