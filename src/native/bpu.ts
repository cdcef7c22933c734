import { BackendError, FrameError } from '../core/errors.js';
import { stopLimitsMs } from '../core/stopLimits.js';
import { type LetterboxRequest, type PrepareReport, withFilter } from './core.js';
import { guarded, guardedAsync } from './errors.js';
import { loadAddon } from './load.js';

/** What a session is opened with. */
export interface BpuOpenRequest {
  /** Path of libdnn.so; empty searches for it as the loader does. */
  readonly libraryPath: string;
  readonly modelPath: string;
  /** One of several models in the file; empty takes the only one. */
  readonly modelName: string;
  /** Frames that may be anywhere between `prepareSlot` and `releaseSlot`, 1 to 64. All memory is taken at once. */
  readonly slotCount: number;
  /** Tasks on the BPU at once, 1 to 32; one native thread waits for each. */
  readonly taskCount: number;
  readonly taskTimeoutMs: number;
  /** Handed to the vendor's library with every task, 0 to 255: of tasks that wait the highest goes first. */
  readonly priority: number;
}

/** A model's input: NV12, or planes R, G, B of signed bytes (colour less 128). */
export interface BpuInput {
  readonly name: string;
  readonly form: 'nv12' | 'rgb';
  readonly widthPx: number;
  readonly heightPx: number;
  /** Bytes from one row to the next of every plane. */
  readonly pitchBytes: number;
  readonly sizeBytes: number;
}

/** An output as the model file describes it; strides are checked against `sizeBytes`. */
export interface BpuOutput {
  readonly name: string;
  /** The vendor's name without prefix: F32, S32, S16, S8, ... */
  readonly type: string;
  readonly dims: readonly number[];
  readonly strideBytes: readonly number[];
  readonly sizeBytes: number;
  /** 0 none, 1 shift, 2 scale. */
  readonly quantiType: number;
  readonly quantizeAxis: number;
  readonly scales: readonly number[];
  readonly zeroPoints: readonly number[];
  readonly shifts: readonly number[];
}

/** An opened session; `id` is its number in this process, valid in all threads. */
export interface BpuModel {
  readonly id: number;
  readonly libraryPath: string;
  readonly libraryVersion: string;
  readonly modelName: string;
  readonly modelNames: readonly string[];
  readonly input: BpuInput;
  readonly outputs: readonly BpuOutput[];
}

/**
 * The right to use one slot for one frame. The generation tells a lease that was kept too long from the slot's
 * present one.
 */
export interface SlotLease {
  readonly slot: number;
  readonly generation: number;
}

/** Times of one task, taken by the native thread. */
export interface TaskTimes {
  /** From the input being ready to its submission. */
  readonly queueMs: number;
  /** From the submission until the outputs could be read. */
  readonly inferMs: number;
}

/** The memory of one slot. No copy: what the BPU writes appears here. */
export interface SlotViews {
  readonly input: ArrayBuffer;
  /** In the order of the model's outputs. */
  readonly outputs: readonly ArrayBuffer[];
}

/** What could not be given back at the close. */
export interface BpuCloseReport {
  /** False if a thread was still inside a vendor call when the time was over. */
  readonly isDrained: boolean;
  /** Bytes that such threads keep until they return; what is in quarantine is not among them. */
  readonly heldBytes: number;
  /** Slots of tasks of which nobody will know the end, which the BPU may still write to: never freed. */
  readonly quarantinedSlots: number;
  readonly quarantinedBytes: number;
  /** Allocations that hbSysFreeMem did not take back. */
  readonly failedFrees: number;
  /** The model was kept, because a task may still use it; with no slot in quarantine the last thread gives it back. */
  readonly isModelKept: boolean;
  /** Vendor call and status where the model was not released, else empty. */
  readonly releaseStatus: string;
}

/** overdue = its task timed out and has not ended yet; quarantined = nothing will tell when its task ends. */
export type SlotState =
  | 'free'
  | 'being written'
  | 'ready'
  | 'running'
  | 'being read'
  | 'overdue'
  | 'quarantined';

/** Counts since the session was opened. The first inference, which runs on grey, counts as a task. */
export interface BpuCounters {
  readonly allocations: number;
  readonly allocatedBytes: number;
  readonly frees: number;
  readonly failedFrees: number;
  readonly cleans: number;
  readonly invalidates: number;
  /**
   * Counted by `prepareSlot`: how often a frame was read for the model, read again for a preview, and an input written.
   */
  readonly sourceReads: number;
  readonly previewReads: number;
  readonly inputWrites: number;
  readonly tasksSubmitted: number;
  readonly tasksReleased: number;
  readonly tasksDone: number;
  readonly tasksRefused: number;
  readonly tasksFailed: number;
  readonly tasksTimedOut: number;
}

