import { ClosedError } from '../../core/errors.js';
import type { LetterboxGeometry } from '../../core/geometry.js';
import type { PostprocessOptions } from '../../core/result.js';
import type { TensorSpec, TensorView } from '../../core/tensor.js';
import type { ResolvedHeads } from '../../model/heads.js';
import { isLeased, openViews, type SlotLease } from '../../native/bpu.js';
import { Postprocessor, type PostprocessResult } from '../../postprocess/postprocess.js';
import { warmUp } from '../../postprocess/warmUp.js';
import { tensorsOfSlots } from './slotTensors.js';

/** What a thread needs to post-process the slots of a session; crosses threads as it is. */
export interface SlotPostprocessorSetup {
  readonly session: number;
  readonly specs: readonly TensorSpec[];
  readonly heads: ResolvedHeads;
}

/** A frame whose outputs lie in a slot, for a post-processing worker. */
export interface SlotRun {
  readonly lease: SlotLease;
  readonly geometry: LetterboxGeometry;
  readonly options: PostprocessOptions;
}

/** Post-processes leased slots in the thread that made it, reading the outputs where the BPU wrote them. */
export class SlotPostprocessor {
  readonly #session: number;
  readonly #tensors: readonly (readonly TensorView[])[];
  readonly #postprocessor: Postprocessor;
  /** What a made-up frame of the model takes this thread, in milliseconds: see `warmUp`. */
  readonly frameMs: number;

  /** Throws ModelContractError `too_many_cells`, ClosedError if the session is closed. */
  constructor({ session, specs, heads }: SlotPostprocessorSetup) {
    this.#session = session;
    this.#tensors = tensorsOfSlots(openViews(session), specs);
    this.#postprocessor = new Postprocessor(heads);
    this.frameMs = warmUp(this.#postprocessor);
  }

  /**
   * Throws ClosedError `stale_lease` if the slot is not, or no longer, the lease's: what was read then may be
   * another frame's.
   */
  run(lease: SlotLease, geometry: LetterboxGeometry, options: PostprocessOptions): PostprocessResult {
    this.#assertLeased(lease);
    const result = this.#postprocessor.run(this.#tensors[lease.slot]!, geometry, options);
    this.#assertLeased(lease);
    return result;
  }

  #assertLeased(lease: SlotLease): void {
    if (isLeased(this.#session, lease)) return;
    throw new ClosedError(
      'stale_lease',
      `slot ${lease.slot} is not leased in generation ${lease.generation} any more`,
      { ...lease },
    );
  }
}
