import type { FrameLease, NativeFrame } from '#dist/core/frame.js';
import { solveLetterbox } from '#dist/core/geometry.js';
import type { BackendSession, ModelInfo, PreparedFrame, PreviewRequest } from '#dist/core/ports.js';
import { type FrameResult, noInstances, type PostprocessOptions } from '#dist/core/result.js';
import type { PipelineClock } from '#dist/pipeline/stats.js';

/** A frame that counts its closings. */
export class FakeFrame implements FrameLease {
  readonly header;
  readonly format = 'nv12';
  readonly region = null;
  readonly loaned = true;
  readonly native = {} as NativeFrame;
  closed = 0;

  constructor(
    sequence: number,
    readonly takenMs = 0,
    stampNs = 0n,
  ) {
    this.header = { stampNs, frameId: 'camera', sequence, widthPx: 64, heightPx: 48 };
  }

  close(): void {
    this.closed++;
  }
}

/** A promise that the test settles. */
export class Gate<T> {
  readonly promise: Promise<T>;
  resolve!: (value: T) => void;
  reject!: (error: unknown) => void;

  constructor() {
    this.promise = new Promise((resolve, reject) => {
      this.resolve = resolve;
      this.reject = reject;
    });
  }
}

/** A session whose every step waits for the test; keeps the port's rules and complains if the caller does not. */
export class FakeSession implements BackendSession {
  readonly postprocess = null;
  readonly model = { path: 'fake', backend: 'fake' } as ModelInfo;
  readonly inferencesInFlight = 1;
  readonly preparing = new Map<number, Gate<void>>();
  readonly running = new Map<number, Gate<void>>();
  readonly discarded: number[] = [];
  readonly recycled: ArrayBuffer[] = [];
  readonly optionsSeen: PostprocessOptions[] = [];
  readonly previewsAsked: (PreviewRequest | null)[] = [];
  readonly #open = new Set<PreparedFrame>();

  readonly inferring = new Map<number, () => void>();

  constructor(
    readonly framesInFlight = 2,
    readonly inputsInFlight = framesInFlight,
  ) {}

  get leaked(): number {
    return this.#open.size;
  }

  async prepare(frame: FakeFrame, preview: PreviewRequest | null): Promise<PreparedFrame> {
    if (frame.closed > 0) throw new Error('prepare of a closed frame');
    if (this.preparing.size + this.running.size >= this.framesInFlight) throw new Error('too many in flight');
    if (this.preparing.size + this.inferring.size >= this.inputsInFlight) throw new Error('too many inputs');
    const { sequence, widthPx, heightPx } = frame.header;
    this.previewsAsked.push(preview);
    await this.#gate(this.preparing, sequence);
    if (frame.closed > 0) throw new Error('frame closed while it was read');
    const prepared: PreparedFrame = {
      header: frame.header,
      geometry: solveLetterbox(widthPx, heightPx, 64, 64),
      preview: preview === null ? null : { ...preview, rgba: new ArrayBuffer(4) },
      waitMs: 1,
      prepareMs: 2,
    };
    this.#open.add(prepared);
    return prepared;
  }

  async run(
    prepared: PreparedFrame,
    options: PostprocessOptions,
    onInferred: () => void,
  ): Promise<FrameResult> {
    this.#take(prepared);
    this.optionsSeen.push(options);
    const { sequence } = prepared.header;
    this.inferring.set(sequence, onInferred);
    await this.#gate(this.running, sequence).finally(() => this.inferring.delete(sequence));
    return fakeResult(sequence);
  }

  /** The frame's inference is over, its post-processing begins. */
  endInference(sequence: number): void {
    const onInferred = this.inferring.get(sequence)!;
    this.inferring.delete(sequence);
    onInferred();
  }

  discard(prepared: PreparedFrame): void {
    this.#take(prepared);
    this.discarded.push(prepared.header.sequence);
  }

  recyclePreview(rgba: ArrayBuffer): void {
    this.recycled.push(rgba);
  }

  async close(): Promise<void> {}

  #take(prepared: PreparedFrame): void {
    if (!this.#open.delete(prepared)) throw new Error('prepared frame used twice');
  }

  async #gate(gates: Map<number, Gate<void>>, sequence: number): Promise<void> {
    const gate = new Gate<void>();
    gates.set(sequence, gate);
    try {
      await gate.promise;
    } finally {
      gates.delete(sequence);
    }
  }
}

export function fakeResult(sequence: number, stampNs = 0n): FrameResult {
  return {
    header: { stampNs, frameId: 'camera', sequence, widthPx: 64, heightPx: 48 },
    geometry: solveLetterbox(64, 48, 64, 64),
    instances: noInstances(),
    stageTimesMs: { wait: 1, prepare: 2, queue: 3, infer: 4, decode: 5, masks: 6 },
    candidateCount: 0,
    candidatesCut: 0,
    tracks: null,
    depths: null,
  };
}

export class FakeClock implements PipelineClock {
  now = 1000;
  realtime = 1_700_000_000_000;
  nowMs = () => this.now;
  realtimeMs = () => this.realtime;
}

/** Lets everything that is due happen. */
export async function settle(): Promise<void> {
  for (let turn = 0; turn < 3; turn++) await new Promise((resolve) => setImmediate(resolve));
}
