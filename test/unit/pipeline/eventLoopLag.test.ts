import { setTimeout as sleep } from 'node:timers/promises';
import { expect, it } from 'vitest';
import { EventLoopLagMonitor } from '#dist/pipeline/eventLoopLag.js';

it('EventLoopLagMonitor sees a blocked event loop and reports lag without the sampling interval', async () => {
  const monitor = new EventLoopLagMonitor(5);
  expect(monitor.snapshot()).toBeNull();
  monitor.start();
  await sleep(50);
  const untilMs = performance.now() + 100;
  while (performance.now() < untilMs);
  await sleep(50);
  monitor.stop();
  const lag = monitor.snapshot();
  expect(lag?.maxMs).toBeGreaterThan(60);
  expect(lag?.p50Ms).toBeLessThan(20);
  monitor.reset();
  expect(monitor.snapshot()).toBeNull();
});
