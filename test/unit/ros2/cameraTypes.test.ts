import { describe, expect, it } from 'vitest';
import { ConfigError, FrameError } from '#dist/core/errors.js';
import { acceptedTypes, type TransportChoice } from '#dist/ros2/cameraTypes.js';
import { compressedFormatOf, packedEncodingOf } from '#dist/camera/images/encodings.js';

const hbm = (size: string) => `hbm_img_msgs/msg/HbmMsg${size}`;
const allHbm = [hbm('1080P'), hbm('540P'), hbm('480P')];
const image = 'sensor_msgs/msg/Image';
const compressed = 'sensor_msgs/msg/CompressedImage';

describe('types to subscribe to', () => {
  const typesFor = (transport: string, type: string) =>
    acceptedTypes({ 'input.transport': transport, 'input.hbmem_type': type } as TransportChoice);

  it.each([
    ['auto', 'auto', [...allHbm, image, compressed]],
    ['hbmem', 'auto', allHbm],
    ['image', 'auto', [image]],
    ['compressed', 'auto', [compressed]],
    ['auto', 'HbmMsg480P', [hbm('480P')]],
    ['hbmem', 'HbmMsg480P', [hbm('480P')]],
  ])('of input.transport %s and input.hbmem_type %s', (transport, type, expected) => {
    expect(typesFor(transport, type)).toEqual(expected);
  });

  it.each(['image', 'compressed'])('are refused for %s and an HbmMsg at once, with both', (transport) => {
    expect(() => typesFor(transport, 'HbmMsg540P')).toThrow(ConfigError);
    expect(() => typesFor(transport, 'HbmMsg540P')).toThrow(
      `input.transport is ${transport}, input.hbmem_type HbmMsg540P: `,
    );
  });
});

describe('encodings', () => {
  it.each([
    ['yuv422', 'uyvy'],
    ['uyvy', 'uyvy'],
    ['yuv422_yuy2', 'yuyv'],
    ['yuyv', 'yuyv'],
    ['8UC1', 'mono8'],
    ['bgra8', 'bgra8'],
  ])('%s is read as %s', (encoding, format) => {
    expect(packedEncodingOf(encoding).format).toBe(format);
  });

  it.each(['8UC3', '8UC4', 'mono16', '16UC1', '32FC1', 'bayer_rggb8', 'nv21', 'BGR8', ''])(
    '"%s" is refused',
    (encoding) => {
      expect(() => packedEncodingOf(encoding)).toThrow(FrameError);
    },
  );

  it.each([
    ['jpeg', 'jpeg'],
    ['JPG', 'jpeg'],
    ['bgr8; jpeg compressed bgr8', 'jpeg'],
    ['rgb8; png compressed ', 'png'],
    ['png', 'png'],
  ])('format "%s" is %s', (format, expected) => {
    expect(compressedFormatOf(format)).toBe(expected);
  });

  it.each(['', 'tiff', 'jpeg png', '16UC1; compressedDepth png', 'h264', 'bgr8; jpegxl'])(
    'format "%s" is refused',
    (format) => {
      expect(() => compressedFormatOf(format)).toThrow('expected jpeg or png');
    },
  );
});

it('an encoding of any length is told in one that can be read', () => {
  const told = () => packedEncodingOf('x'.repeat(100_000));
  expect(told).toThrow(`encoding is "${'x'.repeat(60)}"... (100000 characters); expected `);
});
