import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { backendNames } from '#dist/backends/registry.js';
import { stopLimitsMs } from '#dist/core/stopLimits.js';

function secondsIn(file: string, pattern: RegExp): number {
  return Number(pattern.exec(readFileSync(new URL(`../../../${file}`, import.meta.url), 'utf8'))?.[1]);
}

const processEndMs = stopLimitsMs.node + stopLimitsMs.exit;

it.each(backendNames)('the waits of %s end before the node gives up', (backend) => {
  const waitsMs = Object.values(stopLimitsMs[backend]);
  expect(stopLimitsMs.pipeline + waitsMs.reduce((sum, waitMs) => sum + waitMs, 0)).toBeLessThan(
    stopLimitsMs.node,
  );
});

it('sessions of the BPU that are still open when the process ends hold it up no longer than other calls', () => {
  expect(stopLimitsMs.bpuNow).toBeLessThanOrEqual(stopLimitsMs.exit);
});

it('a node that gave up has ended before the launch file sends its next signal', () => {
  expect(processEndMs).toBeLessThan(
    1000 * secondsIn('launch/yolo_seg.launch.py', /^STOP_TIMEOUT_S = '(\d+)'$/m),
  );
});

it('the demo waits as long as a node may take to end', () => {
  expect(processEndMs).toBeLessThan(
    1000 * secondsIn('scripts/demo/program.mjs', /^export const STOP_LIMIT_S = (\d+);$/m),
  );
});
