import { workerData } from 'node:worker_threads';
import { instanceBuffers } from '../../core/result.js';
import { closeViews } from '../../native/bpu.js';
import type { PostprocessResult } from '../../postprocess/postprocess.js';
import type { LinkSetup } from '../../threads/protocol.js';
import { serve } from '../../threads/serve.js';
import { SlotPostprocessor, type SlotPostprocessorSetup, type SlotRun } from './slotPostprocessor.js';

/** A post-processing thread: opens its views, tells what a frame takes it, then serves frames. */
const { port, ...setup } = workerData as SlotPostprocessorSetup & LinkSetup;
const postprocessor = new SlotPostprocessor(setup);

serve<SlotRun, number, PostprocessResult>(port, postprocessor.frameMs, {
  run: ({ lease, geometry, options }) => postprocessor.run(lease, geometry, options),
  transferred: ({ instances }) => instanceBuffers(instances),
  close: () => closeViews(setup.session),
});
