// Recordings of tensors from anywhere: what is not refused is opened and run, whatever numbers its tensors hold.
import { mkdirSync, mkdtempSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { afterAll, describe, expect } from 'vitest';
import { parse, stringify } from 'yaml';
import { openReplaySessionSync } from '#dist/backends/replay/open.js';
import type { FrameResult } from '#dist/core/result.js';
import { framePath, framesPath, readRecording, recordingPath } from '#dist/backends/replay/recordingFile.js';
import { defaultOptions } from '../support/defaultOptions.js';
import { Fakednn } from '../support/fakednn.js';
import { leaseOf, plainPicture } from '../support/frames.js';
import { mutatedTexts } from './support/mutated.js';
import { fuzz, readOrRefused } from './support/target.js';

const sidePx = 64;
const input = new Uint8Array((sidePx * sidePx * 3) / 2).fill(128).fill(114, 0, sidePx * sidePx);
const hash = createHash('sha256').update(input).digest('hex').slice(0, 16);
const folder = mkdtempSync(join(tmpdir(), 'fuzz-replay-'));
afterAll(() => rmSync(folder, { recursive: true }));

const dnn = new Fakednn();
const made = dnn.model().replace(/\.bin$/, '.replay');
const document = { ...parse(readFileSync(recordingPath(made), 'utf8')), frames: [{ hash, source: 'plain' }] };
const sound = stringify(document);
const frame = readFileSync(framePath(made, hash));
const options = dnn.options(folder);
dnn.remove();
mkdirSync(framesPath(folder));

/** Runs a plain picture on what the folder holds; null where that is refused. */
async function run(): Promise<FrameResult | null> {
  const session = await readOrRefused(() => openReplaySessionSync(options));
  if (session === null) return null;
  const lease = leaseOf(plainPicture(sidePx * 2, sidePx * 2));
  try {
    const prepared = await session.prepare(lease, null);
    return await session.run(prepared, defaultOptions);
  } finally {
    lease.close();
    await session.close();
  }
}

function expectInside({ instances }: FrameResult): void {
  expect(instances.count).toBeLessThanOrEqual(defaultOptions.maxDetections);
  for (const value of [...instances.boxesImage, ...instances.scores])
    expect(Number.isFinite(value)).toBe(true);
  for (const edge of instances.boxesImage) {
    expect(edge).toBeGreaterThanOrEqual(0);
    expect(edge).toBeLessThanOrEqual(sidePx * 2);
  }
  for (const span of instances.spans) expect(span).toBeLessThanOrEqual(sidePx * 2);
}

describe('recordings of tensors that are run', () => {
  const bits = fc.constantFrom(
    0x7fc00000,
    0x7f800000,
    0xff800000,
    0x7f7fffff,
    0xff7fffff,
    0x00000001,
    0x42c80000,
  );
  const place = fc.tuple(
    fc.nat(frame.length / 4 - 1),
    fc.oneof(bits, fc.nat(2 ** 32 - 1)),
    fc.constantFrom(1, 64, 4000),
  );
  fuzz('tensors of any numbers', 20, fc.array(place, { maxLength: 30 }), async (places) => {
    const changed = Buffer.from(frame);
    for (const [at, value, times] of places) {
      for (let one = 0; one < times && (at + one) * 4 < changed.length; one++)
        changed.writeUInt32LE(value, (at + one) * 4);
    }
    writeFileSync(recordingPath(folder), sound);
    writeFileSync(framePath(folder, hash), changed);
    const result = await run();
    expect(result).not.toBeNull();
    expectInside(result!);
  });

  fuzz('recording.yaml, opened', 50, mutatedTexts([sound]), async (text) => {
    writeFileSync(recordingPath(folder), text);
    writeFileSync(framePath(folder, hash), frame);
    // A frame of the size that it says, which takes no room.
    const told = await readOrRefused(() => {
      try {
        return readRecording(folder).layout.sizeBytes;
      } catch (error) {
        const { expectedBytes } = (error as { details?: { expectedBytes?: number } }).details ?? {};
        if (expectedBytes === undefined) throw error;
        return expectedBytes;
      }
    });
    if (told === null) return;
    truncateSync(framePath(folder, hash), told);
    await readOrRefused(() => openReplaySessionSync(options).close());
  });
});
