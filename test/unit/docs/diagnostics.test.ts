import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { frameErrorCodes } from '#dist/core/errors.js';
import { PipelineStats, pipelineDropReasons } from '#dist/pipeline/stats.js';
import { nodeValues } from '#dist/ros2/report.js';
import { fakeResult } from '../pipeline/fakes.js';

const page = readFileSync('docs/diagnostics.md', 'utf8');
/** What stands in backticks in the first cells of tables. */
const namedIn = (text: string) =>
  [...text.matchAll(/^\| (`[^|]*`) \|/gm)].flatMap(([, cell = '']) =>
    [...cell.matchAll(/`([^`]+)`/g)].map(([, name = '']) => name),
  );

/** Every key, as of a node that is active and has seen a drop and a wrong clock. */
function everyKey(): string[] {
  const stats = new PipelineStats();
  stats.countUnoffered('encoding');
  stats.countIn();
  stats.countOut(fakeResult(1), 0);
  const model = { path: 'm', name: 'm', backend: 'onnx', inputWidthPx: 64, inputHeightPx: 64 };
  const input = { loaned: 0, copied: 0, taken: 0, returned: 0, supersededNative: 0, lost: 0, takeErrors: 0 };
  return nodeValues({
    state: 'active',
    isEnabled: true,
    clock: 'system',
    model: { ...model, headForm: 'heads', classNames: [], outputs: [] },
    postprocess: { workers: 2, choice: null },
    cameras: [
      {
        name: null,
        pipeline: stats.snapshot(),
        framesInWork: 0,
        input,
        outputs: [{ topic: '~/masks', handedOver: 0, refused: 0 }],
        depth: {
          pictures: 1,
          refused: { encoding: 1 },
          paired: 1,
          unpaired: { stamp: 1 },
          waiting: 0,
          waitMs: stats.snapshot().stampAgeMs,
          workMs: stats.snapshot().stampAgeMs,
        },
        overlayErrors: 0,
      },
    ],
    eventLoopLag: { p50Ms: 0, p95Ms: 0, maxMs: 0 },
  }).map(([key]) => key);
}

it('docs/diagnostics.md explains every key that the node publishes', () => {
  const documented = new Set(namedIn(page));
  const generic = (key: string) =>
    key
      .replace(/^(age_ms|taken_to_result_ms|depth\.\w+_ms|stage_ms\.\w+)\.p\d\d$/, '$1')
      .replace(/^stage_ms\.\w+/, 'stage_ms.STAGE')
      .replace(/^depth\.(refused|unpaired)\.\w+/, 'depth.$1.REASON')
      .replace(/^output\.\w+/, 'output.TOPIC')
      .replace(/^dropped\.\w+/, 'dropped.REASON')
      .replace(/^event_loop_lag_ms\.p95$/, '.p95')
      .replace(/^event_loop_lag_ms\.max$/, '.max');
  expect(everyKey().filter((key) => !documented.has(generic(key)))).toEqual([]);
});

it('docs/diagnostics.md explains every reason of a drop, and no other', () => {
  const reasons = page.slice(page.indexOf('| reason |'), page.indexOf('Where a frame got lost'));
  expect(namedIn(reasons).toSorted()).toEqual([...frameErrorCodes, ...pipelineDropReasons].toSorted());
});
