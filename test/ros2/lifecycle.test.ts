import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { demoModel } from './support/nodeProcess.js';
import type { DiagnosticArray } from './support/messages.js';
import { readStatus } from './support/robot.js';
import { YoloSeg } from './support/yoloSeg.js';
import { useNodes, useRobot } from './support/graph.js';

const folder = mkdtempSync(join(tmpdir(), 'lifecycle-'));
const truncated = join(folder, 'truncated.onnx');
const text = join(folder, 'text.onnx');
const missing = join(folder, 'missing.onnx');
const fixture = (name: string) => `test/fixtures/models/${name}.onnx`;
const biggerModel = 'assets/models/shapes-seg.onnx';

const robot = useRobot();
const yoloSeg = new YoloSeg(robot);
const startNode = useNodes();

beforeAll(async () => {
  const whole = readFileSync(demoModel);
  writeFileSync(truncated, whole.subarray(0, whole.length / 2));
  writeFileSync(text, 'this is no model\n');
  await robot.startCamera();
  await yoloSeg.listenToDetections();
});

afterEach(() => robot.stopStream());

afterAll(() => rmSync(folder, { recursive: true }));

/** Faults of a model file, and what the user is told. */
const badModels = [
  ['that does not exist', missing, `model_missing: model ${missing} does not exist`],
  ['that is cut off in the middle', truncated, 'truncated.onnx'],
  ['that is no model at all', text, 'text.onnx'],
  ['of another task', fixture('task-detect'), 'detect'],
  ['without masks that does not say its task', fixture('detect-unlabelled'), 'output0 [1, 84, 21]'],
  ['whose heads cannot be told', fixture('pose-unlabelled'), 'output0 [1, 56, 21]'],
] as const;

describe('a node started with a model', () => {
  it.each(badModels)(
    '%s stays unconfigured and alive, says why, and works once corrected',
    async (_, path, reason) => {
      const sickNode = startNode({ parameters: { 'model.path': path } });
      await sickNode.logged(/\[ERROR\].*configure failed: /);
      await sickNode.logged(
        /\[INFO\].*: to try again: correct the parameter \((ros2 param set \/yolo_seg NAME VALUE\), then ros2 lifecycle set \/yolo_seg configure|rdk-yolo-seg parameters lists them\) and start the node again)\n/,
      );
      await sickNode.logged(reason);
      const sick = await robot.diagnostics(({ level }) => level === 2);
      expect(sick.message).toContain('configure failed: ');
      expect(sick.message).toContain(reason);
      expect(sick.value('lifecycle_state')).toBe('unconfigured');
      expect(await yoloSeg.state()).toBe('unconfigured');
      // A lifecycle manager learns of the failure, too.
      expect(await yoloSeg.change('configure')).toBe(false);
      expect(await yoloSeg.state()).toBe('unconfigured');

      expect(await yoloSeg.setParameter('model.path', demoModel)).toMatchObject({ successful: true });
      expect(await yoloSeg.change('configure')).toBe(true);
      expect(await yoloSeg.change('activate')).toBe(true);
      expect((await yoloSeg.segment()).length).toBeGreaterThanOrEqual(4);
      const well = await robot.diagnostics(({ level }) => level === 0);
      expect(well.message).toBe('active');
      expect(await sickNode.ended(1)).toBe('running');
    },
  );
});

describe('a node that waits for a lifecycle manager', () => {
  it('goes through every state and back with frames in flight, and segments again', async () => {
    const waiting = startNode({ parameters: { autostart: false } });
    expect(await yoloSeg.state()).toBe('unconfigured');
    expect(await robot.do('subscribers', { camera: 'front' })).toBe(0);
    await robot.stream(60);
    for (let round = 0; round < 5; round++) {
      expect(await yoloSeg.change('configure')).toBe(true);
      expect(await yoloSeg.state()).toBe('inactive');
      for (let again = 0; again < 2; again++) {
        expect(await yoloSeg.change('activate')).toBe(true);
        expect(await yoloSeg.state()).toBe('active');
        await robot.next('/yolo_seg/detections');
        expect(await yoloSeg.change('deactivate')).toBe(true);
        expect(await yoloSeg.state()).toBe('inactive');
      }
      expect(await yoloSeg.change('cleanup')).toBe(true);
      expect(await yoloSeg.state()).toBe('unconfigured');
    }
    await robot.stopStream();
    expect(await yoloSeg.change('configure')).toBe(true);
    expect(await yoloSeg.change('activate')).toBe(true);
    expect((await yoloSeg.segment()).length).toBeGreaterThanOrEqual(4);
    expect(waiting.log).not.toMatch(/\[ERROR\]|never closed/);
  });

  it('says how it is started, by its own name, and tells each step', async () => {
    const waiting = startNode({
      parameters: { autostart: false },
      rosArguments: ['-r', '__ns:=/robot', '-r', '__node:=eye'],
    });
    await waiting.logged(
      /autostart is false, the node waits for: (ros2 lifecycle set \/robot\/eye configure and then ros2 lifecycle set \/robot\/eye activate|the transitions configure and activate by the service \/robot\/eye\/change_state)\n/,
    );
    const eye = new YoloSeg(robot, '/robot/eye');
    const steps = [
      ['configure', `model ${demoModel}: `],
      ['activate', 'active: /robot/hbmem_img'],
      ['deactivate', 'inactive: no frames are taken\n'],
      ['cleanup', 'unconfigured: the model is released\n'],
      ['shutdown', 'finalized: this node does no more\n'],
    ] as const;
    for (const [transition, text] of steps) {
      expect(waiting.log).not.toContain(text);
      expect(await eye.change(transition)).toBe(true);
      await waiting.logged(text);
    }
  });

  it('counts its frames in its last diagnostics, too', async () => {
    const ending = startNode();
    await yoloSeg.segment();
    await robot.diagnostics((seen) => seen.count('frames_out') > 0);
    ending.signal('SIGINT');
    const topic = '/diagnostics';
    const last = [await robot.next<DiagnosticArray>(topic)];
    expect(await ending.ended()).toBe(0);
    last.push(...robot.drain<DiagnosticArray>(topic));
    for (const message of last) {
      const seen = readStatus(message.status[0]!);
      expect(seen.message).toBe('active');
      expect(seen.count('frames_out')).toBeGreaterThan(0);
      expect(seen.count('input.taken')).toBeGreaterThan(0);
    }
  });

  it('publishes nothing after deactivate has answered', async () => {
    startNode();
    await yoloSeg.segment();
    await robot.stream(60);
    await robot.next('/yolo_seg/detections');
    expect(await yoloSeg.change('deactivate')).toBe(true);
    // What DDS carries at the moment of the answer may still arrive.
    await new Promise((resolve) => setTimeout(resolve, 300));
    robot.drain('/yolo_seg/detections');
    await new Promise((resolve) => setTimeout(resolve, 700));
    expect(robot.drain('/yolo_seg/detections')).toEqual([]);
    const still = await robot.diagnostics();
    expect(still.message).toBe('inactive');
    expect(await robot.do('subscribers', { camera: 'front' })).toBe(0);
  });

  it('is refused what its state does not allow, and goes on', async () => {
    const active = startNode();
    await yoloSeg.segment();
    for (const [transition, id] of [
      ['activate', 3],
      ['configure', 1],
      ['cleanup', 2],
    ] as const) {
      expect(await yoloSeg.change(transition)).toBe(false);
      await active.logged(`transition ${transition} (${id}) refused: the node is active`);
    }
    expect(await yoloSeg.state()).toBe('active');
    expect((await yoloSeg.segment()).length).toBeGreaterThanOrEqual(4);
  });
});

