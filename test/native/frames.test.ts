import { describe, expect, test } from 'vitest';
import { ClosedError, FrameError, SegError } from '#dist/core/errors.js';
import type { NativeFrame } from '#dist/core/frame.js';
import { solveLetterbox } from '#dist/core/geometry.js';
import {
  closeFrame,
  letterboxNv12,
  letterboxRgbPlanar,
  type RgbPlanarRequest,
  rgbToNv12,
  wrapNv12,
} from '#dist/native/core.js';
import { nv12Picture } from './pictures.js';

const picture = nv12Picture('wave', 64, 48);
const geometry = solveLetterbox(64, 48, 32, 32);

function requestFor(frame: NativeFrame): RgbPlanarRequest {
  return {
    frame,
    geometry,
    filter: 'auto',
    yuvRange: 'full',
    output: new ArrayBuffer(3 * 32 * 32 * 4),
    preview: null,
  };
}

/** A request for a fresh frame; `change` overrides fields with values that may be wrong on purpose. */
function changed(change: object): RgbPlanarRequest {
  return { ...requestFor(wrapNv12(picture.bytes, picture.layout)), ...change } as RgbPlanarRequest;
}

async function rejection(promise: Promise<unknown>): Promise<SegError> {
  const error = await promise.then(
    () => null,
    (reason: unknown) => reason,
  );
  expect(error).toBeInstanceOf(SegError);
  return error as SegError;
}

describe('an overwritten frame', () => {
  test.each([
    ['its first pixel', 0],
    ['a sampled word', Math.floor(((64 * 48 * 1.5 - 8) * 8) / 63)],
    ['its last pixel', 64 * 48 * 1.5 - 1],
  ])('is reported when %s changed', async (_, index) => {
    const { bytes, layout } = nv12Picture('wave', 64, 48);
    const frame = wrapNv12(bytes, layout);
    bytes[index]! ^= 1;
    const output = new ArrayBuffer(3 * 32 * 32 * 4);
    const error = await rejection(letterboxRgbPlanar({ ...requestFor(frame), output }));
    expect(error).toBeInstanceOf(FrameError);
    expect(error.code).toBe('overwritten');
    expect(new Uint8Array(output).every((value) => value === 0)).toBe(true);
  });

  test('is reported when the publisher writes while the read runs', async () => {
    const { bytes, layout } = nv12Picture('wave', 64, 48);
    const frame = wrapNv12(bytes, layout);
    const promise = letterboxRgbPlanar(requestFor(frame));
    bytes[0]! ^= 1;
    // The pool thread may have finished first; either way the next read sees it.
    await promise.catch((error: SegError) => expect(error.code).toBe('overwritten'));
    expect((await rejection(letterboxRgbPlanar(requestFor(frame)))).code).toBe('overwritten');
  });

  test('is reported by the NV12 letterbox too', async () => {
    const { bytes, layout } = nv12Picture('wave', 64, 48);
    const frame = wrapNv12(bytes, layout);
    bytes.fill(3);
    const request = { ...requestFor(frame), output: new Uint8Array(32 * 48), pitchBytes: 32 };
    expect((await rejection(letterboxNv12(request))).code).toBe('overwritten');
  });

  test('works again once the old bytes are back', async () => {
    const { bytes, layout } = nv12Picture('wave', 64, 48);
    const frame = wrapNv12(bytes, layout);
    bytes[0]! ^= 1;
    await rejection(letterboxRgbPlanar(requestFor(frame)));
    bytes[0]! ^= 1;
    await letterboxRgbPlanar(requestFor(frame));
  });
});

