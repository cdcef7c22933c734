import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { Peer } from './support/peer.js';

const folder = mkdtempSync(join(tmpdir(), 'record-nobody-'));
afterAll(() => rmSync(folder, { recursive: true }));

it('a recording of a node that is not there is refused, and leaves what an earlier one has left', async () => {
  const out = join(folder, 'out');
  mkdirSync(out);
  const earlier = ['demo.mcap', 'overlay_00.png', 'report.json'];
  for (const name of earlier) writeFileSync(join(out, name), name);
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
  expect(readdirSync(out).toSorted()).toEqual(earlier);
  for (const name of earlier) expect(readFileSync(join(out, name), 'utf8')).toBe(name);
});
