import { expect, it } from 'vitest';
import { makeRandom } from '../support/random.js';
import { useRobot } from '../ros2/support/graph.js';
import { Double, YoloSeg } from '../ros2/support/yoloSeg.js';
import { picture } from '../ros2/support/robot.js';
import { balanced, SoakPart } from './support/soakPart.js';
import { SoakedNode } from './support/soakedNode.js';

const robot = useRobot();
const yoloSeg = new YoloSeg(robot);

it('2000 changes of parameters, a region and thresholds with each frame: every frame is accounted for', async () => {
  const part = new SoakPart('parameters', 'Changes of parameters while frames come', {
    goal: 2000,
    unit: 'changes',
  });
  const random = makeRandom(1);
  const upTo = (most: number) => Math.floor(random() * most);
  const node = new SoakedNode(part.folder, {});
  try {
    await node.logged('active: ');
    await robot.startCamera();
    await yoloSeg.listenToDetections();
    await robot.listen('/yolo_seg/masks', 'rdk_yolo_seg_msgs/msg/InstanceMaskArray');
    await robot.stream(30);
    for (let change = 1, marked = false; !part.isDone; change++) {
      // Now and then one that is to be refused as a whole.
      const isBad = upTo(10) === 0;
      const x = 2 * upTo(picture.widthPx / 4);
      const results = await yoloSeg.setParameters({
        'input.roi.x': x,
        'input.roi.y': 2 * upTo(picture.heightPx / 4),
        'input.roi.width': upTo(4) === 0 ? 0 : 32 + upTo(400),
        score_threshold: new Double(isBad ? 7.5 : 0.2 + random() * 0.6),
        'output.mask_encoding': upTo(2) === 0 ? 'rle' : 'mono8',
        'output.mask_contours': upTo(2) === 0,
        max_detections: 1 + upTo(300),
      });
      expect(results.filter(({ successful }) => !successful).length).toBe(isBad ? 1 : 0);
      part.count(isBad ? 'refused' : 'taken', 1);
      if (change % 10 !== 0) continue;
      const seen = await balanced(robot);
      part.sample(change, node, seen);
      robot.drain('/yolo_seg/detections');
      robot.drain('/yolo_seg/masks');
      if (!marked && part.isWarm) {
        await part.mark('before', node);
        marked = true;
      }
    }
    await robot.stopStream();
    const end = await balanced(robot, ({ count }) => count('frames_in_work') === 0);
    for (const key of ['frames_in', 'frames_out', 'dropped', 'dropped.superseded', 'dropped.roi'])
      part.count(key, end.count(key));
    await part.mark('after', node);
    part.boundHeld({ anonymousMib: 40, heapUsedMib: 4, descriptors: 2, threads: 2 });
    part.finish();
  } finally {
    await robot.closeCamera();
    await node.stop();
  }
});
