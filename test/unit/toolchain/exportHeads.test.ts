import { spawnSync } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { numpyPython } from '../../oracle/oracle.js';
import { repoPath, testFolder } from './exports.js';

// The real package is not on every machine: test/exportStub has its public shape and decodes cell by cell.
if (numpyPython === null) console.log('skipped: no python3 with numpy (tools/export_heads.py)');

function exportHeads(variant: string, ...args: string[]) {
  const folder = testFolder();
  writeFileSync(join(folder, 'model.pt'), 'weights');
  if (args.includes('-o')) mkdirSync(join(folder, 'folder.pt'));
  writeFileSync(join(folder, 'model.onnx'), 'a stock export of the same name');
  const given = args.includes('-o') ? [] : ['model.pt', '-o', 'heads.onnx'];
  const command = [repoPath('tools/export_heads.py'), ...given];
  const env = {
    ...process.env,
    PYTHONPATH: repoPath('test/exportStub'),
    PYTHONDONTWRITEBYTECODE: '1',
    STUB_HEAD: variant,
    STUB_HEAD_REPORT: '1',
  };
  const { status, stdout, stderr } = spawnSync(numpyPython!, [...command, ...args], {
    encoding: 'utf8',
    env,
    cwd: folder,
  });
  return { status, stdout, stderr, folder, files: readdirSync(folder).sort() };
}

describe.skipIf(numpyPython === null)('tools/export_heads.py', () => {
  it('says which package it found and exports ten named outputs without touching the package', () => {
    const { status, stdout, folder, files } = exportHeads('known', '--size', '96x64', '--order', 'zoo');
    expect(status).toBe(0);
    expect(stdout).toContain(`ultralytics 8.0.0 from ${repoPath('test/exportStub/ultralytics')}`);
    expect(JSON.parse(readFileSync(join(folder, 'heads.onnx'), 'utf8'))).toEqual([
      ['cls8', [1, 8, 12, 3]],
      ['box8', [1, 8, 12, 24]],
      ['coef8', [1, 8, 12, 4]],
      ['cls16', [1, 4, 6, 3]],
      ['box16', [1, 4, 6, 24]],
      ['coef16', [1, 4, 6, 4]],
      ['cls32', [1, 2, 3, 3]],
      ['box32', [1, 2, 3, 24]],
      ['coef32', [1, 2, 3, 4]],
      ['proto', [1, 16, 24, 4]],
    ]);
    expect(stdout).toContain('forward restored: True');
    expect(files).toEqual(['heads.onnx', 'model.onnx', 'model.pt']);
    expect(readFileSync(join(folder, 'model.onnx'), 'utf8')).toContain('stock export');
  });

  it.each([
    ['corners', /decodes otherwise than known: rows differ by \d/],
    ['dictionary', /returns dict in export mode; expected rows and prototype/],
    ['fails', /Segment.forward fails on feature maps: KeyError: 'feats'/],
    ['no-dfl', /reg_max is 1: a head without DFL/],
    ['detection', /the model ends in ultralytics.nn.modules.head.Detect; expected Segment/],
    ['torn', /^export_heads: model.pt does not load: TypeError: not a loadable checkpoint\n$/],
    ['no-export', /^export_heads: the export fails: ImportError: No module named 'exporter'\n$/],
    ['disk-full', /^export_heads: .*No space left on device/],
  ])('refuses what it does not know or cannot export: %s', (variant, message) => {
    const { status, stderr, files } = exportHeads(variant);
    expect(status).toBe(2);
    expect(stderr).toMatch(message);
    expect(files).toEqual(['model.onnx', 'model.pt']);
  });

  it.each([
    ['missing.pt', 'heads.onnx', 'missing.pt does not exist'],
    [
      'model.onnx',
      'heads.onnx',
      'model.onnx is no .pt file; an ONNX export is cut by rdk-yolo-seg model heads',
    ],
    [
      'folder.pt',
      'heads.onnx',
      'folder.pt is no .pt file; an ONNX export is cut by rdk-yolo-seg model heads',
    ],
    ['model.pt', 'nowhere/heads.onnx', 'the folder of nowhere/heads.onnx does not exist'],
    ['model.pt', 'model.pt/heads.onnx', 'the folder of model.pt/heads.onnx does not exist'],
    ['model.pt', 'folder.pt', 'folder.pt is a folder; expected the ONNX file to write'],
    [
      'model.pt',
      './folder.pt/../model.pt',
      'folder.pt/../model.pt is the input itself; expected another file',
    ],
  ])('refuses %s with the output %s before it exports', (weights, output, message) => {
    const { status, stderr, folder, files } = exportHeads('known', weights, '-o', output);
    expect(stderr).toBe(`export_heads: ${message}\n`);
    expect(status).toBe(2);
    expect(files).toEqual(['folder.pt', 'model.onnx', 'model.pt']);
    expect(readFileSync(join(folder, 'model.pt'), 'utf8')).toBe('weights');
  });

  it.each(['64', '64x', '64x65', '0x64', '9999x64', '64x64x3', '٦٤x٦٤'])('refuses the size %s', (size) => {
    const { status, stderr } = exportHeads('known', '--size', size);
    expect(status).toBe(2);
    expect(stderr).toContain(`${size}: expected WIDTHxHEIGHT in multiples of 32, up to 8192`);
  });
});
