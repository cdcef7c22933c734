import { describe, expect, it } from 'vitest';
import { readOnnxFileInfo } from '#dist/backends/onnx/modelFile.js';
import { repoPath } from '../../support/frames.js';

describe('readOnnxFileInfo', () => {
  it('reads the metadata of an exported model without loading it', () => {
    const { sizeBytes, metadata } = readOnnxFileInfo(repoPath('assets/models/shapes-seg-320.onnx'));
    expect(sizeBytes).toBe(2_292_027);
    expect(metadata.get('task')).toBe('segment');
    expect(metadata.get('names')).toBe("{0: 'ball', 1: 'crate', 2: 'cone', 3: 'barrel', 4: 'pallet'}");
  });

  it('finds none where there is none', () => {
    expect(readOnnxFileInfo(repoPath('test/fixtures/models/no-metadata.onnx')).metadata.size).toBe(0);
  });
});
