import { readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ConfigError, describeError, FrameError, StoreError } from '../../core/errors.js';
import type { BackendSession } from '../../core/ports.js';
import { refuseLongNames } from '../inputs.js';
import { type SegmentRequest, type SegmentSummary, segmentInputs } from '../segment.js';
import type { StoreAddress } from '../store/objectStore.js';
import type { BatchInput } from './batchInputs.js';
import { openBatchSource } from './batchSource.js';
import { ObjectReader } from './objectReader.js';
import { scratchFolder } from './scratchFolder.js';
import { type Making, resultName } from './resultKey.js';

/** Forms of which there is one file for each input, with its ending. */
const endings = {
  jsonl: 'jsonl',
  mcap: 'mcap',
  json: 'json',
  overlay: 'jpg',
  yolo: 'txt',
  mot: 'txt',
  'coco-video': 'json',
} as const;

/** Some of them are files for a frame, so that pictures alone have one. */
const formsOfPictures: readonly BatchForm[] = ['json', 'overlay', 'yolo'];

/** A form of which there is one file for each input. */
export type BatchForm = keyof typeof endings;

/** All of them, for messages. */
export const batchForms = Object.keys(endings) as BatchForm[];

/** Throws ConfigError `arguments` for inputs of which a form has more than one file. */
export function refuseForm(form: BatchForm, inputs: readonly BatchInput[]): void {
  if (!formsOfPictures.includes(form)) return;
  const moving = inputs.find(({ kind }) => kind !== 'picture');
  if (moving === undefined) return;
  const what = `--forms ${form} has a file for each frame, and an input of a batch has one result: ${moving.address} is no picture; expected jsonl or mcap`;
  throw new ConfigError('arguments', what, { form });
}

/** Inputs to be segmented, each into a result of its own. */
export interface BatchRequest extends Pick<SegmentRequest, 'values' | 'postprocess' | 'signal'> {
  readonly session: BackendSession;
  readonly inputs: readonly BatchInput[];
  readonly out: StoreAddress;
  readonly form: BatchForm;
  readonly making: Making;
  readonly onLine: (line: BatchLine) => void;
}

/** What became of an input, as a line of JSON tells it. */
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

/** How many inputs came to what. */
export interface BatchSummary {
  readonly done: number;
  readonly skipped: number;
  readonly bad: number;
  readonly failed: number;
  /** Inputs that are done but for some frames. */
  readonly withLost: number;
}

/** What an input came to, and what was wrong with it first. */
interface Outcome {
  readonly state: BatchLine['state'];
  readonly summary: Pick<SegmentSummary, 'pictures' | 'faults' | 'instances'>;
  readonly fault: string | null;
}

const nothing = { pictures: 0, faults: 0, instances: 0 };

/** An object may be called anything: what would lead out of where results go has none. */
function checkName({ name, address }: BatchInput): void {
  if (!name.split('/').includes('..')) return;
  throw new ConfigError('source', `${address} has .. in its name, which results cannot bear`, { address });
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
    const key = out.prefix + resultName(input, making, endings[form]);
    const folder = await scratchFolder(this.#scratch, 'input-');
    const reader = new ObjectReader(input.store, folder);
    let outcome: Outcome;
    try {
      checkName(input);
      if ((await out.store.find(key)) === null) outcome = await this.#segment(input, reader, key, folder);
      else outcome = { state: 'skipped', summary: nothing, fault: null };
    } catch (error) {
      outcome = failure(error);
    } finally {
      await reader.close();
      await rm(folder, { recursive: true, force: true });
    }
    const { state, summary, fault } = outcome;
    const { bytes: read, askedBytes, requests } = reader.cost;
    return {
      input: input.address,
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

  /** The result is written last; of an input without a single frame there is none. */
  async #segment(input: BatchInput, reader: ObjectReader, key: string, folder: string): Promise<Outcome> {
    const { session, values, postprocess, form, making, signal, out } = this.#request;
    const source = await openBatchSource(input, reader, making);
    refuseLongNames([source]);
    let fault: string | null = null;
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
      return { state: 'bad', summary, fault: fault ?? `${input.address} has no pictures of these topics` };
    // The one there is; it is called as its form has it.
    const [name] = await readdir(join(folder, form));
    await out.store.putIfAbsent(key, join(folder, form, name!));
    return { state: 'done', summary, fault };
  }
}

/**
 * Segments inputs one after the other, each into one result, which is written last and only where there is none.
 *
 * Rejects as the session does, and with StoreError where the store refuses for good or this machine has no room for a result that
 * is being made.
 */
export async function segmentBatch(request: BatchRequest): Promise<BatchSummary> {
  const { inputs, signal, onLine } = request;
  const counts = { done: 0, skipped: 0, bad: 0, failed: 0, withLost: 0 };
  const scratch = await scratchFolder(tmpdir(), 'rdk-yolo-seg-');
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
