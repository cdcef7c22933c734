import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { numpyPython } from '../../oracle/oracle.js';
import { repoPath, testFolder } from './exports.js';

// The real package is not on every machine: test/exportStub has its public shape and decodes cell by cell.
if (numpyPython === null) console.log('skipped: no python3 with numpy (tools/export_heads.py)');

function exportHeads(variant: string, ...args: string[]) {
  const folder = testFolder();
  writeFileSync(join(folder, 'model.pt'), 'weights');
  writeFileSync(join(folder, 'model.onnx'), 'a stock export of the same name');
  const command = [
    repoPath('tools/export_heads.py'),
    join(folder, 'model.pt'),
    '-o',
    join(folder, 'heads.onnx'),
  ];
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
  ])('refuses a head it does not know: %s', (variant, message) => {
    const { status, stderr, files } = exportHeads(variant);
    expect(status).toBe(2);
    expect(stderr).toMatch(message);
    expect(files).toEqual(['model.onnx', 'model.pt']);
  });
});
