// What the fuzz targets found, one test each, so that it stays mended.
import { mkdirSync, mkdtempSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import sharp from 'sharp';
import { afterAll, describe, expect, it } from 'vitest';
import { readOnnxFileInfo } from '#dist/backends/onnx/modelFile.js';
import { readManifest } from '#dist/backends/manifestFile.js';
import { GeometrySolver } from '#dist/backends/session/geometrySolver.js';
import { messageAsFrame } from '#dist/camera/images/messageFrame.js';
import { ConfigError } from '#dist/core/errors.js';
import { parseYaml } from '#dist/core/yamlDocument.js';
import { parameterSpecs } from '#dist/config/schema.js';
import { checkParameter } from '#dist/config/validate.js';
import { parametersFor } from '#dist/doctor/parameterFile.js';
import { readTextFile } from '#dist/files/textFile.js';
import { readCameraInfo, readCompressedImage } from '#dist/messages/read.js';
import { resolveHeads } from '#dist/model/heads.js';
import { parseManifest } from '#dist/model/manifest.js';
import { openInput } from '#dist/offline/openInput.js';
import { PictureMemory } from '#dist/offline/pictureMemory.js';
import type { OfflineInput } from '#dist/offline/offlineInput.js';
import { FfmpegLines } from '#dist/offline/video/ffmpegLines.js';
import { pictureFileSource } from '#dist/offline/stillSources.js';
import { Cdr } from '../support/cdr.js';
import { foxgloveBytes } from '../unit/messages/foxglove.js';

const folder = mkdtempSync(join(tmpdir(), 'finds-'));
afterAll(() => rmSync(folder, { recursive: true }));

describe('a parameter', () => {
  it('that is a map with a word for how it is shown is refused as every map', () => {
    const spec = parameterSpecs.find(({ name }) => name === 'model.path')!;
    expect(() => checkParameter(spec, { toString: '' })).toThrow('model.path is a map of 1 key; expected');
    expect(() => checkParameter(spec, {})).toThrow('model.path is a map of 0 keys; expected');
  });
});

it('a video whose unit of time is none has no times', () => {
  const lines = new FfmpegLines();
  lines.read('[Parsed_showinfo_1 @ 0x55d] [info] config in time_base: 1/0, frame_rate: 30/1');
  const announced = lines.read(
    '[Parsed_showinfo_1 @ 0x55d] [info] n:   0 pts:   3000 pts_time:0.0333 fmt:rgb24 s:640x360 i:P',
  );
  expect(announced).toEqual({ widthPx: 640, heightPx: 360, timeNs: null });
});

describe('YAML', () => {
  it.each([
    ['in brackets, where V8 ended the process', '['.repeat(3000)],
    ['in maps', '{a: '.repeat(3000)],
    ['in lists', '- '.repeat(3000)],
    ['in keys', `b: c\n${'? '.repeat(3000)}`],
    ['line by line', Array.from({ length: 300 }, (_, level) => `${' '.repeat(level)}a:`).join('\n')],
  ])('nested too deep %s is refused with the place', (_, text) => {
    expect(() => parseYaml(text)).toThrow(/^it is nested more than 100 deep at character \d+/);
    expect(() => parseManifest(text, 'model.yaml')).toThrow('nested more than 100 deep at character');
    expect(() => parametersFor(text, 'params.yaml', '/yolo_seg')).toThrow('nested more than 100 deep');
  });

  it('a hundred levels less what a document takes are read', () => {
    let value = parseYaml('['.repeat(90) + ']'.repeat(90));
    for (let level = 0; level < 89; level++) value = (value as unknown[])[0];
    expect(value).toEqual([]);
  });

  it('of many faults beside many empty lines, which took minutes, tells the first', () => {
    const nested = (levels: number) => '{"a":'.repeat(levels);
    const text = `a: 1\n}\n${nested(20)}{"${'\n'.repeat(30_000)}":${nested(200)}`;
    expect(() => parseYaml(text)).toThrow(
      'Unexpected flow-map-end token in YAML stream: "}" at line 2, column 1',
    );
  });

  it('an alias inside of what it stands for is refused', () => {
    expect(() => parseYaml('&a [*a]')).toThrow('its aliases nest more than 100 deep');
    const text = '/yolo_seg: &a\n  ros__parameters: *a\n';
    expect(() => parametersFor(text, 'params.yaml', '/yolo_seg')).toThrow(
      'its aliases nest more than 100 deep',
    );
  });

  it('a bomb of aliases is refused', () => {
    const lines = [...'bcdefghi'].map(
      (name, index, all) => `${name}: &${name} [${Array(9).fill(`*${all[index - 1] ?? 'a'}`)}]`,
    );
    const text = ['a: &a [x, x, x, x, x, x, x, x, x]', ...lines].join('\n');
    expect(() => parseManifest(text, 'model.yaml')).toThrow('Excessive alias count');
  });

  it('a map of as many keys as there may be classes is read, of more refused, and a key that is there twice told', () => {
    const names = (count: number) =>
      Array.from({ length: count }, (_, id) => `  ${id}: name ${id}`).join('\n');
    expect(parseManifest(`names:\n${names(65_535)}`, 'model.yaml').classNames).toHaveLength(65_535);
    expect(() => parseManifest(`names:\n${names(70_000)}`, 'model.yaml')).toThrow(
      'it has more than 65536 entries in one map or list in brackets',
    );
    expect(() => parseManifest(`names:\n${names(20_000)}\n  7: again`, 'model.yaml')).toThrow(
      'Map keys must be unique at line 20002, column 3: 7 is there twice',
    );
  });

  it('a tag that nobody knows is refused, not read as a text', () => {
    expect(() => parseManifest('class_names: !include names.yaml\n', 'model.yaml')).toThrow(
      'Unresolved tag: !include',
    );
  });
});

describe('frames', () => {
  const solver = new GeometrySolver({ inputWidthPx: 64, inputHeightPx: 64 }, 'letterbox');

  it.each([
    [
      6,
      8720,
      'the frame is too long for the model: 6 x 8720 of its 6 x 8720 pixels become 2 x 64; expected at least 1/128',
    ],
    [65_536, 1000, 'the frame is 65536 x 1000 pixels; expected at most 65534 a side'],
    [1, 1, 'the frame is 1 x 1 pixels; expected at least 2 x 2'],
  ])('of %d x %d pixels cost themselves, not the session', (widthPx, heightPx, text) => {
    const refused = { name: 'FrameError', code: 'size', message: expect.stringContaining(text) };
    expect(() => solver.solve({ widthPx, heightPx })).toThrow(expect.objectContaining(refused));
    // Sizes that are not solved are not remembered.
    expect(solver.solve({ widthPx: 640, heightPx: 480 }).contentHeightPx).toBe(48);
  });

  it('with a frame_id of a megabyte are refused', () => {
    const message = new Cdr().uint32(7).uint32(9).text('x'.repeat(1_000_000)).message();
    const take = () =>
      messageAsFrame({ type: 'sensor_msgs/msg/Image', cdr: message }, { frameId: '', sequence: 0 });
    expect(take).toThrow('header.frame_id has 1000000 bytes; expected at most 4096');
  });
});

describe('messages', () => {
  const header = { stamp: { sec: 7, nanosec: 9 }, frame_id: 'left' };

  it('of camera_info that claim 32 GB of coefficients ask for no memory', () => {
    const message = cameraInfoOf(2 ** 32 - 1);
    expect(() => readCameraInfo(message)).toThrow(
      `d claims 4294967295 items, which end behind the ${message.length} bytes of the message`,
    );
    const sound = readCameraInfo(cameraInfoOf(5));
    expect([...sound.d, ...sound.k]).toEqual([1, 2, 3, 4, 5, 500, 0, 320, 0, 501, 180, 0, 0, 1]);
  });

  it('are not read beyond their end into what lies behind them in memory', () => {
    const image = foxgloveBytes('sensor_msgs/msg/CompressedImage', {
      ...{ header, format: 'jpeg' },
      data: new Uint8Array(8).fill(1),
    });
    const memory = new Uint8Array(image.length + 100).fill(99);
    memory.set(image);
    const cut = memory.subarray(0, image.length - 4);
    expect(() => readCompressedImage(cut)).toThrow(RangeError);
    expect(readCompressedImage(memory.subarray(0, image.length)).data).toEqual(new Uint8Array(8).fill(1));
  });

  /** With five coefficients, of which it claims so many. */
  function cameraInfoOf(claimed: number): Uint8Array {
    const message = foxgloveBytes('sensor_msgs/msg/CameraInfo', {
      ...{ header, height: 360, width: 640, distortion_model: 'plumb_bob', d: [1, 2, 3, 4, 5] },
      ...{ k: [500, 0, 320, 0, 501, 180, 0, 0, 1], r: new Array(9).fill(0), p: new Array(12).fill(0) },
      ...{ binning_x: 0, binning_y: 0 },
      roi: { x_offset: 0, y_offset: 0, height: 0, width: 0, do_rectify: false },
    });
    // Behind encapsulation, stamp, frame_id, size and model.
    const at = 4 + 8 + (4 + 5 + 3) + 8 + (4 + 10 + 2);
    const view = new DataView(message.buffer, message.byteOffset);
    expect(view.getUint32(at, true)).toBe(5);
    view.setUint32(at, claimed, true);
    return message;
  }
});

describe('names of a megabyte', () => {
  it('of classes are refused', () => {
    const resolve = () =>
      resolveHeads([], { widthPx: 64, heightPx: 64 }, { classNames: ['ball', 'x'.repeat(1_000_000)] });
    expect(resolve).toThrow('the name of class 1 has 1000000 characters; expected at most 1024');
  });

  it('leave an error that can be read', () => {
    const error = new ConfigError('source', `topic ${'x'.repeat(1_000_000)} of bag.mcap holds no pictures`);
    expect(error.message).toMatch(
      /^topic x{1994} \.\.\. \(996036 characters left out\) \.\.\. x{1970} of bag\.mcap holds no pictures$/,
    );
  });
});

describe('models', () => {
  it('of many outputs are refused', () => {
    const output = {
      name: 'a',
      type: 'f32',
      dims: [1],
      strideBytes: [4],
      quantisation: { kind: 'none' },
    } as const;
    const resolve = () => resolveHeads(Array(5000).fill(output), { widthPx: 64, heightPx: 64 });
    expect(resolve).toThrow('the model has 5000 outputs; expected at most 1024');
  });
});

/** A file that has holes in place of bytes, and takes no room. */
function sparse(name: string, sizeBytes: number, begin: string | Uint8Array = ''): string {
  const path = join(folder, name);
  writeFileSync(path, begin);
  truncateSync(path, sizeBytes);
  return path;
}

describe('files that are too large', () => {
  const gigabyte = 2 ** 30;
  it('an ONNX file of 3 GB', () => {
    expect(() => readOnnxFileInfo(sparse('model.onnx', 3 * gigabyte))).toThrow(
      'has 3221225472 bytes; one ONNX file holds at most 2147483647',
    );
  });

  it('a JSON and a manifest of 1 GB', async () => {
    await expect(readTextFile(sparse('truth.json', gigabyte, '{'))).rejects.toThrow(
      'has 1073741824 bytes; texts up to 268435456 are read',
    );
    mkdirSync(join(folder, 'm'));
    sparse('m/model.yaml', gigabyte, 'names: [a]');
    expect(() => readManifest(join(folder, 'm/model.onnx'))).toThrow(
      'has 1073741824 bytes; texts up to 268435456 are read',
    );
  });

  it('a picture of 1 GB, and one of 100,000 x 100,000 pixels', async () => {
    const open = (path: string) =>
      openInput(
        [...(pictureFileSource(path).frames() as Iterable<OfflineInput>)][0]!,
        { sequence: 0, frameId: '' },
        new PictureMemory(false).enter(),
      );
    await expect(open(sparse('a.png', gigabyte))).rejects.toThrow(
      'has 1073741824 bytes; files of pictures up to 268435456 are read',
    );
    const png = await sharp({ create: { width: 8, height: 8, channels: 3, background: 'red' } })
      .png()
      .toBuffer();
    png.writeUInt32BE(100_000, 16);
    png.writeUInt32BE(100_000, 20);
    png.writeUInt32BE(crcOf(png.subarray(12, 29)), 29);
    const path = join(folder, 'wide.png');
    writeFileSync(path, png);
    await expect(open(path)).rejects.toThrow('is 100000 x 100000 pixels; expected at most 67108864 of them');
  });
});

/** PNG's checksum (RFC 2083 15). */
function crcOf(bytes: Uint8Array): number {
  let crc = 0xffff_ffff;
  for (const byte of bytes) {
    crc ^= byte;
    for (let bit = 0; bit < 8; bit++) crc = (crc >>> 1) ^ (crc & 1 ? 0xedb8_8320 : 0);
  }
  return (crc ^ 0xffff_ffff) >>> 0;
}
