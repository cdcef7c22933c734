import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { StandIn } from '../native/bpu/standIn.js';
import { NodeProcess } from './support/nodeProcess.js';
import { Robot } from './support/robot.js';
import { YoloSeg } from './support/yoloSeg.js';

const dnn = new StandIn();
let robot: Robot;
let node: NodeProcess | undefined;

beforeAll(async () => {
  robot = await Robot.start();
  await robot.startCamera();
});
afterAll(async () => {
  await node?.stop();
  await robot?.end();
  dnn.remove();
});

/** Stops the node before and starts one with this model; the stand-in ends it at a misuse of the library. */
async function start(modelPath: string, library = dnn.library): Promise<NodeProcess> {
  await node?.stop();
  node = new NodeProcess({
    parameters: { 'model.path': modelPath, 'backend.dnn_library': library },
    env: { ...process.env, RDK_FAKEDNN_STRICT: '1' },
  });
  return node;
}

describe('the node on a BPU', () => {
  it('publishes what the BPU finds and ends cleanly', async () => {
    const running = await start(dnn.model());
    await running.logged(/10 NHWC heads at 8\/16\/32 on 64x64: 5 classes.*backend bpu/);
    const yoloSeg = new YoloSeg(robot);
    await yoloSeg.listenToDetections();
    const [detection, ...others] = await yoloSeg.segment({ picture: 'grey' });
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
    const yoloSeg = new YoloSeg(robot);
    const until = performance.now() + 20_000;
    while (!running.log.includes('inference failed') && performance.now() < until) {
      await robot.send({ picture: 'grey' });
      await new Promise((resolve) => setTimeout(resolve, 200));
    }
    await running.logged(
      'inference failed: bpu_dead: slot 0: hbDNNWaitTaskDone: INCOMPATIBLE_MODEL (-6000014)',
    );
    expect(await yoloSeg.state()).toBe('unconfigured');
  });

  it('stays unconfigured without the library and says what to do', async () => {
    const running = await start(dnn.model(), '/nowhere/libdnn.so');
    await running.logged('configure failed: dnn_library: /nowhere/libdnn.so cannot be loaded: ');
    expect(running.log).toContain('apt-get install hobot-dnn');
    expect(await new YoloSeg(robot).state()).toBe('unconfigured');
  });
});