/** A session as the addon counts it, for tests and diagnostics. */
export interface BpuState {
  readonly counters: BpuCounters;
  /** Addresses as hbDNNInfer is given them. */
  readonly slots: readonly {
    readonly state: SlotState;
    readonly inputAddress: bigint;
    readonly outputAddresses: readonly bigint[];
  }[];
  readonly slotsInUse: number;
  readonly slotsOverdue: number;
  readonly slotsQuarantined: number;
}

/** What releasing a task that is on the BPU did, told by what its outputs held before and after. */
export interface ReleaseTrial {
  /** False where memory did not hold what was written and flushed, or not what a task wrote: the rest tells nothing then. */
  readonly isCoherent: boolean;
  /** False where the task ended within 1 ms, so that nothing running was released. */
  readonly wasRunning: boolean;
  /** From the submission to the call of the release, and from there to its return. */
  readonly ranMs: number;
  readonly releaseMs: number;
  readonly outputs: number;
  /** Outputs that, at the return, were as a task leaves them that is waited for; and as they were filled before. */
  readonly whole: number;
  readonly untouched: number;
  /** Outputs that were written to after the return. */
  readonly changed: number;
}

type SessionRequest = { readonly session: number };
type LeaseRequest = SessionRequest & SlotLease;

interface BpuAddon {
  bpuProbe(request: { readonly libraryPath: string }): { readonly path: string; readonly version: string };
  bpuOpen(request: BpuOpenRequest): BpuModel;
  bpuPrepare(request: LetterboxRequest & SessionRequest): Promise<PrepareReport & SlotLease>;
  bpuRun(request: LeaseRequest): Promise<TaskTimes>;
  bpuRelease(request: LeaseRequest): void;
  bpuIsLeased(request: LeaseRequest): boolean;
  bpuOpenViews(request: SessionRequest): readonly SlotViews[];
  bpuCloseViews(request: SessionRequest): void;
  bpuClose(request: SessionRequest & { readonly timeoutMs: number }): Promise<BpuCloseReport>;
  bpuCloseNow(request: SessionRequest & { readonly timeoutMs: number }): BpuCloseReport;
  bpuState(request: SessionRequest): BpuState;
  bpuTryRelease(request: SessionRequest & { readonly timeoutMs: number }): ReleaseTrial;
  addressOf(buffer: ArrayBuffer): bigint;
}

const functionNames = [
  'bpuProbe',
  'bpuOpen',
  'bpuPrepare',
  'bpuRun',
  'bpuRelease',
  'bpuIsLeased',
  'bpuOpenViews',
  'bpuCloseViews',
  'bpuClose',
  'bpuCloseNow',
  'bpuState',
  'bpuTryRelease',
  'addressOf',
];
let loaded: BpuAddon | null = null;

function addon(): BpuAddon {
  loaded ??= loadAddon('core', functionNames) as unknown as BpuAddon;
  return loaded;
}

// `process.exit()` runs no addon clean-up, and the vendor's static destructors must not meet a running task: where one
// runs on, the addon ends the process without them.
const openHere = new Set<number>();
process.on('exit', () => {
  for (const session of openHere) {
    try {
      addon().bpuCloseNow({ session, timeoutMs: stopLimitsMs.bpuNow });
    } catch {
      // It has just been closed.
    }
  }
});

/**
 * Loads the vendor's library and looks for its functions.
 *
 * Throws ConfigError `dnn_library` with the loader's own words and the remedy, the missing functions, or the sign
 * of another generation's library. The library stays loaded.
 */
export function probeLibrary(libraryPath: string): { readonly path: string; readonly version: string } {
  return guarded(() => addon().bpuProbe({ libraryPath }));
}

/**
 * Loads a model, allocates the memory of all slots and runs the model once on grey. Blocks the calling thread.
 *
 * Throws ConfigError `dnn_library` or `bpu_model_name`, ModelContractError `bpu_model` for a file or tensors that
 * cannot be used (the
 * vendor's call and status in the text and in `details`), BackendError `bpu_memory` (memory or threads are refused),
 * `bpu_busy` or `bpu_timeout` if the BPU refused the first inference or did not end it, or `bpu_dead` if a call after its
 * submission failed. Nothing is left behind
 * then, but for model and memory of a task that has not ended, until it has.
 */
