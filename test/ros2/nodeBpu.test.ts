import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Fakednn } from '../support/fakednn.js';
import { useRobot } from './support/graph.js';
import { NodeProcess, type NodeStart } from './support/nodeProcess.js';
import { YoloSeg } from './support/yoloSeg.js';

const dnn = new Fakednn();
const grey = { picture: 'grey' } as const;
const robot = useRobot();
let node: NodeProcess | undefined;

beforeAll(async () => {
  await robot.startCamera();
  await new YoloSeg(robot).listenToDetections();
});
afterAll(async () => {
  await node?.stop();
  dnn.remove();
});

/** A node with this model; fakednn ends it at a misuse of the library. */
function nodeOf(modelPath: string, { parameters, env, ...rest }: NodeStart = {}): NodeProcess {
  return new NodeProcess({
    ...rest,
    parameters: { 'model.path': modelPath, 'backend.dnn_library': dnn.library, ...parameters },
    env: { ...process.env, RDK_FAKEDNN_STRICT: '1', ...env },
  });
}

/** The same after the node before was stopped. */
async function start(modelPath: string, parameters: NodeStart['parameters'] = {}): Promise<NodeProcess> {
  await node?.stop();
  node = nodeOf(modelPath, { parameters });
  return node;
}

/** Sends frames until the node has said this. */
async function sendUntil(running: NodeProcess, text: string): Promise<void> {
  for (let attempt = 0; attempt < 100; attempt++) {
    await robot.send(grey);
    const isSaid = running.logged(text, { timeoutMs: 200 });
    if (
      await isSaid.then(
        () => true,
        () => false,
      )
    )
      return;
  }
  await running.logged(text, { timeoutMs: 0 });
}

