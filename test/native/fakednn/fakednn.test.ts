import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, describe, expect, test } from 'vitest';
import { recordFakeModel } from '../../../tools/fakednn/record.mjs';

const library = fileURLToPath(new URL('../../../native/bin/fakednn/libdnn.so', import.meta.url));
const driver = fileURLToPath(new URL('drive.py', import.meta.url));
const folder = mkdtempSync(join(tmpdir(), 'fakednn-'));
afterAll(() => rmSync(folder, { recursive: true }));

/** As `hrt_model_exec model_info` prints it; the rows of the output are padded and its label lies. */
const modelText = `RDK FAKEDNN MODEL 1
march: bayes-e
[model name]: padded

input[0]: 
name: images
input source: HB_DNN_INPUT_FROM_PYRAMID
valid shape: (1,3,64,64,)
aligned shape: (1,3,64,64,)
aligned byte size: 6144
tensor type: HB_DNN_IMG_TYPE_NV12
tensor layout: HB_DNN_LAYOUT_NCHW
quanti type: NONE
stride: (0,0,0,0,)

output[0]: 
name: boxes
valid shape: (1,2,2,3,)
aligned shape: (1,2,2,4,)
aligned byte size: 64
tensor type: HB_DNN_TENSOR_TYPE_S32
tensor layout: HB_DNN_LAYOUT_NCHW
quanti type: SCALE
stride: (64,32,16,4,)
scale data: 0.5,0.25,0.125,
quantizeAxis: 3
`;

describe('the stand-in for libdnn.so', () => {
  test('has the SONAME and the symbol version of the vendor', () => {
    expect(execFileSync('readelf', ['-d', library], { encoding: 'utf8' })).toContain('soname: [libdnn.so]');
    const symbols = execFileSync('objdump', ['-T', library], { encoding: 'utf8' }).split('\n');
    const exported = symbols.filter((line) => line.includes(' .text'));
    expect(exported.length).toBeGreaterThan(30);
    expect(exported.filter((line) => !/\bCONFIG\s+hb/.test(line))).toEqual([]);
  });

  test('checks what a caller with structs of its own does', () => {
    const model = join(folder, 'padded.bin');
    writeFileSync(model, modelText);
    const said = JSON.parse(
      execFileSync('python3', [driver, library, model], {
        encoding: 'utf8',
        stdio: ['ignore', 'pipe', 'ignore'],
      }),
    );
    expect(said).toMatchObject({
      model: 'padded',
      valid: [1, 3, 64, 64],
      outputs: [
        {
          aligned: [1, 2, 2, 4],
          type: 14,
          layout: 2,
          bytes: 64,
          stride: [64, 32, 16, 4],
          scales: [0.5, 0.25, 0.125],
          axis: 3,
        },
      ],
      fits: [true],
      forgottenClean: { poison: true },
      forgottenInvalidate: { stale: true, violations: '' },
      right: { recorded: true },
      separate: { recorded: true, violations: '' },
    });
    expect(said.version).toMatch(/^1\.24\.5_\(3\.15\.55 HBRT\).*stand-in/);
    expect(said.forgottenClean.violations).toMatch(/no recording for the input [0-9a-f]{16}/);
    expect(said.releasedTwice).toMatch(/released before/);
    expect(said.handleNotNull).toMatch(/not NULL/);
    expect(said.tooSmall).toMatch(/memory of 6143 bytes, expected at least 6144/);
    expect(said.releasedRunning).toMatch(/has 1 tasks/);
    expect(said.flushedRunning).toMatch(/hbSysFlushMem: .* running task/);
    expect(said.freedRunning).toMatch(/hbSysFreeMem: .* running task/);
    expect(said.freedTwice).toMatch(/freed memory/);
  });

  test('is given recordings laid out by the strides of the text', async () => {
    const path = join(folder, 'recorded.bin');
    const nv12 = Uint8Array.from({ length: 6144 }, (_, i) => (i * 31) % 256);
    const spec = { name: '7', type: 'i32' as const, dims: [1, 2, 2, 3] };
    const data = Int32Array.from({ length: 12 }, (_, i) => i + 1);
    const model = {
      inputWidthPx: 64,
      inputHeightPx: 64,
      classNames: null,
      borrowedOutputs: [{ spec, data }],
      run: async () => {},
    } as unknown as Parameters<typeof recordFakeModel>[0]['model'];
    const count = await recordFakeModel({
      path,
      infoText: modelText.replace(/^.*\n.*\n/, ''),
      model,
      preprocess: { resizeMode: 'letterbox', yuvRange: 'full', scaleFilter: 'auto' },
      pictures: [{ name: 'one', widthPx: 64, heightPx: 64, nv12 }],
      names: { boxes: '7' },
      scales: { '7': [1, 2, 4] },
    });
    expect(count).toBe(1);
    // A picture of the model's size is the input itself.
    const key = createHash('sha256').update(nv12).digest('hex').slice(0, 16);
    const recordings = path.replace('.bin', '.recordings');
    expect(readdirSync(recordings)).toEqual([`${key}.bin`]);
    const written = new Int32Array(new Uint8Array(readFileSync(join(recordings, `${key}.bin`))).buffer);
    expect([...written]).toEqual([1, 2, 3, 0, 4, 5, 6, 0, 7, 8, 9, 0, 10, 11, 12, 0]);
    expect(readFileSync(path, 'utf8')).toMatch(
      /^RDK FAKEDNN MODEL 1\n\[model name\][\s\S]*scale data: 1,2,4,\n/,
    );
  });
});
