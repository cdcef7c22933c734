// The node without its second half, for the first line of bpu-sim's table: frames are taken, prepared and run on
// the BPU by the same classes, and then let go. Run with a model and a libdnn.so:
//
//   node scripts/demo/intakeNode.mjs MODEL.bin LIBDNN.so
import { planConcurrency } from '../../dist/backends/bpu/concurrency.js';
import { BpuSession } from '../../dist/backends/bpu/session.js';
import { toPostprocessOptions, toSessionOptions } from '../../dist/config/options.js';
import { ParameterStore } from '../../dist/config/store.js';
import { describeError } from '../../dist/core/errors.js';
import { noInstances } from '../../dist/core/result.js';
import { openBpu } from '../../dist/native/bpu.js';
import { Pipeline } from '../../dist/pipeline/pipeline.js';
import { applySharedMemoryEnv } from '../../dist/ros2/sharedMemoryEnv.js';
import { stopSignal } from '../../dist/ros2/stopSignal.js';

/** As the node has it by default. */
const { values } = new ParameterStore();

/** Takes the place of the post-processing workers. */
const noPostprocessing = {
  run: async () => ({
    instances: noInstances(),
    candidateCount: 0,
    candidatesCut: 0,
    decodeMs: 0,
    masksMs: 0,
  }),
  close: async () => {},
};

/**
 * @param {string} modelPath
 * @param {string} libraryPath
 */
function openSession(modelPath, libraryPath) {
  const { tasksInFlight, preprocess, bpu } = toSessionOptions(values, modelPath);
  const concurrency = planConcurrency({ aim: 'age', tasksInFlight, postprocessWorkers: 0 });
  const native = openBpu({
    libraryPath,
    modelPath,
    modelName: bpu.modelName,
    slotCount: concurrency.slotCount,
    taskCount: concurrency.taskCount,
    taskTimeoutMs: bpu.taskTimeoutMs,
    priority: bpu.priority,
  });
  return new BpuSession({
    id: native.id,
    model: {
      path: modelPath,
      name: native.modelName,
      backend: 'bpu',
      inputWidthPx: native.input.widthPx,
      inputHeightPx: native.input.heightPx,
      classNames: [],
      outputs: [],
      headForm: 'not decoded',
    },
    concurrency,
    preprocess,
    postprocess: { workers: 0, choice: null },
    pool: noPostprocessing,
  });
}

async function main() {
  const [modelPath, libraryPath] = process.argv.slice(2);
  if (!modelPath || !libraryPath) throw new Error('expected MODEL.bin and LIBDNN.so');
  const stopped = stopSignal();
  const sharedMemory = applySharedMemoryEnv();
  // Imported late, as in the node: loading rclnodejs reads the environment set above.
  const { createNode, initRcl, shutdownRcl } = await import('../../dist/ros2/rcl/rcl.js');
  const { Diagnostics } = await import('../../dist/ros2/diagnostics.js');
  const { nodeValues } = await import('../../dist/ros2/report.js');
  const { HbmemInput } = await import('../../dist/ros2/hbmemInput.js');
  const session = openSession(modelPath, libraryPath);
  await initRcl([]);
  const ros = createNode('yolo_seg');
  const postprocess = toPostprocessOptions(values, session.model.classNames);
  /** @type {import('../../dist/ros2/hbmemInput.js').HbmemInput | null} */
  let input = null;
  const pipeline = new Pipeline({
    session,
    previewRequest: () => null,
    postprocessOptions: () => postprocess,
    onResult: () => {},
    onError: (error) => ros.log('error', describeError(error)),
  });
  /** @returns {import('../../dist/ros2/report.js').NodeReport} */
  const report = () => ({
    state: pipeline.state,
    isEnabled: true,
    clock: ros.clock.kind,
    model: session.model,
    postprocess: session.postprocess,
    cameras: [
      {
        name: null,
        pipeline: pipeline.stats.snapshot(),
        framesInWork: pipeline.inWork,
        input: input?.counters ?? null,
        outputs: [],
        depth: null,
        overlayErrors: 0,
      },
    ],
    eventLoopLag: null,
  });
  pipeline.activate();
  input = new HbmemInput(ros, {
    topicName: 'hbmem_img',
    choice: values,
    frameId: values.frame_id,
    region: () => null,
    elapsedMs: () => performance.now(),
    sharedMemoryOffBy: sharedMemory.offBy,
    onFrame: (frame) => pipeline.offer(frame),
    onRejected: (error) => pipeline.stats.countUnoffered(error.code),
    onSuperseded: (count) => pipeline.stats.countUnoffered('superseded', count),
  });
  const diagnostics = new Diagnostics(ros, () => {
    const told = nodeValues(report());
    return [{ part: 'pipeline', problem: null, summary: pipeline.state, hardwareId: '', values: told }];
  });
  diagnostics.publishEvery(values['diagnostic_updater.period']);
  ros.spin();
  ros.log('info', `active: ${input.topic} -> ${modelPath}, nothing decoded`);
  await stopped;
  input.stop();
  await pipeline.close();
  await session.close();
  diagnostics.stop();
  ros.destroy();
  shutdownRcl();
  process.exit(0);
}

await main();
