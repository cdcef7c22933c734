import { it } from 'vitest';
import { Robot } from '../ros2/support/robot.js';
import { useRobot } from '../ros2/support/graph.js';
import { balanced, SoakPart } from './support/soakPart.js';
import { SoakedNode } from './support/soakedNode.js';

const robot = useRobot();

/** A topic of each kind: small, large, latched, drawn by a worker. */
const topics = [
  ['/yolo_seg/detections', 'vision_msgs/msg/Detection2DArray'],
  ['/yolo_seg/masks', 'rdk_yolo_seg_msgs/msg/InstanceMaskArray'],
  ['/yolo_seg/label_map', 'sensor_msgs/msg/Image'],
  ['/yolo_seg/overlay/compressed', 'sensor_msgs/msg/CompressedImage'],
] as const;

it('100 rounds of subscribers that come and go, every tenth a process that is killed', async () => {
  const part = new SoakPart('subscribers', 'Rounds of subscribers that come and go', {
    goal: 100,
    unit: 'rounds',
  });
  const node = new SoakedNode(part.folder, {});
  let guest: Robot | undefined;
  try {
    await node.logged('active: ');
    await robot.startCamera();
    await robot.stream(30);
    for (let round = 1, marked = false; !part.isDone; round++) {
      const isGuest = round % 10 === 0;
      if (isGuest) guest = await Robot.start();
      const consumer = isGuest ? guest! : robot;
      for (const [topic, type] of topics) await consumer.listen(topic, type);
      for (const [topic] of topics) await consumer.next(topic);
      if (isGuest) {
        guest!.signal('SIGKILL');
        await guest!.end();
        part.count('consumers killed', 1);
      } else for (const [topic] of topics) await robot.unlisten(topic);
      for (const [topic] of topics) robot.drain(topic);
      part.sample(round, node, await balanced(robot));
      if (!marked && part.isWarm) {
        await part.mark('before', node);
        marked = true;
      }
    }
    await robot.stopStream();
    await part.mark('after', node);
    part.boundHeld({ anonymousMib: 40, heapUsedMib: 4, descriptors: 4, threads: 2 });
    part.finish();
  } finally {
    await robot.closeCamera();
    await guest?.end();
    await node.stop();
  }
});
