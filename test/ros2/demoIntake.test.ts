import { afterAll, expect, it } from 'vitest';
import { NodeFigures } from '#dist/record/nodeFigures.js';
import type { DiagnosticArrayMessage } from '#dist/messages/read.js';
import { rateWithin } from '../../scripts/demo/stageRates.mjs';
import { Fakednn } from '../support/fakednn.js';
import { useRobot } from './support/graph.js';
import { Peer } from './support/peer.js';

const robot = useRobot();
const dnn = new Fakednn();
afterAll(() => dnn.remove());

// `npm run demo -- --backend bpu-sim` takes a minute; this is the piece of it that is no part of the node.
it('the bare node of bpu-sim tells each second what the demo makes its first rate of, and ends with 0', async () => {
  const node = new Peer(process.execPath, ['scripts/demo/intakeNode.mjs', dnn.model(), dnn.library]);
  try {
    await robot.startCamera();
    await robot.stream(30, 'front', 'grey');
    const figures = new NodeFigures('/yolo_seg');
    const fromMs = Date.now();
    // What has been counted before the first frame is no rate.
    while (figures.progress.filter(({ framesOut }) => framesOut > 0).length < 3)
      figures.update(await robot.next<DiagnosticArrayMessage>('/diagnostics'));
    const rateHz = rateWithin(figures.progress, fromMs, Date.now());
    expect(rateHz).toBeGreaterThan(0);
    expect(rateHz).toBeLessThanOrEqual(60);
    expect(node.output).toContain('active: /hbmem_img -> ');
    node.process.kill('SIGINT');
    expect({ code: await node.exited, output: node.output }).toMatchObject({ code: 0 });
  } finally {
    await robot.stopStream();
    await node.kill();
  }
});
