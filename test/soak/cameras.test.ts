import { expect, it } from 'vitest';
import { Peer } from '../ros2/support/peer.js';
import { useRobot } from '../ros2/support/graph.js';
import { balanced, SoakPart } from './support/soakPart.js';
import { SoakedNode } from './support/soakedNode.js';

const robot = useRobot();
/** Frames that the node takes of one camera before the next one starts. */
const framesPerCamera = 1000;

/** A camera that sends more than the node can run. */
function startCamera(): Peer {
  const args = ['--source', 'assets/evalset/images', '--width', '640', '--height', '480', '--rate', '240'];
  return new Peer('bin/rdk-yolo-seg', ['camera', ...args, '--wait-for-subscriber']);
}

it('20,000 frames of hbmem, with cameras that end and are killed: each taken one is given back', async () => {
  const part = new SoakPart('cameras', 'Frames of hbmem with camera restarts', {
    goal: 20_000,
    unit: 'frames',
  });
  const node = new SoakedNode(part.folder, {});
  let camera: Peer | undefined;
  try {
    await node.logged('active: ');
    for (let restarts = 0; !part.isDone; restarts++) {
      const from = part.done;
      camera = startCamera();
      while (!part.isDone && part.done < from + framesPerCamera) {
        const seen = await balanced(robot, ({ count }) => count('input.taken') > part.done, 60_000);
        part.sample(seen.count('input.taken'), node, seen);
      }
      // One that is killed in the middle of a frame leaves its shared memory behind.
      const isKilled = restarts % 2 === 1;
      camera.process.kill(isKilled ? 'SIGKILL' : 'SIGINT');
      expect(await camera.exited).toBe(isKilled ? 'SIGKILL' : 0);
      part.count(isKilled ? 'cameras killed' : 'cameras ended', 1);
      const idle = await balanced(
        robot,
        ({ value, count }) => value('rate_in_hz') === '0.0' && count('frames_in_work') === 0,
      );
      // The first two: one that ended, and one that was killed.
      if (restarts === 1) await part.mark('before', node);
      expect(idle.count('input.returned')).toBe(idle.count('input.taken'));
      expect(idle.count('frames_in')).toBe(idle.count('input.taken'));
    }
    const end = await balanced(robot);
    part.countFrames(end);
    part.bound('frames copied in place of loaned', '', {
      before: null,
      after: end.count('input.copied'),
      most: 0,
    });
    part.bound('messages that could not be taken', '', {
      before: null,
      after: end.count('input.take_errors'),
      most: 0,
    });
    await part.mark('after', node);
    part.boundHeld({ anonymousMib: 40, heapUsedMib: 4, descriptors: 2, threads: 2 });
    part.finish();
  } finally {
    await camera?.kill();
    await node.stop();
  }
});
