import { workerData } from 'node:worker_threads';
import type { LinkSetup } from '../threads/protocol.js';
import { serve } from '../threads/serve.js';
import { DepthMeasurer } from './measure.js';
import type { MeasureOutcome, MeasureRequest } from './protocol.js';

const measurer = new DepthMeasurer();

function measure({ instances, scene, options, colours }: MeasureRequest): MeasureOutcome {
  const startMs = performance.now();
  const depths = measurer.measure({ ...instances, contours: null }, scene, options, colours);
  return { depths, workMs: performance.now() - startMs };
}

const { port } = workerData as LinkSetup;
serve<MeasureRequest, null, MeasureOutcome>(port, null, {
  run: measure,
  transferred: ({ depths }) => {
    const { outcomes, mediansM, madsM, validShares, positionsM, boxCentresM, extentsM, cloud } = depths;
    const arrays = [outcomes, mediansM, madsM, validShares, positionsM, boxCentresM, extentsM];
    if (cloud !== null) arrays.push(cloud.bytes);
    return arrays.map((array) => array.buffer as ArrayBuffer);
  },
});
