// What following objects takes of the main thread, frame by frame: objects that move, half of them before each other.
// Called by `npm run bench`.
import { TrackIds } from '#dist/core/tracks.js';
import { ParameterStore } from '#dist/config/store.js';
import { toTrackingOptions } from '#dist/config/options.js';
import { FrameTracking } from '#dist/tracking/frameTracking.js';

const frames = 400;
const warmUp = 100;
const { values } = new ParameterStore({ 'tracking.enabled': true });
const options = /** @type {import('#dist/core/tracks.js').TrackingOptions} */ (toTrackingOptions(values));

/**
 * Discs on a 1920x1080 picture, on circles of their own around places on a grid that is closer than they are wide.
 *
 * @param {number} count
 * @param {number} radiusPx
 * @param {number} moment
 * @returns {import('#dist/core/result.js').Instances}
 */
function discs(count, radiusPx, moment) {
  const columns = Math.ceil(Math.sqrt((count * 16) / 9));
  const stepPx = 1800 / columns;
  const boxesImage = new Float32Array(count * 4);
  const spans = new Uint16Array(count * 2 * radiusPx * 3);
  const spanStarts = new Uint32Array(count + 1);
  for (let i = 0; i < count; i++) {
    const turn = moment / 20 + i;
    const x = Math.round(60 + (i % columns) * stepPx + 0.4 * stepPx * Math.cos(turn));
    const y = Math.round(60 + Math.floor(i / columns) * stepPx + 0.4 * stepPx * Math.sin(turn));
    const top = Math.max(0, y - radiusPx);
    boxesImage.set([Math.max(0, x - radiusPx), top, x + radiusPx, y + radiusPx], i * 4);
    let at = spanStarts[i] * 3;
    for (let row = top; row < y + radiusPx; row++) {
      const half = Math.round(Math.sqrt(radiusPx ** 2 - (row - y) ** 2));
      if (half > 0) spans.set([row, Math.max(0, x - half), x + half], at);
      if (half > 0) at += 3;
    }
    spanStarts[i + 1] = at / 3;
  }
  const scores = Float32Array.from({ length: count }, (_, i) => 0.95 - (0.8 * i) / count);
  return { count, boxesImage, scores, classIds: new Uint16Array(count), spans, spanStarts, contours: null };
}

/**
 * Median and 95th percentile in milliseconds.
 *
 * @returns {{ name: string, medianMs: number, p95Ms: number, tracks: number }[]}
 */
export function run() {
  const rows = [];
  for (const [count, radiusPx] of [
    [10, 80],
    [30, 80],
    [100, 60],
    [300, 40],
  ]) {
    for (const usesMasks of [true, false]) {
      const tracking = new FrameTracking(new TrackIds(), String, { ...options, usesMasks });
      /** @type {number[]} */
      const times = [];
      let tracks = 0;
      for (let moment = 0; moment < warmUp + frames; moment++) {
        const header = { stampNs: BigInt(moment) * 33_333_333n, frameId: '', sequence: moment };
        const result = /** @type {import('#dist/core/result.js').FrameResult} */ (
          /** @type {unknown} */ ({ header, instances: discs(count, radiusPx, moment), tracks: null })
        );
        const startMs = performance.now();
        const { tracks: found } = tracking.follow(result, false);
        if (moment >= warmUp) times.push(performance.now() - startMs);
        tracks = Math.max(tracks, .../** @type {import('#dist/core/tracks.js').FrameTracks} */ (found).ids);
      }
      times.sort((a, b) => a - b);
      const name = `follow ${count} objects, ${usesMasks ? 'boxes and masks' : 'boxes'}`;
      rows.push({ name, medianMs: times[frames >> 1], p95Ms: times[Math.floor(frames * 0.95)], tracks });
    }
  }
  return rows;
}
