import { expect, it } from 'vitest';
import { Fakednn } from '../support/fakednn.js';
import { useRobot } from '../ros2/support/graph.js';
import { demoModel } from '../ros2/support/nodeProcess.js';
import { YoloSeg } from '../ros2/support/yoloSeg.js';
import { SoakPart, balanced } from './support/soakPart.js';
import { SoakedNode } from './support/soakedNode.js';

const robot = useRobot();
const yoloSeg = new YoloSeg(robot);

it.each(['onnx', 'bpu'] as const)(
  '200 rounds of the life cycle on %s leave nothing behind',
  async (backend) => {
    const part = new SoakPart(`lifecycle-${backend}`, `Rounds of the life cycle, backend ${backend}`, {
      goal: 200,
      unit: 'rounds',
    });
    const dnn = new Fakednn();
    const modelPath = backend === 'onnx' ? demoModel : dnn.model();
    const parameters = { autostart: false, 'model.path': modelPath, 'backend.dnn_library': dnn.library };
    const node = new SoakedNode(part.folder, { parameters });
    try {
      await robot.startCamera();
      await yoloSeg.listenToDetections();
      await robot.stream(30, 'front', backend === 'onnx' ? 'balls' : 'grey');
      for (let round = 1, marked = false; !part.isDone; round++) {
        expect(await yoloSeg.change('configure')).toBe(true);
        expect(await yoloSeg.change('activate')).toBe(true);
        robot.drain('/yolo_seg/detections');
        await robot.next('/yolo_seg/detections');
        const seen = await balanced(robot);
        expect(await yoloSeg.change('deactivate')).toBe(true);
        expect(await yoloSeg.change('cleanup')).toBe(true);
        part.sample(round, node, seen);
        if (!marked && part.isWarm) {
          await part.mark('before', node);
          marked = true;
        }
      }
      await robot.stopStream();
      await part.mark('after', node);
      part.boundHeld({ anonymousMib: 40, heapUsedMib: 4, descriptors: 2, threads: 2 });
      part.bound('lines of ERROR in the log', '', {
        before: null,
        after: node.log.match(/\[ERROR\]|never closed|never freed|violation/g)?.length ?? 0,
        most: 0,
      });
      part.finish();
    } finally {
      await robot.closeCamera();
      await node.stop();
      dnn.remove();
    }
  },
);