describe('closing a frame', () => {
  test('twice does nothing the second time', () => {
    const frame = wrapNv12(picture.bytes, picture.layout);
    expect(closeFrame(frame)).toBe(true);
    expect(closeFrame(frame)).toBe(false);
  });

  test('makes its later use a ClosedError', async () => {
    const frame = wrapNv12(picture.bytes, picture.layout);
    closeFrame(frame);
    const error = await rejection(letterboxRgbPlanar(requestFor(frame)));
    expect(error).toBeInstanceOf(ClosedError);
    expect(error.code).toBe('closed');
  });

  test('leaves jobs in flight their pixels', async () => {
    const expected = new ArrayBuffer(3 * 32 * 32 * 4);
    await letterboxRgbPlanar(changed({ output: expected }));
    const frame = wrapNv12(picture.bytes.slice(), picture.layout);
    const requests = Array.from({ length: 8 }, () => requestFor(frame));
    const jobs = requests.map((request) => letterboxRgbPlanar(request));
    closeFrame(frame);
    await Promise.all(jobs);
    for (const { output } of requests) {
      expect(Buffer.compare(Buffer.from(output), Buffer.from(expected))).toBe(0);
    }
  });
});

describe('wrapNv12', () => {
  const { bytes, layout } = picture;

  test.each([
    ['widthPx', 63, 'Expected an even integer for widthPx but received 63'],
    ['heightPx', 0, 'Expected an integer from 2 to 65534 for heightPx but received 0'],
    ['heightPx', 48.5, 'Expected an integer from 2 to 65534 for heightPx but received 48.5'],
    ['yStrideBytes', 62, 'Expected an integer from 64 to 2147483647 for yStrideBytes but received 62'],
    [
      'uvStrideBytes',
      Number.NaN,
      'Expected an integer from 64 to 2147483647 for uvStrideBytes but received NaN',
    ],
    [
      'uvOffsetBytes',
      3071,
      'Expected an integer from 3072 to 2147483647 for uvOffsetBytes but received 3071',
    ],
    ['uvOffsetBytes', 3073, 'Expected at least 4609 bytes for buffer but received 4608 bytes'],
    ['uvStrideBytes', 65, 'Expected at least 4631 bytes for buffer but received 4608 bytes'],
    ['yStrideBytes', 2 ** 31 - 1, 'Expected a Y plane below 2 GiB for yStrideBytes but received 2147483647'],
  ])('refuses %s %d as a bad layout', (name, value, message) => {
    expect(() => wrapNv12(bytes, { ...layout, [name]: value })).toThrow(
      expect.objectContaining({ name: 'FrameError', code: 'layout', message }),
    );
  });

  test('names the numbers in the details too', () => {
    expect(() => wrapNv12(bytes.subarray(1), layout)).toThrow(
      expect.objectContaining({
        details: { name: 'buffer', expected: 'at least 4608 bytes', received: '4607 bytes' },
      }),
    );
  });

  test.each([
    [new ArrayBuffer(4608), layout, 'Expected a Uint8Array for buffer but received an ArrayBuffer'],
    [new Float32Array(4608), layout, 'Expected a Uint8Array for buffer but received a typed array'],
    [undefined, layout, 'Expected a Uint8Array for buffer but received undefined'],
    [bytes, 'nv12', "Expected an object for layout but received 'nv12'"],
    [bytes, null, 'Expected an object for layout but received null'],
  ])('refuses the wrong type %#', (buffer, given, message) => {
    expect(() => wrapNv12(buffer as unknown as Uint8Array, given as typeof layout)).toThrow(
      expect.objectContaining({ name: 'SegError', code: 'argument', message }),
    );
  });

  test('takes a slice of a larger Buffer and shared memory', async () => {
    const whole = Buffer.alloc(picture.bytes.length + 7);
    whole.set(picture.bytes, 7);
    const shared = new Uint8Array(new SharedArrayBuffer(picture.bytes.length));
    shared.set(picture.bytes);
    const outputs = [];
    for (const memory of [picture.bytes, whole.subarray(7), shared]) {
      const request = requestFor(wrapNv12(memory, layout));
      await letterboxRgbPlanar(request);
      outputs.push(Buffer.from(request.output));
    }
    expect(Buffer.compare(outputs[0]!, outputs[1]!)).toBe(0);
    expect(Buffer.compare(outputs[0]!, outputs[2]!)).toBe(0);
  });
});

