import { describe, expect, it } from 'vitest';
import { FrameError } from '#dist/core/errors.js';
import { jpegAdvice } from '#dist/camera/images/cameraAdvice.js';
import { explainRows } from '#dist/camera/images/rows.js';
import type { RawFrameHeader } from '#dist/native/hbmem.js';
import { validateHeader, validateNv12 } from '#dist/camera/images/hbmHeader.js';

const good: RawFrameHeader = {
  fault: null,
  frameId: '',
  index: 1,
  stampNs: 1n,
  heightPx: 480,
  widthPx: 640,
  dataSizeBytes: 460_800,
  stepBytes: 640,
  encodingLatin1: 'nv12\0\0\0\0\0\0\0\0',
  capacityBytes: 921_600,
  loaned: true,
  supersededBefore: 0,
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
    expect(validateHeader({ ...good, ...changes })).toEqual({
      format: 'nv12',
      widthPx: 640,
      heightPx: 480,
      strideBytes,
    });
  });

  it.each([
    ['encoding', { encodingLatin1: 'bgr8\0\0\0\0\0\0\0\0' }, '"bgr8"; expected "nv12"'],
    ['encoding', { encodingLatin1: 'nv12nv12nv12' }, 'no terminator in its 12 bytes'],
    ['encoding', { encodingLatin1: 'n\x7f"\xff\0\0\0\0\0\0\0\0' }, String.raw`"n\u007f\"\u00ff"; expected`],
    ['encoding', { encodingLatin1: '\0\0\0\0\0\0\0\0\0\0\0\0' }, '""'],
    ['size', { widthPx: 0 }, '0 x 480'],
    ['size', { heightPx: 481 }, '640 x 481'],
    [
      'size',
      { widthPx: 65_534, heightPx: 2, stepBytes: 0 },
      '65534 x 2; expected even positive pixels, at most 32768',
    ],
    ['size', { widthPx: 4_294_967_294, heightPx: 4_294_967_294 }, 'at most 32768'],
    ['step', { heightPx: 2, stepBytes: 40_000 }, 'step is 40000 bytes; expected at most 32768'],
    ['step', { stepBytes: 4_294_967_295 }, 'at most 32768'],
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

/** As HbmMsg1080P; `data` counts bytes. */
function sized(widthPx: number, heightPx: number, stepBytes: number, data: number): RawFrameHeader {
  return { ...good, widthPx, heightPx, stepBytes, dataSizeBytes: data, capacityBytes: 6_220_800 };
}

describe('rows further apart than step says', () => {
  it.each([
    ['1080 padded to 1088, as mipi_cam copies it', sized(1080, 1920, 1080, (1088 * 1920 * 3) / 2), 1088],
    ['1080 padded to 1152', sized(1080, 1920, 1080, (1152 * 1920 * 3) / 2), 1152],
    ['1920 padded to 2048', sized(1920, 1080, 1920, (2048 * 1080 * 3) / 2), 2048],
    ['step 0 and padded rows', sized(1080, 1920, 0, (1088 * 1920 * 3) / 2), 1088],
    ['the least there can be', sized(1080, 1920, 1080, (1082 * 1920 * 3) / 2), 1082],
  ])('are read as data_size tells: %s', (_, header, strideBytes) => {
    expect(validateNv12(header).strideBytes).toBe(strideBytes);
    expect(explainRows(header, strideBytes)).toMatch(
      new RegExp(
        `say step ${header.stepBytes} but data_size ${header.dataSizeBytes}: read as rows of ${strideBytes} bytes`,
      ),
    );
  });

  it.each([
    ['the sizes of mipi_cam', sized(960, 544, 960, (960 * 544 * 3) / 2), null],
    ['packed rows with step 0', sized(960, 544, 0, (960 * 544 * 3) / 2), null],
    ['right steps', sized(1080, 1920, 1088, (1088 * 1920 * 3) / 2), null],
    ['the whole data field', sized(960, 544, 960, 6_220_800), null],
    ['the whole data field and right steps', sized(1080, 1920, 1088, 6_220_800), null],
    ['a whole data field that twice the rows would fill', sized(1920, 1080, 1920, 6_220_800), null],
    // hobot_codec tells the size of the decoder's buffer and copies packed planes; mipi_cam would copy 1088 rows.
    [
      'a height padded to 1088 or spare bytes',
      sized(1920, 1080, 1920, (1920 * 1088 * 3) / 2),
      /pads the picture to 1088 rows/,
    ],
    [
      'a few spare bytes',
      sized(640, 480, 640, 460_800 + 100),
      /need 460800 bytes and say 460900.*spare bytes/,
    ],
    ['right steps and spare bytes', sized(1080, 1920, 1088, 3_133_440 + 640), /spare bytes/],
  ])('are not made up for %s', (_, header, doubt) => {
    const { strideBytes } = validateNv12(header);
    expect(strideBytes).toBe(header.stepBytes === 0 ? header.widthPx : header.stepBytes);
    const told = explainRows(header, strideBytes);
    if (doubt === null) expect(told).toBeNull();
    else expect(told).toMatch(doubt);
  });

  it.each([
    [
      'padded rows or a padded height',
      sized(1080, 1080, 1080, (1088 * 1080 * 3) / 2),
      /rows of 1088 bytes, or 1088 packed rows of 1080 bytes/,
    ],
    [
      'padded rows that fill the message',
      sized(1900, 2160, 1900, 6_220_800),
      /rows of 1920 bytes, or the whole data field behind packed rows/,
    ],
    [
      'rows of twice the width',
      sized(640, 480, 640, 921_600),
      /rows of 1280 bytes, or spare bytes behind packed rows/,
    ],
  ])('are refused where two readings fit: %s', (_, header, text) => {
    expect(() => validateHeader(header)).toThrowError(text);
    expect(() => validateHeader(header)).toThrowError(
      /set step to the bytes from row to row, or data_size to \d+$/,
    );
    expect(() => validateHeader(header)).toThrowError(expect.objectContaining({ code: 'data_size' }));
  });
});

describe('an encoding that cameras of TROS send', () => {
  const refused = (text: string) => refusal({ encodingLatin1: text.padEnd(12, '\0') }).message;

  it.each(['jpeg', 'JPEG', 'mjpeg', 'jpg'])('as %s is a JPEG of data_size bytes', (text) => {
    const header = { ...good, encodingLatin1: text.padEnd(12, '\0'), dataSizeBytes: 4321, widthPx: 0 };
    expect(validateHeader(header)).toEqual({ format: 'jpeg', sizeBytes: 4321 });
    for (const dataSizeBytes of [0, 921_601]) {
      expect(() => validateHeader({ ...header, dataSizeBytes })).toThrow(
        `data_size of the JPEG is ${dataSizeBytes}; expected 1 to 921600`,
      );
    }
  });

  it('as JPEG is answered with the decoder to put between and its parameters', () => {
    const message = jpegAdvice;
    for (const argument of [
      'codec_in_mode:=shared_mem',
      'codec_in_format:=jpeg',
      'codec_out_mode:=shared_mem',
      'codec_out_format:=nv12',
      'codec_pub_topic:=/hbmem_img',
      'codec_sub_topic:=/image',
    ])
      expect(message).toContain(argument);
  });

  it.each(['yuyv', 'yuv422_yuy2', 'uyvy', 'rgb8', 'bgr8', 'mono8'])(
    'as %s is refused with what to set',
    (text) => {
      const message = refused(text);
      expect(message).toContain('mipi_out_format:=nv12');
      // hobot_usb_cam sends its JPEG on /image in a CompressedImage.
      expect(message).toMatch(
        /hobot_usb_cam \(pixel_format mjpeg\) needs a decoder .*hobot_codec.* codec_in_mode:=ros .*=\/image /,
      );
    },
  );

  it('as nothing known is refused without guesses', () => {
    expect(refused('nv21')).toBe('encoding is "nv21"; expected "nv12" or "jpeg"');
  });
});
