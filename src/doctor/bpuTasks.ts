/** Tasks on the BPU that show what it does with memory and time. */
import type { SizedPicture } from '../camera/frames.js';
import { toTensorSpec } from '../backends/bpu/tensorSpec.js';
import { solveLetterbox } from '../core/geometry.js';
import type { TensorSpec } from '../core/tensor.js';
import {
  type BpuModel,
  openViews,
  prepareSlot,
  releaseSlot,
  runSlot,
  type SlotLease,
} from '../native/bpu.js';
import { closeFrame, packedLayout, wrapNv12 } from '../native/core.js';
import { type Check, fault, ok } from './check.js';
import { fingerprint } from './padding.js';
import { greyPicture } from './pictures.js';

/** One inference. */
export interface PictureRun {
  readonly inferMs: number;
  /** Tells its result from others. */
  readonly fingerprint: string;
}

/** Two pictures that a model tells apart. */
export type PicturePair = readonly [SizedPicture, SizedPicture];

/** Runs pictures on a model, one at a time or in lanes. */
export class PictureTasks {
  readonly #model: BpuModel;
  readonly #specs: readonly TensorSpec[];

  constructor(model: BpuModel) {
    this.#model = model;
    this.#specs = model.outputs.map(toTensorSpec);
  }

  /** Writes the picture into a free slot. */
  async prepare({ widthPx, heightPx, nv12 }: SizedPicture): Promise<SlotLease> {
    const { input } = this.#model;
    const frame = wrapNv12(nv12, packedLayout(widthPx, heightPx));
    try {
      return await prepareSlot(this.#model.id, {
        frame,
        geometry: solveLetterbox(widthPx, heightPx, input.widthPx, input.heightPx),
        filter: 'auto',
        yuvRange: 'full',
        preview: null,
      });
    } finally {
      closeFrame(frame);
    }
  }

  /** Rejects as `prepareSlot` and `runSlot` do. */
  async run(picture: SizedPicture): Promise<PictureRun> {
    const lease = await this.prepare(picture);
    const { inferMs } = await runSlot(this.#model.id, lease);
    const result = fingerprint(openViews(this.#model.id)[lease.slot]!.outputs, this.#specs);
    releaseSlot(this.#model.id, lease);
    return { inferMs, fingerprint: result };
  }

  /** One picture, another one, and the first again. */
  async runAround([first, other]: PicturePair): Promise<PictureRun[]> {
    return [await this.run(first), await this.run(other), await this.run(first)];
  }

  /** Without a look at the result. */
  async runOnly(picture: SizedPicture): Promise<void> {
    const lease = await this.prepare(picture);
    await runSlot(this.#model.id, lease);
    releaseSlot(this.#model.id, lease);
  }
}

/**
 * Whether what the CPU writes reaches the BPU and the other way round.
 *
 * @param attempts Fingerprints for a picture, another one, and the first again, all in the same memory; the pictures of
 *   one attempt may be alike to the model, those of all are not.
 */
export function checkFlush(attempts: readonly (readonly string[])[]): Check {
  const id = 'bpu.flush';
  const details = { attempts };
  const report = 'send us this report as --json writes it';
  const telling = attempts.find(([first, other]) => first !== other);
  if (telling === undefined) {
    const found =
      'different pictures gave the same result in every element: either flushing the caches (CLEAN, INVALIDATE) has no effect, or this model answers every picture alike';
    return fault(
      id,
      found,
      `try another model; if it is the same there, the flush is it: ${report}`,
      details,
    );
  }
  const [first, , again] = telling;
  if (first !== again) {
    const found =
      'one picture gave two results, before another one and after it: either flushing the caches is incomplete, or the BPU does not repeat its results';
    return fault(id, found, `end other users of the BPU and try again; if it stays, ${report}`, details);
  }
  return ok(
    id,
    'the result follows the picture: another one changes it, the first one again restores it',
    details,
  );
}

const rateTasks = 2;
const rateLanes = rateTasks + 1;
/** Enough to tell the rate; a slow model has done fewer in the time. */
const rateLimits = { runs: 60, ms: 2000 } as const;

/** Inferences a second with two tasks in flight and a third picture being written. */
export async function checkRate(model: BpuModel): Promise<Check> {
  const tasks = new PictureTasks(model);
  const picture = greyPicture(model.input, 60);
  let started = 0;
  const startMs = performance.now();
  const lane = async (): Promise<void> => {
    while (started < rateLimits.runs && performance.now() - startMs < rateLimits.ms) {
      started++;
      await tasks.runOnly(picture);
    }
  };
  await Promise.all(Array.from({ length: rateLanes }, lane));
  const rate = (started * 1000) / (performance.now() - startMs);
  const found = `${rate.toFixed(1)} inferences/s with ${rateTasks} tasks in flight`;
  return ok('model.rate', found, { rate, tasksInFlight: rateTasks, inferences: started });
}