describe('model.path of a node that is', () => {
  it('inactive: loads at once, and the next activation uses it', async () => {
    startNode();
    const small = await yoloSeg.segment();
    expect(await yoloSeg.change('deactivate')).toBe(true);
    expect(await yoloSeg.setParameter('model.path', biggerModel)).toEqual({ successful: true, reason: '' });
    const changed = await robot.diagnostics((seen) => seen.value('model_input') === '640x640');
    expect(changed.value('lifecycle_state')).toBe('inactive');
    expect(await yoloSeg.change('activate')).toBe(true);
    const big = await yoloSeg.segment();
    const scores = (found: typeof small) => found.map(({ results }) => results[0]!.hypothesis.score);
    expect(scores(big)).not.toEqual(scores(small));
  });

  it('inactive, when loading fails: is refused with the reason, and the model before still segments', async () => {
    startNode();
    const before = await yoloSeg.segment();
    expect(await yoloSeg.change('deactivate')).toBe(true);
    for (const [, path, reason] of badModels) {
      const result = await yoloSeg.setParameter('model.path', path);
      expect(result.successful).toBe(false);
      expect(result.reason).toContain(reason);
      expect(result.reason).toContain(`${demoModel} stays loaded`);
    }
    expect(await yoloSeg.parameter('model.path')).toMatchObject({ string_value: demoModel });
    expect(await yoloSeg.change('activate')).toBe(true);
    expect(await yoloSeg.segment()).toHaveLength(before.length);
  });

  it('inactive: one whose names the class filter does not know is refused, and the node lives on', async () => {
    startNode({ parameters: { classes: ['ball'] } });
    const before = await yoloSeg.segment();
    expect(await yoloSeg.change('deactivate')).toBe(true);
    const names = ['a', 'b', 'c', 'd', 'e'];
    const refused = await yoloSeg.setParameter('model.class_names', names);
    expect(refused.successful).toBe(false);
    expect(refused.reason).toMatch(/"ball".*stays loaded/s);
    expect(await yoloSeg.setParameter('classes', ['all'])).toMatchObject({ successful: true });
    expect(await yoloSeg.setParameter('model.class_names', names)).toMatchObject({ successful: true });
    expect(await yoloSeg.change('activate')).toBe(true);
    const renamed = await yoloSeg.segment();
    expect(renamed.length).toBeGreaterThanOrEqual(before.length);
    for (const { results } of renamed) expect(names).toContain(results[0]!.hypothesis.class_id);
  });

  it('active: is refused with what to do', async () => {
    startNode();
    const before = await yoloSeg.segment();
    expect(await yoloSeg.setParameter('model.path', biggerModel)).toEqual({
      successful: false,
      reason: 'model.path takes effect at configure: deactivate the node first',
    });
    expect(await yoloSeg.segment()).toHaveLength(before.length);
  });
});

describe('parameters that take effect at activation', () => {
  it('may be set while inactive: frame_id is in the next header', async () => {
    startNode();
    await yoloSeg.segment();
    expect(await yoloSeg.change('deactivate')).toBe(true);
    expect(await yoloSeg.setParameter('frame_id', 'rear')).toMatchObject({ successful: true });
    expect(await yoloSeg.change('activate')).toBe(true);
    expect((await yoloSeg.segmentFrame()).header.frame_id).toBe('rear');
  });
});
