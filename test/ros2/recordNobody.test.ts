import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { constants, tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { Peer, until } from './support/peer.js';

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

it.each(['SIGINT', 'SIGTERM'] as const)(
  'a recording that is stopped by %s before it listens leaves nothing unfinished',
  async (signal) => {
    const out = join(folder, signal);
    mkdirSync(out);
    const recorder = new Peer('bin/rdk-yolo-seg', ['record', '--out', out]);
    await until(
      () => readdirSync(out).length > 0,
      20_000,
      () => recorder.output,
    );
    recorder.process.kill(signal);
    // 2: it has listened meanwhile, to nobody.
    expect([128 + constants.signals[signal], 2]).toContain(await recorder.exited);
    expect(readdirSync(out)).toEqual([]);
  },
);
