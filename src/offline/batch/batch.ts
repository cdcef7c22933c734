import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ConfigError, describeError, FrameError, StoreError } from '../../core/errors.js';
import type { BackendSession } from '../../core/ports.js';
import type { ByteSource } from '../byteSource.js';
import type { InputSource } from '../offlineInput.js';
import { RecordingInput } from '../recordings/recordingInput.js';
import { type SegmentRequest, type SegmentSummary, segmentInputs } from '../segment.js';
import type { StoreAddress } from '../store/objectStore.js';
import type { RangedBytes } from '../store/rangedBytes.js';
import type { BatchInput } from './batchInputs.js';
import { type Making, resultName } from './resultKey.js';

/** The forms of which there is one file for a recording. */
export const batchForms = ['jsonl', 'mcap'] as const;

/** One of them. */
export type BatchForm = (typeof batchForms)[number];

/** Recordings to be segmented, each into a result of its own. */
export interface BatchRequest extends Pick<SegmentRequest, 'values' | 'postprocess' | 'signal'> {
  readonly session: BackendSession;
  readonly inputs: readonly BatchInput[];
  readonly out: StoreAddress;
  readonly form: BatchForm;
  readonly topics: readonly string[] | null;
  readonly making: Making;
  readonly onLine: (line: BatchLine) => void;
}

/** What became of a recording, as a line of JSON tells it. */
export interface BatchLine {
  readonly input: string;
  /** Where its result is, or would be. */
  readonly output: string;
  /** `bad`: it cannot be segmented; `failed`: it may be if it is tried again. */
  readonly state: 'done' | 'skipped' | 'bad' | 'failed';
  readonly frames: number;
  /** Frames and parts that could not be segmented. */
  readonly lost: number;
  readonly instances: number;
  readonly seconds: number;
  readonly bytes_read: number;
  /** Of these the index and what holds the topics; bytes that are asked for again count again. */
  readonly bytes_asked: number;
  readonly requests: number;
  /** The first thing that was wrong. */
  readonly fault?: string;
}

/** How many recordings came to what. */
export interface BatchSummary {
  readonly done: number;
  readonly skipped: number;
  readonly bad: number;
  readonly failed: number;
  /** Recordings that are done but for some frames. */
  readonly withLost: number;
}

/** What a recording came to, and what was wrong with it first. */
interface Outcome {
  readonly state: BatchLine['state'];
  readonly summary: Pick<SegmentSummary, 'pictures' | 'faults' | 'instances'>;
  readonly fault: string | null;
}

const nothing = { pictures: 0, faults: 0, instances: 0 };

/** Once opened it stays so, whoever closes it: a recording is opened to look what is in it, and again to read it. */
function keptOpen(bytes: RangedBytes): ByteSource {
  return {
    path: bytes.path,
    size: () => bytes.size(),
    read: (offset, length) => bytes.read(offset, length),
    expect: (parts) => bytes.expect(parts),
    close: async () => {},
  };
}

function failure(error: unknown): Outcome {
  if (error instanceof ConfigError && ['out', 'output'].includes(error.code))
    throw new StoreError(`no result can be put together: ${error.message}`, true, {}, error);
  const isBad = error instanceof ConfigError || error instanceof FrameError;
  // That a store refuses, or a model fails, is no fault of this recording.
  if (!isBad && !(error instanceof StoreError && error.isTemporary)) throw error;
  return { state: isBad ? 'bad' : 'failed', summary: nothing, fault: describeError(error) };
}

class Batch {
  readonly #request: BatchRequest;
  readonly #scratch: string;

  constructor(request: BatchRequest, scratch: string) {
    this.#request = request;
    this.#scratch = scratch;
  }

  async line(input: BatchInput): Promise<BatchLine> {
    const { out, making, form } = this.#request;
    const startMs = performance.now();
    const key = out.prefix + resultName(input.name, input.object, making, form);
    let bytes: RangedBytes | null = null;
    let outcome: Outcome;
    try {
      if ((await out.store.find(key)) === null) {
        bytes = await input.store.open(input.object);
        outcome = await this.#segment(bytes, key);
      } else outcome = { state: 'skipped', summary: nothing, fault: null };
    } catch (error) {
      outcome = failure(error);
    } finally {
      await bytes?.close();
    }
    const { state, summary, fault } = outcome;
    const { bytes: read, askedBytes, requests } = bytes?.cost ?? { bytes: 0, askedBytes: 0, requests: 0 };
    return {
      input: input.object.address,
      output: out.store.addressOf(key),
      state,
      frames: summary.pictures,
      lost: summary.faults,
      instances: summary.instances,
      seconds: Math.round(performance.now() - startMs) / 1000,
      bytes_read: read,
      bytes_asked: askedBytes,
      requests,
      ...(fault === null ? {} : { fault }),
    };
  }

  /** The result is written last; of a recording without a single frame there is none. */
  async #segment(bytes: RangedBytes, key: string): Promise<Outcome> {
    const { session, values, postprocess, form, topics, signal, out } = this.#request;
    const part = { path: bytes.path, open: async () => keptOpen(bytes) };
    const source: InputSource = await RecordingInput.open({ path: bytes.path, parts: [part], topics });
    const folder = await mkdtemp(join(this.#scratch, 'recording-'));
    let fault: string | null = null;
    try {
      const summary = await segmentInputs({
        ...{ session, values, postprocess, signal, folder },
        sources: [source],
        forms: new Set([form]),
        annotations: null,
        onDone: () => {},
        onFault: (_, error) => {
          fault ??= describeError(error);
        },
      });
      if (summary.pictures === 0)
        return { state: 'bad', summary, fault: fault ?? `${bytes.path} has no pictures of these topics` };
      await out.store.putIfAbsent(key, join(folder, form, `${source.name}.${form}`));
      return { state: 'done', summary, fault };
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  }
}

/**
 * Segments recordings one after the other, each into one result, which is written last and only where there is none.
 *
 * Rejects as the session does, and with StoreError where the store refuses for good or this machine has no room for a result that
 * is being made.
 */
export async function segmentBatch(request: BatchRequest): Promise<BatchSummary> {
  const { inputs, signal, onLine } = request;
  const counts = { done: 0, skipped: 0, bad: 0, failed: 0, withLost: 0 };
  const scratch = await mkdtemp(join(tmpdir(), 'rdk-yolo-seg-'));
  try {
    const batch = new Batch(request, scratch);
    for (const input of inputs) {
      signal.throwIfAborted();
      const line = await batch.line(input);
      counts[line.state]++;
      if (line.state === 'done' && line.lost > 0) counts.withLost++;
      onLine(line);
    }
  } finally {
    await rm(scratch, { recursive: true, force: true });
  }
  return counts;
}
