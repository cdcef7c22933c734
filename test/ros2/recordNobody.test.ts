import { existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { Peer } from './support/peer.js';

const folder = mkdtempSync(join(tmpdir(), 'record-nobody-'));
afterAll(() => rmSync(folder, { recursive: true }));

it('a recording of a node that is not there is refused, and leaves no file', async () => {
  const out = join(folder, 'out');
  const recorder = new Peer('bin/rdk-yolo-seg', [
    'record',
    '--out',
    out,
    '--seconds',
    '1',
    '--node',
    '/nobody',
  ]);
  expect(await recorder.exited).toBe(2);
  expect(recorder.output).toContain('/nobody');
  expect(existsSync(out) ? readdirSync(out) : []).toEqual([]);
});
