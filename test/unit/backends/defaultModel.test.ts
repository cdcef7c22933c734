import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { chooseDefaultModel } from '#dist/backends/defaultModel.js';

const folder = mkdtempSync(join(tmpdir(), 'default-model-'));
const boardModel = join(folder, 'yolov8_seg_640x640_nv12.bin');
writeFileSync(boardModel, 'a model');
afterAll(() => rmSync(folder, { recursive: true }));

describe('chooseDefaultModel', () => {
  it('takes the demo model where the board’s model is missing, and says so', () => {
    const missing = join(folder, 'none.bin');
    const { path, why } = chooseDefaultModel('auto', missing);
    expect(path.endsWith('assets/models/shapes-seg.onnx')).toBe(true);
    expect(existsSync(path)).toBe(true);
    expect(why).toBe(`there is no ${missing}`);
  });

  it('takes the board’s model where it is, whatever becomes of it', () => {
    expect(chooseDefaultModel('auto', boardModel)).toEqual({ path: boardModel, why: "the board's own" });
  });

  it('follows a backend named by the user', () => {
    expect(chooseDefaultModel('onnx', boardModel).path.endsWith('.onnx')).toBe(true);
    expect(chooseDefaultModel('bpu', boardModel).path).toBe(boardModel);
  });
});
