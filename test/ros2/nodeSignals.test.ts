import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { beforeAll, describe, expect, it } from 'vitest';
import { useRobot } from './support/graph.js';
import { NodeProcess, type NodeStart } from './support/nodeProcess.js';
import { YoloSeg } from './support/yoloSeg.js';

const robot = useRobot();
const yoloSeg = new YoloSeg(robot);

beforeAll(async () => {
  await robot.startCamera();
  await yoloSeg.listenToDetections();
});

interface Phase {
  readonly name: string;
  readonly start?: NodeStart;
  /** Brings the node to the phase. */
  readonly reach: (node: NodeProcess) => Promise<unknown>;
}

const missing = '/nonexistent/model.onnx';
const phases: readonly Phase[] = [
  { name: 'while the model loads', reach: (node) => node.logged('shared memory: set ROS_DISABLE') },
  {
    name: 'unconfigured, waiting',
    start: { parameters: { autostart: false } },
    reach: () => reachState('unconfigured'),
  },
  {
    name: 'unconfigured after a failure',
    start: { parameters: { 'model.path': missing } },
    reach: (node) => node.logged('configure failed'),
  },
  {
    name: 'inactive',
    start: { parameters: { autostart: false } },
    reach: async () => {
      await reachState('unconfigured');
      expect(await yoloSeg.change('configure')).toBe(true);
    },
  },
  { name: 'active without frames', reach: (node) => node.logged(/active: /) },
  {
    name: 'active, having said that no frame comes',
    start: { rosArguments: ['-r', 'hbmem_img:=/nothing'] },
    reach: (node) => node.logged('no frames: '),
  },
  {
    name: 'active with frames in flight at full rate',
    reach: async () => {
      await robot.stream(120);
      for (let i = 0; i < 10; i++) await robot.next('/yolo_seg/detections');
    },
  },
  {
    name: 'while overlays are drawn',
    start: { parameters: { 'overlay.max_rate_hz': 120, 'overlay.scale': 1 } },
    reach: async () => {
      await robot.stream(120);
      for (let i = 0; i < 5; i++) await robot.next('/yolo_seg/overlay/compressed');
    },
  },
  {
    name: 'deactivated with frames in flight',
    reach: async () => {
      await robot.stream(120);
      for (let i = 0; i < 10; i++) await robot.next('/yolo_seg/detections');
      expect(await yoloSeg.change('deactivate')).toBe(true);
    },
  },
];

function pause(milliseconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, milliseconds));
}

async function reachState(state: string): Promise<void> {
  expect(await yoloSeg.state()).toBe(state);
}

const crash = /Segmentation fault|core dumped|Aborted|terminate called|Error:| {4}at /;

/** Sends the signal, then the other one: impatient users press Ctrl-C again, and launch passes it on, too. */
async function signalTwice(node: NodeProcess, signal: NodeJS.Signals): Promise<number | string> {
  node.signal(signal);
  await pause(20);
  node.signal(signal === 'SIGINT' ? 'SIGTERM' : 'SIGINT');
  const outcome = await node.ended();
  if (outcome === 'running') node.signal('SIGKILL');
  return outcome;
}

/** Ends the node and proves that it left in order. */
async function expectCleanEnd(node: NodeProcess, signal: NodeJS.Signals): Promise<void> {
  const shared = node.ownSharedMemory();
  expect(shared.size).toBeGreaterThan(0);
  const outcome = await signalTwice(node, signal);
  expect({ outcome, log: node.log }).toMatchObject({ outcome: 0 });
  expect(node.log).toContain(`${signal}: stopping`);
  expect(node.log).not.toMatch(crash);
  expect(node.log).not.toMatch(/\[ERROR\](?!.*configure failed)|never closed|did not end/);
  expect([...shared].filter((path) => existsSync(path))).toEqual([]);
}

describe.each(phases)('$name', ({ start, reach }) => {
  it.each(['SIGINT', 'SIGTERM'] as const)('%s ends the node with 0, cleanly', async (signal) => {
    const overlay = '/yolo_seg/overlay/compressed';
    await robot.listen(overlay, 'sensor_msgs/msg/CompressedImage');
    const node = new NodeProcess(start);
    try {
      await reach(node);
      await expectCleanEnd(node, signal);
    } finally {
      if ((await node.ended(1)) === 'running') node.signal('SIGKILL');
      await robot.stopStream();
      await robot.unlisten(overlay);
    }
  });
});

describe('at any moment of the start', () => {
  const delaysMs = [0, 50, 100, 150, 200, 300, 400, 600];

  it.each(['SIGINT', 'SIGTERM'] as const)('%s ends the node without a crash', async (signal) => {
    for (const delayMs of delaysMs) {
      const node = new NodeProcess();
      await pause(delayMs);
      const outcome = await signalTwice(node, signal);
      // Until the program is loaded the signal has its default action; nothing has been said or made by then.
      const allowed = node.log === '' ? [0, 'SIGINT', 'SIGTERM'] : [0];
      expect(allowed, `${delayMs} ms: ${node.log}`).toContain(outcome);
      expect(node.log).not.toMatch(crash);
    }
  });
});

it('a terminal that is closed ends the node as Ctrl-C does', async () => {
  const node = new NodeProcess();
  try {
    await node.logged(/active: /);
    await expectCleanEnd(node, 'SIGHUP');
  } finally {
    if ((await node.ended(1)) === 'running') node.signal('SIGKILL');
  }
});

describe('rclnodejs', () => {
  it('keeps no signal handler: its own shuts rcl down under a node that is starting', () => {
    const count = `await import('#dist/ros2/rcl/rcl.js');
      console.log(process.listenerCount('SIGINT') + process.listenerCount('SIGTERM'));
      process.exit(0);`;
    const args = ['--input-type=module', '--eval', count];
    expect(execFileSync(process.execPath, args, { encoding: 'utf8' })).toBe('0\n');
  });
});

describe('the end of a node', () => {
  it('leaves the camera and the rest of the robot as they were: the next node segments', async () => {
    for (let i = 0; i < 2; i++) {
      const node = new NodeProcess();
      expect((await yoloSeg.segment()).length).toBeGreaterThanOrEqual(4);
      await node.stop();
    }
  });
});
