import { describe, expect, it } from 'vitest';
import { DepthError } from '#dist/core/errors.js';
import { alignPictures } from '#dist/depth/alignment.js';
import { type DepthImageFields, readDepthPicture } from '#dist/depth/depthPicture.js';
import { type CameraInfoFields, pinholeOf } from '#dist/depth/pinhole.js';

/** Code and message of the refusal; undefined where there is none. */
function refusal(act: () => unknown): string | undefined {
  try {
    act();
    return undefined;
  } catch (error) {
    if (!(error instanceof DepthError)) throw error;
    return `${error.code}: ${error.message}`;
  }
}

const memoryOf = (sizeBytes: number) => new SharedArrayBuffer(sizeBytes);
const image = (changed: Partial<DepthImageFields> = {}): DepthImageFields => ({
  stampNs: 7n,
  frameId: 'optical',
  widthPx: 3,
  heightPx: 2,
  encoding: 'mono16',
  isBigEndian: false,
  stepBytes: 6,
  data: new Uint8Array(Uint16Array.of(1, 2, 3, 4, 5, 0xffff).buffer),
  ...changed,
});

describe('depth pictures', () => {
  it('are read without the padding of their rows, from any place in memory', () => {
    expect([...readDepthPicture(image(), memoryOf).values]).toEqual([1, 2, 3, 4, 5, 0xffff]);
    expect(readDepthPicture(image({ stepBytes: 0, encoding: '16UC1' }), memoryOf).unitM).toBe(0.001);
    const rows = Float32Array.of(1.5, 2.5, 3.5, 9, 4.5, Number.NaN, 6.5);
    const bytes = Buffer.concat([Buffer.from([0]), Buffer.from(rows.buffer)]).subarray(1);
    const floats = readDepthPicture(image({ encoding: '32FC1', stepBytes: 16, data: bytes }), memoryOf);
    expect([...floats.values]).toEqual([1.5, 2.5, 3.5, 4.5, Number.NaN, 6.5]);
    expect(floats.unitM).toBe(1);
  });

  it.each([
    [{ encoding: 'rgb8' }, 'encoding: encoding is "rgb8"; expected mono16 or 16UC1'],
    [{ encoding: 'mono8' }, 'encoding: encoding is "mono8"'],
    [{ isBigEndian: true }, 'byte_order: is_bigendian is true'],
    [{ widthPx: 0 }, 'size: size is 0 x 2; expected 1 to 4096 pixels'],
    [{ widthPx: 4097 }, 'size: size is 4097 x 2'],
    [{ stepBytes: 5 }, 'step: step is 5 bytes; expected 0 or at least 6'],
    [{ stepBytes: 7 }, 'data_size: data has 12 bytes; 3 x 2 of mono16 with step 7 needs 13'],
    [
      { encoding: '32FC1', stepBytes: 0 },
      'data_size: data has 12 bytes; 3 x 2 of 32FC1 with step 12 needs 24',
    ],
  ])('with %o are refused by name', (changed, expected) => {
    expect(refusal(() => readDepthPicture(image(changed), memoryOf))).toContain(expected);
  });
});

const k = [500, 0, 319.5, 0, 501, 179.5, 0, 0, 1];
const info = (changed: Partial<CameraInfoFields> = {}): CameraInfoFields => ({
  frameId: 'optical',
  widthPx: 640,
  heightPx: 360,
  k,
  p: new Array<number>(12).fill(0),
  binningX: 0,
  binningY: 0,
  roi: { xPx: 0, yPx: 0, widthPx: 0, heightPx: 0 },
  ...changed,
});
const whole = { widthPx: 640, heightPx: 360 };
const p = [450, 0, 310, 0, 0, 450, 170, 0, 0, 0, 1, 0];

