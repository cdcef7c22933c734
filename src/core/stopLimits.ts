/**
 * How long each wait may take while a program stops, milliseconds; after it, what is waited for is left behind.
 *
 * The node waits for the pipeline and then for each wait of its backend, one after the other: together they must end
 * before `node`, after which it gives up. `node` and what holds up the end of the process after it, `exit`, must end before a
 * launch file sends its next signal.
 */
export const stopLimitsMs = {
  /** Frames in work in the pipeline. */
  pipeline: 3000,
  bpu: {
    /** Runs that the pipeline did not wait for. */
    runs: 1000,
    /** A post-processing worker closes its views and ends, all of them at once. */
    workers: 1000,
    /** Tasks on the BPU. */
    tasks: 2000,
  },
  /** Tasks on the BPU where the thread waits for them: opening failed, or the process ends. */
  bpuNow: 1000,
  onnx: {
    /** Runs that the pipeline did not wait for. */
    runs: 1000,
    /** The worker gives back the model and ends. */
    worker: 1000,
    /** The call of the worker into onnxruntime returns: a thread that is ended inside it ends the process. */
    call: 2000,
  },
  replay: {
    /** Runs that the pipeline did not wait for. */
    runs: 3000,
  },
  hbmem: {
    /** Messages of the middleware that frames in work still hold. */
    messages: 1000,
    /** A read in another thread, where the ending node cannot wait for the frames themselves. */
    reads: 200,
  },
  /** The node, from the signal on. */
  node: 8000,
  /** Calls into onnxruntime that nobody waited for, when the process ends. */
  exit: 1500,
} as const;
