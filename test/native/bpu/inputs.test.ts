import { afterAll, afterEach, expect, it } from 'vitest';
import { openBpuSession } from '#dist/backends/bpu/open.js';
import { solveLetterbox } from '#dist/core/geometry.js';
import { openViews, prepareSlot, releaseSlot } from '#dist/native/bpu.js';
import { letterboxNv12, letterboxRgbPlanar, wrapNv12 } from '#dist/native/core.js';
import { nv12Picture } from '../pictures.js';
import { type ModelShape, nothingHeld, Fakednn } from '../../support/fakednn.js';

const dnn = new Fakednn();
afterAll(() => dnn.remove());
afterEach(() => expect(dnn.takeHeld()).toEqual(nothingHeld));

const sources = [
  { widthPx: 320, heightPx: 180, filter: 'box' },
  { widthPx: 90, heightPx: 120, filter: 'bilinear' },
  { widthPx: 48, heightPx: 48, filter: 'auto' },
] as const;

/** The input of a slot after a noise picture was letterboxed into it, and the request it was done with. */
async function prepared(source: (typeof sources)[number], shape: ModelShape) {
  const session = await openBpuSession(dnn.options(dnn.shapedModel(shape)));
  const { bytes, layout } = nv12Picture('noise', source.widthPx, source.heightPx);
  const geometry = solveLetterbox(source.widthPx, source.heightPx, 64, 64);
  const frame = wrapNv12(bytes, layout);
  const request = { frame, geometry, filter: source.filter, yuvRange: 'full', preview: null } as const;
  const lease = await prepareSlot(session.id, request);
  const input = Uint8Array.from(new Uint8Array(openViews(session.id)[lease.slot]!.input));
  releaseSlot(session.id, lease);
  await session.close();
  return { input, request };
}

// The oracle is the letterbox of ordinary memory, which numpy checks in ../letterbox.test.ts.
it.each(sources)(
  'NV12 of $widthPx x $heightPx lies in the slot with the pitch of the model',
  async (source) => {
    const { input, request } = await prepared(source, { pitchBytes: 80 });
    // Behind each row is the grey of the first inference.
    const expected = new Uint8Array(80 * 96).fill(128);
    expected.fill(114, 0, 80 * 64);
    await letterboxNv12({ ...request, output: expected, pitchBytes: 80 });
    expect(input).toEqual(expected);
  },
);

it.each(sources)(
  'RGB of $widthPx x $heightPx lies in the slot as planes of bytes less 128',
  async (source) => {
    const { input, request } = await prepared(source, { type: 'RGB', pitchBytes: 72 });
    const output = new ArrayBuffer(3 * 64 * 64 * 4);
    await letterboxRgbPlanar({ ...request, output });
    const values = new Float32Array(output);
    const signed = new Int8Array(input.buffer);
    const rows = Array.from({ length: 3 * 64 }, (_, row) => row);
    for (const row of rows) {
      const found = [...signed.subarray(row * 72, row * 72 + 64)];
      const expected = [...values.subarray(row * 64, row * 64 + 64)].map(
        (value) => Math.round(value * 255) - 128,
      );
      expect(found, `row ${row}`).toEqual(expected);
    }
  },
);