describe('camera_info', () => {
  it('gives the camera of a picture of its own size, and of one half as large', () => {
    expect(pinholeOf(info(), 'auto', whole, 'depth picture')).toEqual({
      frameId: 'optical',
      ...whole,
      fx: 500,
      fy: 501,
      cx: 319.5,
      cy: 179.5,
    });
    // The centre of the picture stays its centre: 319.5 of 640 is 159.5 of 320.
    const half = pinholeOf(info(), 'auto', { widthPx: 320, heightPx: 180 }, 'depth picture');
    expect(half).toMatchObject({ fx: 250, fy: 250.5, cx: 159.5, cy: 89.5 });
  });

  it('gives P where it is asked for, and K where both say the same', () => {
    expect(pinholeOf(info({ p }), 'p', whole, 'x')).toMatchObject({ fx: 450, cy: 170 });
    expect(pinholeOf(info({ p }), 'k', whole, 'x')).toMatchObject({ fx: 500 });
    const same = [500.2, 0, 319.6, 0, 0, 501, 179.5, 0, 0, 0, 1, 0];
    expect(pinholeOf(info({ p: same }), 'auto', whole, 'x')).toMatchObject({ fx: 500 });
  });

  it.each([
    [{ k: k.map(() => 0) }, 'camera_info: K in camera_info of the depth picture has fx 0, fy 0'],
    [{ k: k.map(() => Number.NaN) }, 'camera_info: K in camera_info of the depth picture has fx NaN'],
    [{ k: [] }, 'camera_info: K in camera_info of the depth picture has fx NaN'],
    [{ k: [-5, ...k.slice(1)] }, 'camera_info: K in camera_info of the depth picture has fx -5'],
    [
      { k: [1e-300, 0, 319.5, 0, 1e-300, 179.5, 0, 0, 1] },
      'has fx 1e-300, fy 1e-300, cx 319.5, cy 179.5 for 640 x 360 pixels: it sees pixels up to 3.20e+302 to the side',
    ],
    [
      { k: [500, 0, 1e300, 0, 500, 179.5, 0, 0, 1] },
      'camera_info: K in camera_info of the depth picture has',
    ],
    // Ten at a distance of one is 5,000 pixels with 500 pixels a unit.
    [{ k: [500, 0, 5001, 0, 500, 179.5, 0, 0, 1] }, 'up to 10.0 to the side and 0.359 up or down'],
    [{ k: [500, 0, -4362, 0, 500, 179.5, 0, 0, 1] }, 'expected at most 10 (84 degrees)'],
    [{ k: [500, 0, 319.5, 0, 17, 179.5, 0, 0, 1] }, 'to the side and 10.6 up or down'],
    [{ k: [64_001, 0, 319.5, 0, 64_001, 179.5, 0, 0, 1] }, 'and focal lengths of at most 64000'],
    [{ widthPx: 0, heightPx: 0, k: [31, 0, 319.5, 0, 500, 179.5, 0, 0, 1] }, 'for 640 x 360 pixels'],
    [
      { widthPx: 64, heightPx: 36, k: [6401, 0, 31.5, 0, 6401, 17.5, 0, 0, 1] },
      'for 64 x 36 pixels: it sees pixels up to 0.00492 to the side and 0.00273 up or down at a distance of 1; expected at most 10 (84 degrees), and focal lengths of at most 6400',
    ],
    [{ widthPx: 0, heightPx: 360 }, 'aspect: the depth picture is 640 x 360 and its camera_info 0 x 360'],
    [
      { p },
      'camera_info: camera_info of the depth picture has K with fx 500, fy 501, cx 319.5, cy 179.5 and P with fx 450',
    ],
    [{ binningX: 2, binningY: 2 }, 'camera_info: camera_info of the depth picture tells of binning 2 x 2'],
    [{ roi: { xPx: 8, yPx: 0, widthPx: 100, heightPx: 100 } }, 'the part 100 x 100 at 8, 0'],
    [{ widthPx: 640, heightPx: 480 }, 'aspect: the depth picture is 640 x 360 and its camera_info 640 x 480'],
  ])('with %o is refused', (changed, expected) => {
    expect(refusal(() => pinholeOf(info(changed), 'auto', whole, 'depth picture'))).toContain(expected);
  });

  it('is taken up to the bounds, and with a centre outside of a picture that is a part of a larger one', () => {
    const taken = (fx: number, cx: number) =>
      pinholeOf(info({ k: [fx, 0, cx, 0, 500, 179.5, 0, 0, 1] }), 'auto', whole, 'depth picture');
    expect(taken(500, 5000)).toMatchObject({ fx: 500, cx: 5000 });
    expect(taken(500, -4361).cx).toBe(-4361);
    expect(taken(64_000, 319.5).fx).toBe(64_000);
    expect(taken(31.95, 319.5).fx).toBe(31.95);
  });

  it('is named with the picture that it describes', () => {
    const what = (changed: Partial<CameraInfoFields>) =>
      refusal(() => pinholeOf(info(changed), 'auto', whole, 'picture'));
    expect(what({ p })).toMatch(/camera_info of the picture has K with .* set depth.intrinsics to k or p/);
    expect(what({ k: [] })).toContain('K in camera_info of the picture has');
    expect(what({ binningX: 2 })).toContain('camera_info of the picture tells of binning');
  });

  it('may leave its size open, and its roi may say all', () => {
    const open = info({ widthPx: 0, heightPx: 0 });
    expect(pinholeOf(open, 'auto', whole, 'x')).toMatchObject({ ...whole, fx: 500 });
    const all = info({ roi: { xPx: 0, yPx: 0, ...whole } });
    expect(pinholeOf(all, 'auto', whole, 'x')).toMatchObject({ fx: 500 });
  });
});

it('pictures of two shapes are refused with both, until the camera of the picture is known', () => {
  const depth = pinholeOf(info({ heightPx: 352 }), 'auto', { widthPx: 640, heightPx: 352 }, 'x');
  const source = { widthPx: 1920, heightPx: 1080 };
  expect(refusal(() => alignPictures(source, null, depth))).toMatch(
    /aspect: the picture is 1920 x 1080 and the depth picture 640 x 352.*input.camera_info/,
  );
  const camera = pinholeOf(info({ widthPx: 1920, heightPx: 1080 }), 'auto', source, 'picture');
  expect(refusal(() => alignPictures(source, camera, depth))).toBeUndefined();
  // 640 x 359 is 1920 x 1080 cut to whole pixels.
  expect(refusal(() => alignPictures(source, null, { ...depth, heightPx: 359 }))).toBeUndefined();
});
