// Faults of what is around the node, in the phases in which other files do not meet them.
import { setTimeout as sleep } from 'node:timers/promises';
import { existsSync } from 'node:fs';
import { afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { useNodes, useRobot } from './support/graph.js';
import type { NodeProcess } from './support/nodeProcess.js';
import { Peer } from './support/peer.js';
import { Robot } from './support/robot.js';
import { Double, YoloSeg } from './support/yoloSeg.js';

const robot = useRobot();
const yoloSeg = new YoloSeg(robot);
const startNode = useNodes();
const nextDetections = () => robot.next('/yolo_seg/detections', () => true, 60_000);

// Each test starts several programs, one after the other.
vi.setConfig({ testTimeout: 180_000 });

beforeAll(async () => {
  await robot.startCamera();
  await yoloSeg.listenToDetections();
});
afterEach(() => robot.stopStream());

/** Ends the node and proves that it left in order, with nothing of its own in shared memory. */
async function expectCleanEnd(node: NodeProcess, shared = node.ownSharedMemory()): Promise<void> {
  node.signal('SIGINT');
  expect({ outcome: await node.ended(60_000), log: node.log }).toMatchObject({ outcome: 0 });
  expect(node.log).not.toMatch(/\[ERROR\]| {4}at |never closed|did not end/);
  expect([...shared].filter((path) => existsSync(path))).toEqual([]);
}

describe('a camera', () => {
  it.each([
    ['killed', 'SIGKILL'],
    ['stopped', 'SIGSTOP'],
  ] as const)(
    'that is %s while the node deactivates, and one that is while it ends, hold up neither',
    async (_, signal) => {
      const topic = '/other';
      const startCamera = () => {
        const size = ['--width', '640', '--height', '480', '--rate', '60'];
        const remap = ['--ros-args', '-r', `hbmem_img:=${topic}`];
        return new Peer('bin/rdk-yolo-seg', ['camera', ...size, ...remap]);
      };
      const node = startNode({ rosArguments: ['-r', `hbmem_img:=${topic}`] });
      await node.logged('active: ', { timeoutMs: 60_000 });
      // Without what killed cameras leave.
      const shared = node.ownSharedMemory();
      let camera = startCamera();
      try {
        await nextDetections();
        camera.process.kill(signal);
        expect(await yoloSeg.change('deactivate')).toBe(true);
        const idle = await robot.diagnostics(({ count }) => count('frames_in_work') === 0);
        expect(idle.count('input.returned')).toBe(idle.count('input.taken'));
        expect(idle.count('frames_out') + idle.count('dropped')).toBe(idle.count('frames_in'));
        await camera.kill();
        camera = startCamera();
        expect(await yoloSeg.change('activate')).toBe(true);
        robot.drain('/yolo_seg/detections');
        await nextDetections();
        camera.process.kill(signal);
        await expectCleanEnd(node, shared);
      } finally {
        await camera.kill();
      }
    },
  );
});

describe('a consumer', () => {
  it('that is stopped holds up neither deactivate nor the end', async () => {
    const node = startNode();
    const consumer = await Robot.start();
    try {
      for (const topic of ['masks', 'overlay'] as const) {
        const type = topic === 'masks' ? 'rdk_yolo_seg_msgs/msg/InstanceMaskArray' : 'sensor_msgs/msg/Image';
        await consumer.listen(`/yolo_seg/${topic}`, type);
      }
      await node.logged('active: ', { timeoutMs: 60_000 });
      await robot.stream(30);
      await consumer.next('/yolo_seg/overlay', () => true, 60_000);
      consumer.signal('SIGSTOP');
      for (let frame = 0; frame < 20; frame++) await nextDetections();
      expect(await yoloSeg.change('deactivate')).toBe(true);
      expect(await yoloSeg.change('activate')).toBe(true);
      await nextDetections();
      await expectCleanEnd(node);
    } finally {
      consumer.signal('SIGCONT');
      await consumer.end();
    }
  });
});

describe('the node stopped by SIGSTOP', () => {
  it('while it configures, deactivates and ends does each when it is continued', async () => {
    const node = startNode({ parameters: { autostart: false } });
    const stopDuring = async (transition: 'configure' | 'deactivate') => {
      expect(await yoloSeg.state()).not.toBe('');
      const changed = yoloSeg.change(transition);
      node.signal('SIGSTOP');
      // Longer than what waits for a moment within it.
      await sleep(1500);
      node.signal('SIGCONT');
      return changed;
    };
    expect(await stopDuring('configure')).toBe(true);
    expect(await yoloSeg.change('activate')).toBe(true);
    await robot.stream(60);
    await nextDetections();
    expect(await stopDuring('deactivate')).toBe(true);
    expect(await yoloSeg.state()).toBe('inactive');
    expect(await yoloSeg.change('activate')).toBe(true);
    await nextDetections();
    const ended = expectCleanEnd(node);
    node.signal('SIGSTOP');
    await sleep(1500);
    node.signal('SIGCONT');
    await ended;
  });
});

describe('parameters', () => {
  it('set while the node activates, deactivates and ends are each answered, and hold up none of them', async () => {
    const node = startNode();
    await yoloSeg.segment({}, 60_000);
    await robot.stream(60);
    let goesOn = true;
    let [taken, refused] = [0, 0];
    const set = async () => {
      while (goesOn) {
        const answers = await yoloSeg.setParameters({
          score_threshold: new Double(taken % 2 === 0 ? 0.3 : 0.4),
          'input.roi.x': 2 * (taken % 20),
          max_detections: 0,
        });
        expect(answers.map(({ successful }) => successful)).toEqual([true, true, false]);
        taken += 2;
        refused++;
      }
    };
    const setting = set();
    for (let round = 0; round < 5; round++) {
      expect(await yoloSeg.change('deactivate')).toBe(true);
      expect(await yoloSeg.change('activate')).toBe(true);
    }
    goesOn = false;
    await setting;
    expect(refused).toBeGreaterThan(0);
    expect(await yoloSeg.parameter('max_detections')).toMatchObject({ integer_value: 100 });
    await nextDetections();
    void yoloSeg.setParameters({ max_detections: 7 }).catch(() => {});
    await expectCleanEnd(node);
  });
});

describe('a simulated clock', () => {
  it('that jumps back while inactive and an hour ahead while active is followed, and one that stands still ends nothing', async () => {
    const node = startNode({ parameters: { use_sim_time: true } });
    const tell = async (sec: number) => {
      const clock = { sec, nanosec: 0 };
      do await robot.do('tell', { type: 'rosgraph_msgs/msg/Clock', topic: '/clock', message: { clock } });
      while (
        (await robot.next<{ header: { stamp: { sec: number } } }>('/diagnostics')).header.stamp.sec !== sec
      );
    };
    await node.logged('active: ', { timeoutMs: 60_000 });
    await tell(5000);
    await yoloSeg.segment({ stamp: { sec: 5000, nanosec: 0 } });
    expect(await yoloSeg.change('deactivate')).toBe(true);
    await tell(1000);
    expect(await yoloSeg.change('activate')).toBe(true);
    for (const sec of [1000, 4600]) {
      await tell(sec);
      const stamp = { sec: sec - 1, nanosec: 0 };
      expect((await yoloSeg.segmentFrame({ stamp })).header.stamp).toEqual(stamp);
      const seen = await robot.diagnostics(({ value }) => value('age_ms.p50') === '1000.00');
      expect([seen.level, seen.message]).toEqual([0, 'active']);
    }
    await expectCleanEnd(node);
  });
});

describe("the machine's clock", () => {
  const jumping = `const { now } = Date; let byMs = 0; Date.now = () => now() + byMs;
    process.on('SIGUSR2', () => { byMs += 3600000; }); process.on('SIGWINCH', () => { byMs -= 7200000; });`;

  it('that jumps an hour ahead and then back: results come, and what it is off is told while it is', async () => {
    const node = startNode({
      env: { NODE_OPTIONS: `--import data:text/javascript,${encodeURIComponent(jumping)}` },
    });
    const seen = (offMs: number) =>
      robot.diagnostics(({ level, message, value }) => {
        const foundMs = Number(value('clock_mismatch_ms') ?? 0);
        return Math.abs(foundMs - offMs) < 60_000 && level === 0 && message === 'active';
      });
    await robot.stream(20);
    await nextDetections();
    const from = await seen(0);
    node.signal('SIGUSR2');
    await seen(3_600_000);
    node.signal('SIGWINCH');
    await seen(-3_600_000);
    node.signal('SIGUSR2');
    const { count } = await seen(0);
    expect(count('frames_out')).toBeGreaterThan(from.count('frames_out'));
    await expectCleanEnd(node);
  });
});
