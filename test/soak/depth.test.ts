import { expect, it } from 'vitest';
import { Fakednn } from '../support/fakednn.js';
import { useRobot } from '../ros2/support/graph.js';
import { picture } from '../ros2/support/robot.js';
import { balanced, SoakPart } from './support/soakPart.js';
import { SoakedNode } from './support/soakedNode.js';

const robot = useRobot();
const { widthPx, heightPx } = picture;
/** Frames that are run between two ends of the depth camera. */
const framesPerCamera = 400;

it('5000 frames with depth, whose camera ends and comes again: each has its depth or a reason', async () => {
  const part = new SoakPart('depth', 'Frames with depth pictures of 640 x 360', {
    goal: 5000,
    unit: 'frames',
  });
  const dnn = new Fakednn();
  const node = new SoakedNode(part.folder, {
    parameters: {
      'model.path': dnn.model('core_ms: 5.5'),
      'backend.dnn_library': dnn.library,
      'input.depth': '/depth/image',
      'depth.tolerance_ms': 100.5,
    },
  });
  const info = {
    ...{ width: widthPx, height: heightPx, distortion_model: 'plumb_bob' },
    // A zero would be written as a whole number, which these fields do not take.
    k: [500.5, 1e-9, 320.5, 1e-9, 500.5, 180.5, 1e-9, 1e-9, 1.5],
  };
  const start = async () => {
    await robot.startCamera({ name: 'depth', type: 'sensor_msgs/msg/Image', topic: '/depth/image' });
    await robot.stream(30, 'depth', 'metres');
  };
  try {
    const metres = new Uint8Array(new Uint16Array(widthPx * heightPx).fill(1500).buffer);
    const fields = { width: widthPx, height: heightPx, encoding: 'mono16', step: 2 * widthPx };
    await robot.addEncoded('metres', metres, fields);
    for (const [topic, type] of [
      ['detections3d', 'vision_msgs/msg/Detection3DArray'],
      ['points', 'sensor_msgs/msg/PointCloud2'],
    ] as const) {
      await robot.do('collect', { topic: `/yolo_seg/${topic}`, type });
    }
    await node.logged('active: ');
    await robot.startCamera();
    await robot.stream(60, 'front', 'grey');
    let paired = 0;
    for (let marked = false, cameras = 0; !part.isDone; cameras++) {
      const goal = part.done + framesPerCamera;
      await start();
      while (!part.isDone && part.done < goal) {
        const seen = await balanced(robot, ({ count }) => count('frames_in') > part.done, 60_000);
        if (seen.count('depth.paired') === paired)
          await robot.do('tell', {
            type: 'sensor_msgs/msg/CameraInfo',
            topic: '/depth/camera_info',
            message: info,
          });
        paired = seen.count('depth.paired');
        part.sample(seen.count('frames_in'), node, seen);
      }
      await robot.closeCamera('depth');
      part.count('depth cameras ended', 1);
      if (!marked && part.isWarm && cameras > 0) {
        await part.mark('before', node);
        marked = true;
      }
    }
    await robot.stopStream();
    const end = await balanced(robot, ({ count }) => count('frames_in_work') === 0);
    part.countFrames(end);
    for (const key of ['depth.pictures', 'depth.paired']) part.count(key, end.count(key));
    expect(end.count('depth.paired')).toBeGreaterThan(part.done / 10);
    await part.mark('after', node);
    part.boundHeld({ anonymousMib: 40, heapUsedMib: 4, descriptors: 2, threads: 2 });
    part.finish();
  } finally {
    await robot.closeCamera();
    await node.stop();
    dnn.remove();
  }
});
