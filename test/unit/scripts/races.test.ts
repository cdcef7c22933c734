import { expect, it } from 'vitest';
import { isFinding, parseRaces } from '../../../scripts/sanitizers/races.mjs';

const node = '/usr/bin/node+0xd0f69a) (BuildId: 1)';
const ours = '/somewhere/native/bin/core-linux-x64-tsan.node+0x12) (BuildId: 2)';
const runtime = '/usr/lib/libtsan.so.2+0x8b69c) (BuildId: 3)';

/** A report as ThreadSanitizer of GCC writes it, with the innermost frames of both accesses. */
function report(first: readonly string[], second: readonly string[]): string {
  const stack = (frames: readonly string[]) =>
    frames.map((frame, at) => `    #${at} <null> (${frame}`).join('\n');
  const line = '='.repeat(18);
  return `${line}
WARNING: ThreadSanitizer: data race (pid=7)
  Write of size 8 at 0x7b1400000000 by main thread:
${stack(first)}

  Previous read of size 8 at 0x7b1400000000 by thread T3:
${stack(second)}

  Thread T3 (tid=9, running) created by main thread at:
${stack([runtime, ours])}

SUMMARY: ThreadSanitizer: data race
${line}
`;
}

it.each([
  ['of Node alone', [runtime, node], [node], false],
  ['of Node under a call from our addon', [runtime, node, ours], [node], false],
  ['of our addon, called by Node', [runtime, ours, node], [node], true],
  ['of our addon with another thread of it', [ours, node], [ours], true],
  ['of a module that nobody has named', ['/usr/lib/libnew.so+0x1) (BuildId: 4)'], [node], true],
  ['of which no stack was kept', [], [], true],
] as const)('a race %s', (_, first, second, finding) => {
  const races = parseRaces(`chatter\n${report(first, second)}${report([node], [node])}`);
  expect(races).toHaveLength(2);
  expect(races.map(isFinding)).toEqual([finding, false]);
});

it('takes a log without reports for one', () => {
  expect(parseRaces('ThreadSanitizer: reported 0 warnings\n')).toEqual([]);
});
