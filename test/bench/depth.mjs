// Finding the instances of a real result in a depth picture, and reading that from its message. Called by `npm run bench`.
import { alignPictures } from '#dist/depth/alignment.js';
import { DepthMemory } from '#dist/depth/depthMemory.js';
import { readDepthPicture } from '#dist/depth/depthPicture.js';
import { DepthMeasurer } from '#dist/depth/measure.js';
import { CdrWriter } from '#dist/messages/cdrWriter.js';
import { writeImage } from '#dist/messages/image.js';
import { readImage } from '#dist/messages/read.js';
import { realResult } from './support/realResult.mjs';

const rounds = 60;
const options = { erosionPx: 1, outlierFactor: 3, leastValidShare: 0.1, nearestM: 0, farthestM: 50 };

/** @param {() => unknown} work */
function medianMs(work) {
  const times = [];
  for (let round = -20; round < rounds; round++) {
    const startMs = performance.now();
    work();
    if (round >= 0) times.push(performance.now() - startMs);
  }
  return times.sort((a, b) => a - b)[rounds >> 1];
}

/**
 * The same instances so many times over, which lie where they lay.
 *
 * @param {import('#dist/core/result.js').Instances} instances
 * @param {number} count
 */
function repeated(instances, count) {
  const indices = Array.from({ length: count }, (_, i) => i % instances.count);
  const spans = indices.map((i) =>
    instances.spans.subarray(instances.spanStarts[i] * 3, instances.spanStarts[i + 1] * 3),
  );
  const spanStarts = new Uint32Array(count + 1);
  spans.forEach((own, i) => {
    spanStarts[i + 1] = spanStarts[i] + own.length / 3;
  });
  return {
    count,
    boxesImage: new Float32Array(count * 4),
    scores: new Float32Array(count).fill(0.5),
    classIds: new Uint16Array(count),
    spans: Uint16Array.from(spans.flatMap((own) => [...own])),
    spanStarts,
    contours: null,
  };
}

/**
 * Medians in milliseconds of the calling thread.
 * @returns {Promise<{ name: string, medianMs: number, instances: number }[]>}
 */
export async function run() {
  const { result } = await realResult();
  const source = result.header;
  /** @type {{ name: string, medianMs: number, instances: number }[]} */
  const rows = [];
  for (const { encoding, widthPx, heightPx } of [
    { encoding: 'mono16', widthPx: 640, heightPx: 360 },
    { encoding: '32FC1', widthPx: 640, heightPx: 360 },
    { encoding: 'mono16', widthPx: 1280, heightPx: 720 },
  ]) {
    const isFloat = encoding === '32FC1';
    const values = isFloat ? new Float32Array(widthPx * heightPx) : new Uint16Array(widthPx * heightPx);
    // Noise: nothing can be predicted of it.
    for (let i = 0; i < values.length; i++) values[i] = (1 + Math.random()) * (isFloat ? 1 : 1000);
    const bytes = new Uint8Array(values.buffer);
    const image = { widthPx, heightPx, encoding, stepBytes: bytes.length / heightPx, bytes };
    const cdr = writeImage(new CdrWriter(), { ...source, widthPx, heightPx }, image);
    const memory = new DepthMemory();
    const read = () => {
      const { data, step } = readImage(cdr);
      const fields = { stampNs: 0n, frameId: '', widthPx, heightPx, encoding, isBigEndian: false };
      const picture = readDepthPicture({ ...fields, stepBytes: step, data }, memory.take);
      memory.release(picture);
      return picture;
    };
    const name = `${encoding} ${widthPx}x${heightPx}`;
    rows.push({ name: `read ${name}`, medianMs: medianMs(read), instances: 0 });
    const picture = read();
    const camera = { frameId: '', widthPx, heightPx, fx: 500, fy: 500, cx: 320, cy: 180 };
    const scene = { picture, camera, alignment: alignPictures(source, null, camera) };
    for (const [count, cloud] of /** @type {const} */ ([
      [10, null],
      [10, 'points'],
      [10, 'organised'],
      [300, null],
    ])) {
      const instances = repeated(result.instances, count);
      const measurer = new DepthMeasurer();
      const colours = new Uint32Array(count);
      rows.push({
        name: `places ${name}${cloud === null ? '' : `, ${cloud}`}, ${count}`,
        medianMs: medianMs(() => measurer.measure(instances, scene, { ...options, cloud }, colours)),
        instances: count,
      });
    }
  }
  return rows;
}