describe('the node on a BPU', () => {
  it('publishes what the BPU finds and ends cleanly', async () => {
    const running = await start(dnn.model());
    await running.logged(/10 NHWC heads at 8\/16\/32 on 64x64: 5 classes.*backend bpu/);
    const [detection, ...others] = await new YoloSeg(robot).segment(grey);
    expect(others).toEqual([]);
    expect(detection!.results[0]!.hypothesis.class_id).toBe('class 2');
    expect(detection!.results[0]!.hypothesis.score).toBeGreaterThan(0.95);
    running.signal('SIGINT');
    expect(await running.ended()).toBe(0);
    expect(running.log).not.toMatch(/never freed|stays loaded/);
  });

  it('leaves the active state when the BPU dies, with the call and the status', async () => {
    const running = await start(dnn.model('fault: hbDNNWaitTaskDone 2+ -6000014'));
    await running.logged('active: ');
    const death = 'inference failed: bpu_dead: slot 0: hbDNNWaitTaskDone: INCOMPATIBLE_MODEL (-6000014)';
    await sendUntil(running, death);
    expect(await new YoloSeg(robot).state()).toBe('unconfigured');
  });

  it.each(['deactivate', 'SIGINT'] as const)(
    'that dies with frames on it at %s is told, and ends nothing else',
    async (way) => {
      const running = await start(dnn.model('core_ms: 300', 'fault: hbDNNWaitTaskDone 4+ -6000014'));
      await running.logged('active: ');
      const yoloSeg = new YoloSeg(robot);
      await robot.stream(30, 'front', 'grey');
      // The third task is the last that succeeds; those behind it are on the BPU.
      for (let frame = 0; frame < 2; frame++) await robot.next('/yolo_seg/detections');
      if (way === 'SIGINT') running.signal('SIGINT');
      else {
        // Refused where the BPU was quicker.
        await yoloSeg.change('deactivate');
        await running.logged('inference failed: bpu_dead: slot ');
        expect(await yoloSeg.state()).toBe('unconfigured');
        await robot.diagnostics(({ level, message }) => level === 2 && message.includes('bpu_dead'));
        running.signal('SIGINT');
      }
      expect(await running.ended()).toBe(0);
      await robot.stopStream();
      expect(running.log).not.toMatch(/never freed|stays loaded|violation| {4}at /);
    },
  );

  it('stays unconfigured without the library and says what to do', async () => {
    const running = await start(dnn.model(), { 'backend.dnn_library': '/nowhere/libdnn.so' });
    await running.logged('configure failed: dnn_library: /nowhere/libdnn.so cannot be loaded: ');
    expect(running.log).toContain('apt-get install hobot-dnn');
    expect(await new YoloSeg(robot).state()).toBe('unconfigured');
  });

  it('loses a frame to a task that never ends, goes on, ends with the second one, and works configured again', async () => {
    const hangs = ['fault: hbDNNInfer 3 hang 0', 'fault: hbDNNInfer 5 hang 0'];
    const running = await start(dnn.model(...hangs), { 'backend.task_timeout_ms': 100 });
    await running.logged('active: ');
    const yoloSeg = new YoloSeg(robot);
    await yoloSeg.segment(grey);
    await sendUntil(
      running,
      'dropped: bpu_timeout: slot 0: hbDNNWaitTaskDone: TIMEOUT (-6000008) after 100 ms',
    );
    expect(await yoloSeg.segment(grey)).toHaveLength(1);
    await robot.diagnostics((seen) => seen.dropped('bpu_timeout') === 1);
    await sendUntil(
      running,
      'inference failed: bpu_dead: the BPU is given up: 2 tasks timed out and have not ended: it hangs, or another ' +
        'process holds it; the last: slot 1: hbDNNWaitTaskDone: TIMEOUT (-6000008) after 100 ms',
    );
    await running.logged(
      'what is still on the BPU keeps 0.1 MiB until it ends; the model stays loaded till then',
    );
    expect(await yoloSeg.state()).toBe('unconfigured');
    expect(await yoloSeg.change('configure')).toBe(true);
    expect(await yoloSeg.change('activate')).toBe(true);
    expect(await yoloSeg.segment(grey)).toHaveLength(1);
    expect(running.log).not.toContain('violation');
  });

  it('deactivates and cleans up with frames on the BPU, of which none is published', async () => {
    const running = await start(dnn.model('core_ms: 100'));
    await running.logged('active: ');
    const yoloSeg = new YoloSeg(robot);
    await robot.stream(30, 'front', 'grey');
    for (let frame = 0; frame < 3; frame++) await robot.next('/yolo_seg/detections');
    expect(await yoloSeg.change('deactivate')).toBe(true);
    const idle = await robot.diagnostics(
      ({ message, count }) => message === 'inactive' && count('frames_in_work') === 0,
    );
    expect(idle.dropped('stale')).toBeGreaterThan(0);
    // What was published before it was answered may come after it, but not two reports later.
    robot.drain('/yolo_seg/detections');
    await robot.diagnostics();
    const still = await robot.diagnostics();
    expect(robot.drain('/yolo_seg/detections')).toEqual([]);
    expect(still.count('frames_out')).toBe(idle.count('frames_out'));
    expect(await yoloSeg.change('activate')).toBe(true);
    await robot.next('/yolo_seg/detections');
    expect(await yoloSeg.change('deactivate')).toBe(true);
    expect(await yoloSeg.change('cleanup')).toBe(true);
    await robot.stopStream();
    expect(await yoloSeg.change('configure')).toBe(true);
    expect(await yoloSeg.change('activate')).toBe(true);
    expect(await yoloSeg.segment(grey)).toHaveLength(1);
    running.signal('SIGINT');
    expect(await running.ended()).toBe(0);
    expect(running.log).not.toMatch(/never freed|stays loaded|violation/);
  });

  it('ends with a task on the BPU that hangs', async () => {
    const running = await start(dnn.model('fault: hbDNNInfer 3 hang 0'), { 'backend.task_timeout_ms': 2000 });
    await running.logged('active: ');
    await robot.stream(30, 'front', 'grey');
    // Behind it no result comes out before its time is over.
    await robot.next('/yolo_seg/detections');
    await sleep(200);
    running.signal('SIGINT');
    expect(await running.ended()).toBe(0);
    await robot.stopStream();
    expect(running.log).toContain(
      'what is still on the BPU keeps 0.1 MiB until it ends; the model stays loaded till then',
    );
    expect(running.log).not.toContain('violation');
  });

  it('is refused where another process fills the BPU, which goes on; later it is taken', async () => {
    const first = await start(dnn.model());
    await first.logged('active: ');
    const second = nodeOf(dnn.model(), {
      rosArguments: ['-r', '__node:=second'],
      env: { RDK_FAKEDNN_FAULTS: 'hbDNNInfer 1 -6000009' },
    });
    try {
      await second.logged(
        'configure failed: bpu_busy: first inference of plain failed: slot 0: hbDNNInfer: TASK_NUM_EXCEED_LIMIT ' +
          '(-6000009); the BPU holds as many tasks as it takes (32), perhaps of another process',
      );
      expect(second.log.match(/first inference of plain failed/g)).toHaveLength(1);
      const yoloSeg = new YoloSeg(robot, '/second');
      expect(await yoloSeg.state()).toBe('unconfigured');
      expect(await new YoloSeg(robot).segment(grey)).toHaveLength(1);
      expect(await yoloSeg.change('configure')).toBe(true);
      expect(await yoloSeg.change('activate')).toBe(true);
      await yoloSeg.listenToDetections();
      expect(await yoloSeg.segment(grey)).toHaveLength(1);
    } finally {
      await second.stop();
    }
  });
});
