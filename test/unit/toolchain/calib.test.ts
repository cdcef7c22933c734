import { copyFileSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import sharp from 'sharp';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { BufferInputs } from '#dist/backends/session/bufferInputs.js';
import { FramePreparer } from '#dist/backends/session/framePreparer.js';
import { ConfigError } from '#dist/core/errors.js';
import type { CalibrationRequest } from '#dist/toolchain/calibration/calibrationRequest.js';
import { chooseEvenly, makeCalibrationSet } from '#dist/toolchain/calibration/calibrationSet.js';
import { leaseOf, loadPicture } from '../../support/frames.js';
import { repoPath, testFolder } from './exports.js';
import { model } from './modelCommand.js';

const pictures = repoPath('test/fixtures/pictures');
const preprocess = { resizeMode: 'letterbox', yuvRange: 'full', scaleFilter: 'auto' } as const;

function request(folder: string, rest: Partial<CalibrationRequest> = {}): CalibrationRequest {
  return {
    images: folder,
    path: join(folder, 'set_f32'),
    isForced: false,
    count: 50,
    size: { inputWidthPx: 64, inputHeightPx: 32 },
    type: 'float32',
    form: 'nv12',
    preprocess,
    ...rest,
  };
}

/** A folder with a PNG of one colour, 40x40. */
async function colourFolder(red: number, green: number, blue: number): Promise<string> {
  const folder = testFolder();
  const background = { r: red, g: green, b: blue };
  await sharp({ create: { width: 40, height: 40, channels: 3, background } })
    .png()
    .toFile(join(folder, 'a.png'));
  return folder;
}

const planes = (bytes: Buffer) => new Float32Array(bytes.buffer, bytes.byteOffset, bytes.length / 4);

describe('model calib', () => {
  it('writes R, G and B planes in 0..255 with the picture in the middle of grey 114', async () => {
    const folder = await colourFolder(200, 40, 90);
    const { files } = await makeCalibrationSet(request(folder));
    expect(files.map(({ file }) => file)).toEqual(['a.png.rgb']);
    const values = planes(readFileSync(join(folder, 'set_f32/a.png.rgb')));
    expect(values.length).toBe(3 * 32 * 64);
    for (const [plane, colour] of [200, 40, 90].entries()) {
      // 40x40 fits as 32x32 from column 16; NV12 rounds colours by up to 3.
      const at = (x: number, y: number) => values[plane * 32 * 64 + y * 64 + x]!;
      for (const [x, y] of [
        [16, 0],
        [30, 15],
        [47, 31],
      ] as const) {
        expect(Math.abs(at(x, y) - colour)).toBeLessThan(4);
      }
      for (const [x, y] of [
        [0, 0],
        [13, 31],
        [50, 16],
        [63, 31],
      ] as const)
        expect(at(x, y)).toBeCloseTo(114, 3);
    }
  });

  it('letterboxes a picture as a session prepares a camera frame with the same pixels', async () => {
    const folder = testFolder();
    const size = { inputWidthPx: 160, inputHeightPx: 96 };
    const inputs = new BufferInputs('rgb', size, 1);
    const preparer = new FramePreparer({
      size,
      preprocess,
      inputs,
      assertOpen: () => {},
    });
    await makeCalibrationSet(request(folder, { images: pictures, size, form: 'rgb' }));
    for (const name of ['hd.jpg', 'portrait.jpg', 'wide.jpg']) {
      const frame = leaseOf(await loadPicture(join(pictures, name)));
      const prepared = await preparer.prepare(frame, null);
      frame.close();
      const held = preparer.claim(prepared);
      const values = planes(readFileSync(join(folder, 'set_f32', `${name}.rgb`)));
      const expected = new Float32Array(held.input).map((value) => value * 255);
      expect(Buffer.compare(Buffer.from(values.slice().buffer), Buffer.from(expected.buffer))).toBe(0);
      inputs.giveBack(held);
    }
  });

  it('writes the same values as bytes when asked', async () => {
    const folder = await colourFolder(17, 130, 250);
    await makeCalibrationSet(request(folder));
    await makeCalibrationSet(request(folder, { path: join(folder, 'set_u8'), type: 'uint8' }));
    const values = planes(readFileSync(join(folder, 'set_f32/a.png.rgb')));
    const bytes = readFileSync(join(folder, 'set_u8/a.png.rgb'));
    expect(bytes.length).toBe(3 * 32 * 64);
    for (const [at, byte] of bytes.entries()) expect(Math.abs(values[at]! - byte)).toBeLessThanOrEqual(0.5);
  });

  it('says beside the folder what was used, and is the same on every run', async () => {
    const folder = testFolder();
    const first = await makeCalibrationSet(
      request(folder, { images: pictures, path: join(folder, 'one_f32') }),
    );
    await makeCalibrationSet(request(folder, { images: pictures, path: join(folder, 'two_f32') }));
    expect(readdirSync(folder).sort()).toEqual(['one_f32', 'one_f32.yaml', 'two_f32', 'two_f32.yaml']);
    const names = readdirSync(join(folder, 'one_f32')).sort();
    expect(names).toEqual(['hd.jpg.rgb', 'portrait.jpg.rgb', 'wide.jpg.rgb']);
    for (const name of names) {
      const [one, two] = ['one_f32', 'two_f32'].map((set) => readFileSync(join(folder, set, name)));
      expect(Buffer.compare(one!, two!)).toBe(0);
    }
    const report = parse(readFileSync(first.reportPath, 'utf8'));
    expect(report).toMatchObject({
      cal_data_dir: 'one_f32',
      cal_data_type: 'float32',
      width: 64,
      height: 32,
      bytes_per_file: 3 * 32 * 64 * 4,
      pictures_available: 3,
      pictures_used: 3,
      files: [
        { file: 'hd.jpg.rgb', source: 'hd.jpg', width: 1280, height: 720 },
        { file: 'portrait.jpg.rgb', source: 'portrait.jpg', width: 480, height: 640 },
        { file: 'wide.jpg.rgb', source: 'wide.jpg', width: 640, height: 360 },
      ],
    });
  });

  it('chooses evenly over the folder', () => {
    const items = Array.from({ length: 10 }, (_, at) => at);
    expect(chooseEvenly(items, 3)).toEqual([1, 5, 8]);
    expect(chooseEvenly(items, 5)).toEqual([1, 3, 5, 7, 9]);
    expect(chooseEvenly(items, 10)).toEqual(items);
    expect(chooseEvenly(items, 99)).toEqual(items);
    for (const count of [1, 2, 4, 7, 9]) expect(new Set(chooseEvenly(items, count)).size).toBe(count);
  });

  it('names a picture it cannot read and leaves nothing', async () => {
    const folder = testFolder();
    mkdirSync(join(folder, 'in'));
    copyFileSync(join(pictures, 'wide.jpg'), join(folder, 'in/a.jpg'));
    writeFileSync(join(folder, 'in/broken.png'), 'no picture');
    const outcome = makeCalibrationSet(request(folder, { images: join(folder, 'in') }));
    await expect(outcome).rejects.toThrow(ConfigError);
    await expect(outcome).rejects.toThrow(/broken\.png cannot be decoded/);
    expect(readdirSync(folder)).toEqual(['in']);
  });

  it('does not write into what is there', async () => {
    const folder = testFolder();
    writeFileSync(join(folder, 'set_f32.yaml'), 'mine');
    await expect(makeCalibrationSet(request(folder, { images: pictures }))).rejects.toThrow(/exists already/);
    expect(readdirSync(folder)).toEqual(['set_f32.yaml']);
  });

  it('replaces a calibration set if forced, and nothing else', async () => {
    const folder = testFolder();
    const path = join(folder, 'set_f32');
    await makeCalibrationSet(request(folder, { images: pictures }));
    writeFileSync(join(path, 'older.rgb'), 'older');
    const forced = request(folder, { images: pictures, isForced: true, count: 2 });
    const { files } = await makeCalibrationSet(forced);
    expect(readdirSync(path).sort()).toEqual(files.map(({ file }) => file).sort());
    expect(readdirSync(folder).sort()).toEqual(['set_f32', 'set_f32.yaml']);
    rmSync(join(folder, 'set_f32.yaml'));
    await expect(makeCalibrationSet(forced)).rejects.toThrow(
      /set_f32 is not replaced: no .*set_f32\.yaml shows/,
    );
    expect(readdirSync(path)).toHaveLength(2);
  });

  it('takes sizes of models only', () => {
    for (const size of ['640', '640x300', '640x640x3', '0x0', 'axb']) {
      const answer = model('calib', '--images', pictures, '-o', 'none', '--size', size);
      expect(answer).toMatchObject({ status: 2, stderr: expect.stringContaining('multiples of 32') });
    }
  });
});
