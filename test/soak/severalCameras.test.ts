import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import sharp from 'sharp';
import { expect, it } from 'vitest';
import { Fakednn } from '../support/fakednn.js';
import { makeRandom } from '../support/random.js';
import { useRobot } from '../ros2/support/graph.js';
import { Peer } from '../ros2/support/peer.js';
import { balanced, SoakPart } from './support/soakPart.js';
import { SoakedNode } from './support/soakedNode.js';

const robot = useRobot();
const names = ['front', 'left', 'right'] as const;
/** Frames between two things that happen to a camera. */
const framesPerStep = 250;
/** From a rare camera to one that sends more than the BPU can take. */
const ratesHz = [3, 15, 30, 60, 240] as const;

it('10,000 frames of three cameras that come, go, flood and die at random: each is accounted for', async () => {
  const part = new SoakPart('severalCameras', 'Three cameras that come, go, flood and die at random', {
    goal: 10_000,
    unit: 'frames',
  });
  const random = makeRandom(Number(process.env.RDK_YOLO_SEG_SOAK_SEED ?? '1'));
  const dnn = new Fakednn();
  const node = new SoakedNode(part.folder, {
    parameters: {
      'model.path': dnn.model('core_ms: 5.5'),
      'backend.dnn_library': dnn.library,
      'cameras.names': [...names],
    },
  });
  const pictures = mkdtempSync(join(tmpdir(), 'soak-cameras-'));
  const cameras = new Map<(typeof names)[number], Peer>();
  const start = (name: (typeof names)[number]) => {
    const rate = ratesHz[Math.floor(random() * ratesHz.length)]!;
    part.count(rate === 240 ? 'cameras that flood' : 'other cameras', 1);
    const source = ['--source', pictures, '--width', '128', '--height', '128', '--rate', String(rate)];
    const remap = ['--ros-args', '-r', `hbmem_img:=/${name}/hbmem_img`, '-r', `__node:=camera_${name}`];
    cameras.set(name, new Peer('bin/rdk-yolo-seg', ['camera', ...source, ...remap]));
  };
  const end = async (name: (typeof names)[number], camera: Peer) => {
    cameras.delete(name);
    const isKilled = random() < 0.5;
    camera.process.kill(isKilled ? 'SIGKILL' : 'SIGINT');
    expect(await camera.exited).toBe(isKilled ? 'SIGKILL' : 0);
    part.count(isKilled ? 'cameras killed' : 'cameras ended', 1);
  };
  const statusOf = (name: string) => `yolo_seg: ${name}`;
  try {
    const grey = { width: 128, height: 128, channels: 3, background: '#727272' } as const;
    await sharp({ create: grey }).png().toFile(join(pictures, 'grey.png'));
    await node.logged('active: ');
    for (let marked = false; !part.isDone; ) {
      const name = names[Math.floor(random() * names.length)]!;
      const there = cameras.get(name);
      if (there === undefined) start(name);
      else await end(name, there);
      if (cameras.size === 0) start(name);
      // None is forgotten beside those that flood.
      for (const one of cameras.keys()) {
        const from = await robot.diagnostics(undefined, 30_000, statusOf(one));
        const more = ({ count }: typeof from) => count('frames_out') >= from.count('frames_out') + 3;
        await robot.diagnostics(more, 60_000, statusOf(one));
      }
      const goal = part.done + framesPerStep;
      while (part.done < goal) {
        const seen = await balanced(robot, ({ count }) => count('frames_in') > part.done, 60_000);
        part.sample(seen.count('frames_in'), node, seen);
      }
      if (!marked && part.isWarm) {
        await part.mark('before', node);
        marked = true;
      }
    }
    for (const [name, camera] of cameras) await end(name, camera);
    const whole = await balanced(
      robot,
      ({ value, count }) => count('frames_in_work') === 0 && value('rate_in_hz') === '0.0',
      60_000,
    );
    part.countFrames(whole);
    let [taken, returned] = [0, 0];
    for (const name of names) {
      const seen = await robot.diagnostics(undefined, 20_000, statusOf(name));
      expect(seen.count('frames_out') + seen.count('dropped')).toBe(seen.count('frames_in'));
      taken += seen.count('input.taken');
      returned += seen.count('input.returned');
    }
    expect([taken, returned]).toEqual([whole.count('frames_in'), whole.count('frames_in')]);
    await part.mark('after', node);
    part.boundHeld({ anonymousMib: 40, heapUsedMib: 4, descriptors: 4, threads: 4 });
    node.signal('SIGINT');
    part.bound('exit code of the node', '', { before: null, after: Number(await node.ended()), most: 0 });
    const misuses = node.log.match(/violation: .*/g) ?? [];
    part.bound('misuses of the library', '', { before: null, after: misuses.length, most: 0 });
    part.finish();
  } finally {
    for (const camera of cameras.values()) await camera.kill();
    rmSync(pictures, { recursive: true });
    await node.stop();
    dnn.remove();
  }
});