describe('a letterbox refuses', () => {
  const wrongGeometry = (change: object) => ({ geometry: { ...geometry, ...change } });

  test.each([
    [{ frame: {} }, 'Expected a native frame for frame but received no frame'],
    [{ frame: null }, 'Expected a native frame for frame but received no frame'],
    [{ filter: 'nearest' }, "Expected 'bilinear' or 'box' for filter but received 'nearest'"],
    [{ yuvRange: 'pc' }, "Expected 'full' or 'limited' for yuvRange but received 'pc'"],
    [
      { output: new ArrayBuffer(12284) },
      'Expected an ArrayBuffer of 12288 bytes for output but received 12284 bytes',
    ],
    [
      { output: new Float32Array(3072) },
      'Expected an ArrayBuffer of 12288 bytes for output but received a typed array',
    ],
    [
      wrongGeometry({ sourceWidthPx: 66 }),
      'Expected a geometry for a source of 64x48 for geometry but received 66x48',
    ],
    [wrongGeometry({ modelWidthPx: 31 }), 'Expected an even integer for modelWidthPx but received 31'],
    [
      wrongGeometry({ contentWidthPx: 34 }),
      'Expected an integer from 2 to 32 for contentWidthPx but received 34',
    ],
    [wrongGeometry({ padYPx: 10 }), 'Expected an integer from 0 to 8 for padYPx but received 10'],
    [wrongGeometry({ padYPx: -2 }), 'Expected an integer from 0 to 8 for padYPx but received -2'],
    [wrongGeometry({ padYPx: 3 }), 'Expected an even integer for padYPx but received 3'],
    [{ preview: 1 }, 'Expected an object for preview but received 1'],
    [
      { preview: { widthPx: 5, heightPx: 4, output: new ArrayBuffer(80) } },
      'Expected an even integer for widthPx but received 5',
    ],
    [
      { preview: { widthPx: 6, heightPx: 4, output: new ArrayBuffer(97) } },
      'Expected an ArrayBuffer of 96 bytes for output but received 97 bytes',
    ],
  ])('%#: %j', async (change, message) => {
    expect(await rejection(letterboxRgbPlanar(changed(change)))).toMatchObject({ code: 'argument', message });
  });

  test('an NV12 output that is too short or whose rows are', async () => {
    const request = { ...changed({}), output: new Uint8Array(1535), pitchBytes: 32 };
    expect((await rejection(letterboxNv12(request))).message).toBe(
      'Expected a Uint8Array of at least 1536 bytes for output but received 1535 bytes',
    );
    expect((await rejection(letterboxNv12({ ...request, pitchBytes: 30 }))).message).toBe(
      'Expected an integer from 32 to 1048576 for pitchBytes but received 30',
    );
  });

  test('a reduction that no filter can sum up', async () => {
    const { bytes, layout } = nv12Picture('wave', 512, 4);
    const request = {
      ...requestFor(wrapNv12(bytes, layout)),
      geometry: solveLetterbox(512, 4, 2, 2),
      output: new ArrayBuffer(48),
    };
    expect((await rejection(letterboxRgbPlanar(request))).message).toBe(
      'Expected at least 1/128 of the source 512x4 for content but received 2x2',
    );
  });

  test('memory that was transferred away', async () => {
    const { bytes, layout } = nv12Picture('wave', 64, 48);
    const frame = wrapNv12(bytes, layout);
    structuredClone(bytes.buffer, { transfer: [bytes.buffer as ArrayBuffer] });
    expect((await rejection(letterboxRgbPlanar(requestFor(frame)))).message).toBe(
      'Expected a Uint8Array of at least 4608 bytes for the memory of frame but received 0 bytes',
    );
  });
});

test('rgbToNv12 refuses buffers that are too short', async () => {
  const sizes = { widthPx: 4, heightPx: 2, yuvRange: 'full' as const };
  expect(
    (await rejection(rgbToNv12({ ...sizes, rgb: new Uint8Array(23), output: new Uint8Array(12) }))).message,
  ).toBe('Expected a Uint8Array of at least 24 bytes for rgb but received 23 bytes');
  expect(
    (await rejection(rgbToNv12({ ...sizes, rgb: new Uint8Array(24), output: new Uint8Array(11) }))).message,
  ).toBe('Expected a Uint8Array of at least 12 bytes for output but received 11 bytes');
});
