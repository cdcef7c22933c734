import { describe, expect, it } from 'vitest';
import { FrameError } from '#dist/core/errors.js';
import type { RawFrameHeader } from '#dist/ros2/hbmem/surface.js';
import { validateHeader } from '#dist/ros2/hbmem/validate.js';

const good: RawFrameHeader = {
  index: 1,
  stampNs: 1n,
  heightPx: 480,
  widthPx: 640,
  dataSizeBytes: 460_800,
  stepBytes: 640,
  encodingLatin1: 'nv12\0\0\0\0\0\0\0\0',
  capacityBytes: 921_600,
  loaned: true,
  takenMs: 0,
};

function refusal(changes: Partial<RawFrameHeader>): FrameError {
  try {
    validateHeader({ ...good, ...changes });
  } catch (error) {
    if (error instanceof FrameError) return error;
    throw error;
  }
  throw new Error('was accepted');
}

describe('header of an hbmem frame', () => {
  it.each([
    ['as cameras send it', {}, 640],
    ['with upper-case encoding', { encodingLatin1: 'NV12\0\0\0\0\0\0\0\0' }, 640],
    ['with rubbish behind the terminator', { encodingLatin1: 'nv12\0\x01\xff\0\0\0\0\0' }, 640],
    ['with step 0 for packed rows', { stepBytes: 0 }, 640],
    ['with padded rows', { stepBytes: 768, dataSizeBytes: 552_960 }, 768],
    ['with more data than needed', { dataSizeBytes: 921_600 }, 640],
  ] as const)('is accepted %s', (_, changes, strideBytes) => {
    expect(validateHeader({ ...good, ...changes })).toEqual({ widthPx: 640, heightPx: 480, strideBytes });
  });

  it.each([
    ['encoding', { encodingLatin1: 'bgr8\0\0\0\0\0\0\0\0' }, '"bgr8"; expected "nv12"'],
    ['encoding', { encodingLatin1: 'nv12nv12nv12' }, 'no terminator in its 12 bytes'],
    ['encoding', { encodingLatin1: '\0\0\0\0\0\0\0\0\0\0\0\0' }, '""'],
    ['size', { widthPx: 0 }, '0 x 480'],
    ['size', { heightPx: 481 }, '640 x 481'],
    ['size', { widthPx: 4096, stepBytes: 4096, heightPx: 2160 }, 'the message holds 921600'],
    ['step', { stepBytes: 600 }, 'step is 600 bytes; expected 0 or at least the width 640'],
    ['data_size', { dataSizeBytes: 460_799 }, 'data_size is 460799; expected 460800'],
    ['data_size', { dataSizeBytes: 921_601 }, 'to 921600'],
  ] as const)('is refused with code %s for %o', (code, changes, text) => {
    const error = refusal(changes);
    expect(error.code).toBe(code);
    expect(error.message).toContain(text);
  });
});
