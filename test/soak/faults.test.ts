import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import sharp from 'sharp';
import { expect, it } from 'vitest';
import { Fakednn } from '../support/fakednn.js';
import { makeRandom } from '../support/random.js';
import { useRobot } from '../ros2/support/graph.js';
import { Peer } from '../ros2/support/peer.js';
import type { DiagnosticsSeen } from '../ros2/support/robot.js';
import { YoloSeg } from '../ros2/support/yoloSeg.js';
import { randomFaults } from './support/randomFaults.js';
import { balanced, SoakPart } from './support/soakPart.js';
import { SoakedNode } from './support/soakedNode.js';

const robot = useRobot();
const yoloSeg = new YoloSeg(robot);

it('20,000 frames on a BPU with every fault at random: each is a result or counted as lost', async () => {
  const part = new SoakPart('faults', 'Frames on fakednn with every fault at random', {
    goal: 20_000,
    unit: 'frames',
  });
  const seed = Number(process.env.RDK_YOLO_SEG_SOAK_SEED ?? '1');
  const random = makeRandom(seed);
  const dnn = new Fakednn();
  const node = new SoakedNode(part.folder, {
    parameters: {
      'model.path': dnn.model(),
      'backend.dnn_library': dnn.library,
      'backend.task_timeout_ms': 100,
      autostart: false,
    },
  });
  const pictures = mkdtempSync(join(tmpdir(), 'soak-faults-'));
  let camera: Peer | undefined;
  let framesBefore = 0;
  let last: DiagnosticsSeen | null = null;
  /** Adds what a session counted to the whole. */
  const close = () => {
    if (last === null) return;
    framesBefore += last.count('frames_in');
    part.count('results', last.count('frames_out'));
    part.count('lost', last.count('dropped'));
    for (const reason of [
      'bpu_task',
      'bpu_timeout',
      'bpu_busy',
      'superseded',
      'stale',
      'failed',
      'inactive',
    ]) {
      if (last.dropped(reason) > 0) part.count(`lost as ${reason}`, last.dropped(reason));
    }
    last = null;
  };
  try {
    const grey = { width: 128, height: 128, channels: 3, background: '#727272' } as const;
    await sharp({ create: grey }).png().toFile(join(pictures, 'grey.png'));
    camera = new Peer('bin/rdk-yolo-seg', [
      'camera',
      '--source',
      pictures,
      '--width',
      '128',
      '--height',
      '128',
      '--rate',
      '150',
    ]);
    for (let marked = false; !part.isDone; ) {
      const { settings, opens } = randomFaults(random);
      const isSet = await yoloSeg.setParameter('model.path', dnn.model(...settings));
      expect(isSet).toMatchObject({ successful: true });
      const isOpen = await yoloSeg.change('configure');
      expect(isOpen, settings.join('; ')).toBe(opens);
      part.count(opens ? 'sessions' : 'models refused', 1);
      if (!opens) continue;
      expect(await yoloSeg.change('activate')).toBe(true);
      for (let isOver = false; !isOver; ) {
        const counted = last === null ? -1 : last.count('frames_in');
        const goesOn = ({ value, count }: DiagnosticsSeen) =>
          value('lifecycle_state') !== 'active' || count('frames_in') > counted;
        const seen = await balanced(robot, goesOn);
        if (seen.value('lifecycle_state') !== 'active') {
          part.count('sessions that died', 1);
          break;
        }
        last = seen;
        part.sample(framesBefore + last.count('frames_in'), node, last);
        isOver = part.isDone || last.count('frames_in') > 3000;
      }
      // One that died is unconfigured already.
      if ((await yoloSeg.state()) === 'active') {
        expect(await yoloSeg.change('deactivate')).toBe(true);
        last = await balanced(robot, ({ count }) => count('frames_in_work') === 0);
        expect(await yoloSeg.change('cleanup')).toBe(true);
      }
      close();
      if (!marked && part.isWarm) {
        await part.mark('before', node);
        marked = true;
      }
    }
    await part.mark('after', node);
    part.boundHeld({ anonymousMib: 40, heapUsedMib: 4, descriptors: 4, threads: 4 });
    const misuses = node.log.match(/violation: .*/g) ?? [];
    part.bound('misuses of the library', '', { before: null, after: misuses.length, most: 0 });
    node.signal('SIGINT');
    const code = await node.ended();
    part.bound('exit code of the node', '', { before: null, after: Number(code), most: 0 });
    part.finish();
  } finally {
    await camera?.kill();
    rmSync(pictures, { recursive: true });
    await node.stop();
    dnn.remove();
  }
});
