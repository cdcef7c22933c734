import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { afterAll, expect, it, vi } from 'vitest';
import { openBpuSession } from '#dist/backends/bpu/open.js';
import type { BpuSession } from '#dist/backends/bpu/session.js';
import { plainFrame } from './plainFrames.js';
import { Fakednn } from '../../support/fakednn.js';

const dnn = new Fakednn();
afterAll(() => dnn.remove());

setFlagsFromString('--expose-gc');
const collect = runInNewContext('gc') as () => void;

async function prepareAndForget(session: BpuSession, sequence: number): Promise<void> {
  const frame = plainFrame(1, sequence);
  await session.prepare(frame, null);
  frame.close();
}

it('the slot of a prepared frame that is neither run nor discarded comes back, with a warning', async () => {
  const warnings: string[] = [];
  process.on('warning', ({ message }) => warnings.push(message));
  const session = await openBpuSession(dnn.options(dnn.model()));
  await prepareAndForget(session, 7);
  expect(session.slotsInUse).toBe(1);
  await vi.waitFor(() => {
    collect();
    expect(session.slotsInUse).toBe(0);
  });
  await vi.waitFor(() => expect(warnings).toEqual(['frame 7 was prepared, and neither run nor discarded']));
  await session.close();
});
