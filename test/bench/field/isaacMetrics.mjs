// Figures of one run under the names, and by the formulas, of ros2_benchmark, whose results isaac_ros_benchmark publishes.

/**
 * @typedef {Map<string, number>} TimesMs milliseconds by what tells one frame from another, in order of time
 */

/** @param {readonly number[]} values */
const mean = (values) => values.reduce((sum, value) => sum + value, 0) / values.length;

/** @param {readonly number[]} values */
const differences = (values) => values.slice(1).map((value, index) => value - values[index]);

/**
 * Rates, misses, latencies and jitter of frames sent and received. Rates are frames over the time between first and last, jitter is
 * how much the time between two results differs from the one before, as there. Throws with fewer than two frames sent or three
 * received, or where one was received that was not sent.
 *
 * @param {TimesMs} sentMs
 * @param {TimesMs} receivedMs
 * @returns {Record<string, number>}
 */
export function performanceMetrics(sentMs, receivedMs) {
  const strange = [...receivedMs.keys()].filter((frame) => !sentMs.has(frame));
  if (sentMs.size < 2 || receivedMs.size < 3 || strange.length > 0) {
    throw new Error(
      `${sentMs.size} frames sent, ${receivedMs.size} received, of them ${strange.length} not sent`,
    );
  }
  const [sent, received] = [[...sentMs.values()], [...receivedMs.values()]];
  const [sentFirst, sentLast] = [sent[0], sent[sent.length - 1]];
  const [first, last] = [received[0], received[received.length - 1]];
  const latencies = [...receivedMs].map(([frame, atMs]) => atMs - (sentMs.get(frame) ?? Number.NaN));
  const jitters = differences(differences(received)).map(Math.abs);
  const meanJitter = mean(jitters);
  const figures = {
    RECEIVED_DURATION: last - first,
    MEAN_PLAYBACK_FRAME_RATE: (sent.length * 1000) / (sentLast - sentFirst),
    MEAN_FRAME_RATE: (received.length * 1000) / (last - first),
    NUM_MISSED_FRAMES: sent.length - received.length,
    NUM_FRAMES_SENT: sent.length,
    FIRST_SENT_RECEIVED_LATENCY: first - sentFirst,
    LAST_SENT_RECEIVED_LATENCY: last - sentLast,
    MAX_LATENCY: Math.max(...latencies),
    MIN_LATENCY: Math.min(...latencies),
    MEAN_LATENCY: mean(latencies),
    MAX_JITTER: Math.max(...jitters),
    MIN_JITTER: Math.min(...jitters),
    MEAN_JITTER: meanJitter,
    STD_DEV_JITTER: Math.sqrt(mean(jitters.map((jitter) => (jitter - meanJitter) ** 2))),
  };
  return Object.fromEntries(
    Object.entries(figures).map(([name, value]) => [`BasicPerformanceMetrics.${name}`, value]),
  );
}

/**
 * Use of all cores by all programs, percent, of samples in a run and of one before it.
 *
 * @param {number} baseline
 * @param {readonly number[]} samples not empty
 * @returns {Record<string, number>}
 */
export function resourceMetrics(baseline, samples) {
  const middle = mean(samples);
  const figures = {
    BASELINE: baseline,
    MAX: Math.max(...samples),
    MEAN: middle,
    MIN: Math.min(...samples),
    STDDEV: Math.sqrt(mean(samples.map((sample) => (sample - middle) ** 2))),
  };
  return Object.fromEntries(
    Object.entries(figures).map(([name, value]) => [
      `ResourceMetrics.${name}_OVERALL_CPU_UTILIZATION`,
      value,
    ]),
  );
}