export function openBpu(request: BpuOpenRequest): BpuModel {
  try {
    const model = guarded(() => addon().bpuOpen(request));
    openHere.add(model.id);
    return model;
  } catch (error) {
    // A FrameError would mean a dropped frame, and there is no frame yet.
    if (!(error instanceof FrameError)) throw error;
    throw new BackendError(error.code, error.message, error.details);
  }
}

/**
 * Letterboxes a frame straight into the input of a free slot on a pool thread and makes it visible to the BPU;
 * with a preview if wanted.
 *
 * Rejects with FrameError `overwritten`, SegError `too_many_in_flight`, BackendError `bpu_dead` (call, status and
 * slot in `details`), ClosedError, SegError `argument`; the slot is free again then. Outputs of the preview belong to
 * the job until the promise settles.
 */
export function prepareSlot(session: number, request: LetterboxRequest): Promise<PrepareReport & SlotLease> {
  return guardedAsync(() => addon().bpuPrepare({ ...withFilter(request), session }));
}

/**
 * Runs the model on a prepared slot. Resolves when the outputs can be read.
 *
 * Rejects with FrameError `bpu_busy` (refused: too many tasks), `bpu_task` (failed) or `bpu_timeout` (told while the
 * task still runs: its slot is overdue until it has ended), BackendError `bpu_dead` where no later task can do better,
 * ClosedError. `slotsOut` in the details of all but the last counts the slots that are overdue or quarantined, 0 where
 * this one is not. The lease ends with a rejection.
 */
export function runSlot(session: number, { slot, generation }: SlotLease): Promise<TaskTimes> {
  return guardedAsync(() => addon().bpuRun({ session, slot, generation }));
}

/** Frees a slot that was prepared or run. Throws ClosedError `stale_lease`; does nothing after the close. */
export function releaseSlot(session: number, { slot, generation }: SlotLease): void {
  guarded(() => addon().bpuRelease({ session, slot, generation }));
}

/** Whether the outputs of the slot are this lease's to read. Any thread. */
export function isLeased(session: number, { slot, generation }: SlotLease): boolean {
  return guarded(() => addon().bpuIsLeased({ session, slot, generation }));
}

/**
 * The memory of all slots as this thread sees it, made once per thread; the same objects on every call.
 *
 * The buffers cannot be transferred. `closeViews` and the close of the session empty them (length 0). Until the
 * last thread has closed its views, the memory is not freed. Throws ClosedError `session_closed`.
 */
export function openViews(session: number): readonly SlotViews[] {
  return guarded(() => addon().bpuOpenViews({ session }));
}

/** Empties the buffers of this thread; for threads that did not open the session. */
export function closeViews(session: number): void {
  guarded(() => addon().bpuCloseViews({ session }));
}

/**
 * Ends a session opened in this thread: takes no new frames, waits at most `timeoutMs` for tasks on the BPU, and frees
 * the memory.
 * `runSlot` of a task that is not done by then rejects with ClosedError. Throws ClosedError if it is not open here.
 */
export async function closeBpu(session: number, timeoutMs: number): Promise<BpuCloseReport> {
  try {
    return await guardedAsync(() => addon().bpuClose({ session, timeoutMs }));
  } finally {
    // Not before: an exit meanwhile must wait as well.
    openHere.delete(session);
  }
}

/** The same, blocking the calling thread. */
export function closeBpuNow(session: number, timeoutMs: number): BpuCloseReport {
  openHere.delete(session);
  return guarded(() => addon().bpuCloseNow({ session, timeoutMs }));
}

/** Counters, states and addresses. Throws ClosedError `session_closed`. */
export function bpuState(session: number): BpuState {
  return guarded(() => addon().bpuState({ session }));
}

/**
 * Fills the outputs of a slot, submits it, waits 1 ms, releases the task and reads the outputs; runs another slot to its
 * end, for at most `timeoutMs`, and reads them again. Blocks the calling thread, for ever where the release does not return.
 *
 * Throws FrameError `bpu_task` where a call fails, whose memory is kept then, and what the other slot's task ends with;
 * ClosedError if the session is not open here.
 */
export function tryRelease(session: number, timeoutMs: number): ReleaseTrial {
  return guarded(() => addon().bpuTryRelease({ session, timeoutMs }));
}

/**
 * Address of the memory behind a buffer, which proves that there is no copy.
 *
 * @internal Exported for tests.
 */
export function addressOf(buffer: ArrayBuffer): bigint {
  return guarded(() => addon().addressOf(buffer));
}
