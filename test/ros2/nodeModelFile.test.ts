// What becomes of files that a running node has read: its model, the library of the BPU.
import { copyFileSync, mkdtempSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { Fakednn } from '../support/fakednn.js';
import { useNodes, useRobot } from './support/graph.js';
import { demoModel } from './support/nodeProcess.js';
import { YoloSeg } from './support/yoloSeg.js';

const folder = mkdtempSync(join(tmpdir(), 'model-file-'));
const dnn = new Fakednn();
const robot = useRobot();
const yoloSeg = new YoloSeg(robot);
const startNode = useNodes();

// Each test starts several programs, one after the other.
vi.setConfig({ testTimeout: 180_000 });

beforeAll(async () => {
  await robot.startCamera();
  await yoloSeg.listenToDetections();
});
afterAll(() => {
  dnn.remove();
  rmSync(folder, { recursive: true });
});

describe('a model file', () => {
  it.each(['onnx', 'bpu'] as const)(
    'that is cut off and deleted under the node (%s) changes nothing until it is configured anew, which is refused until it is back',
    async (backend) => {
      const made = backend === 'onnx' ? demoModel : dnn.model();
      const path = backend === 'onnx' ? join(folder, 'model.onnx') : made;
      if (backend === 'onnx') copyFileSync(made, path);
      const bytes = readFileSync(path);
      const good = { picture: backend === 'onnx' ? 'balls' : 'grey' };
      const node = startNode({ parameters: { 'model.path': path, 'backend.dnn_library': dnn.library } });
      const before = await yoloSeg.segment(good, 60_000);
      expect(before.length).toBeGreaterThan(0);

      truncateSync(path, 1000);
      const scores = (found: typeof before) => found.map(({ results }) => results[0]!.hypothesis.score);
      expect(scores(await yoloSeg.segment(good))).toEqual(scores(before));
      rmSync(path);
      expect(await yoloSeg.segment(good)).toHaveLength(before.length);
      expect(await yoloSeg.change('deactivate')).toBe(true);
      writeFileSync(path, 'of another');
      expect(await yoloSeg.change('activate')).toBe(true);
      expect(await yoloSeg.segment(good)).toHaveLength(before.length);

      expect(await yoloSeg.change('deactivate')).toBe(true);
      expect(await yoloSeg.change('cleanup')).toBe(true);
      expect(await yoloSeg.change('configure')).toBe(false);
      await node.logged(/\[ERROR\].*configure failed: .*model/);
      rmSync(path);
      expect(await yoloSeg.change('configure')).toBe(false);
      await node.logged('configure failed: model_missing');
      writeFileSync(path, bytes);
      expect(await yoloSeg.change('configure')).toBe(true);
      expect(await yoloSeg.change('activate')).toBe(true);
      expect(await yoloSeg.segment(good)).toHaveLength(before.length);
      rmSync(path);
      node.signal('SIGINT');
      expect(await node.ended(60_000)).toBe(0);
      expect(node.log).not.toMatch(/never freed|stays loaded|violation/);
    },
  );
});

describe('the library of the BPU', () => {
  it('that is gone changes nothing: the one that is loaded goes on, configured anew too', async () => {
    const library = join(folder, 'libdnn.so');
    copyFileSync(dnn.library, library);
    const node = startNode({ parameters: { 'model.path': dnn.model(), 'backend.dnn_library': library } });
    const good = { picture: 'grey' };
    expect(await yoloSeg.segment(good, 60_000)).toHaveLength(1);
    rmSync(library);
    expect(await yoloSeg.segment(good)).toHaveLength(1);
    expect(await yoloSeg.change('deactivate')).toBe(true);
    expect(await yoloSeg.change('cleanup')).toBe(true);
    expect(await yoloSeg.change('configure')).toBe(true);
    expect(await yoloSeg.change('activate')).toBe(true);
    expect(await yoloSeg.segment(good)).toHaveLength(1);
    node.signal('SIGINT');
    expect(await node.ended(60_000)).toBe(0);
  });
});

describe('a signal while the BPU opens a model', () => {
  it.each([
    ['that takes its time', 'core_ms: 900'],
    ['whose first task hangs', 'fault: hbDNNInfer 1 hang 0'],
  ])('%s ends the node with 0', async (_, setting) => {
    const node = startNode({
      parameters: {
        'model.path': dnn.model(setting),
        'backend.dnn_library': dnn.library,
        'backend.task_timeout_ms': 1000,
      },
    });
    await node.logged('shared memory: set ROS_DISABLE', { timeoutMs: 60_000 });
    await sleep(300);
    node.signal('SIGINT');
    expect({ outcome: await node.ended(60_000), log: node.log }).toMatchObject({ outcome: 0 });
    expect(node.log).toContain('SIGINT: stopping');
    expect(node.log).not.toMatch(/violation| {4}at /);
  });
});
