import { expect, it } from 'vitest';
import { setTimeout as sleep } from 'node:timers/promises';
import { Peer } from '../ros2/support/peer.js';
import { type DiagnosticsSeen, Robot } from '../ros2/support/robot.js';
import { useRobot } from '../ros2/support/graph.js';
import { balanced, SoakPart } from './support/soakPart.js';
import { SoakedNode } from './support/soakedNode.js';

const robot = useRobot();
const topic = '/yolo_seg/masks';
/** Longer than the two seconds after which silence is told. */
const pauseMs = 2500;
/** What the diagnostics say then. */
const silence = /no frame from .* for \d+ s/;

it('30 pauses of camera, consumer and node by SIGSTOP: results come again after each', async () => {
  const part = new SoakPart('stopped', 'Camera, consumer and node stopped and continued', {
    goal: 30,
    unit: 'pauses',
  });
  const node = new SoakedNode(part.folder, {});
  const camera = new Peer('bin/rdk-yolo-seg', [
    'camera',
    '--rate',
    '30',
    '--width',
    '640',
    '--height',
    '480',
  ]);
  let consumer: Robot | undefined;
  try {
    await node.logged('active: ');
    consumer = await Robot.start();
    await consumer.listen(topic, 'rdk_yolo_seg_msgs/msg/InstanceMaskArray');
    await consumer.next(topic, () => true, 60_000);
    const actors = [
      ['camera', (signal: NodeJS.Signals) => camera.process.kill(signal)],
      ['consumer', (signal: NodeJS.Signals) => consumer!.signal(signal)],
      ['node', (signal: NodeJS.Signals) => node.signal(signal)],
    ] as const;
    for (let pause = 1, marked = false; !part.isDone; pause++) {
      const [name, send] = actors[pause % actors.length]!;
      const before = await balanced(robot);
      send('SIGSTOP');
      if (name === 'camera') {
        await balanced(robot, ({ level, message }) => level === 1 && silence.test(message));
      } else if (name === 'consumer') {
        // It blocks nobody: results go on.
        const goes = await balanced(
          robot,
          ({ count }) => count('frames_out') > before.count('frames_out') + 20,
        );
        expect(goes.count(`output.masks.refused`)).toBe(0);
        await sleep(pauseMs);
      } else await sleep(pauseMs);
      send('SIGCONT');
      const from = await balanced(robot);
      const isBack = ({ message, count }: DiagnosticsSeen) =>
        !silence.test(message) && count('frames_out') > from.count('frames_out');
      const seen = await balanced(robot, isBack);
      consumer.drain(topic);
      await consumer.next(topic);
      part.count(`pauses of the ${name}`, 1);
      part.sample(pause, node, seen);
      if (!marked && pause === 3) {
        await part.mark('before', node);
        marked = true;
      }
    }
    const end = await balanced(robot);
    part.countFrames(end);
    await part.mark('after', node);
    part.boundHeld({ anonymousMib: 40, heapUsedMib: 4, descriptors: 2, threads: 2 });
    part.finish();
  } finally {
    camera.process.kill('SIGCONT');
    await camera.kill();
    consumer?.signal('SIGCONT');
    await consumer?.end();
    node.signal('SIGCONT');
    await node.stop();
  }
});
