import { readFile } from 'node:fs/promises';
import { readWholePicture } from '../../camera/pictureFolder.js';
import { pictureAsFrame } from '../../camera/pictureFrame.js';
import type { ConfigError, FrameError } from '../../core/errors.js';
import type { FrameLease } from '../../core/frame.js';
import type { BackendSession, YuvRange } from '../../core/ports.js';
import type { PostprocessOptions } from '../../core/result.js';
import { hashOf } from '../../files/contentKey.js';
import { runEveryFrame } from '../../pipeline/everyFrame.js';
import { openInput } from '../openInput.js';
import { readPictureFile } from '../stillSources.js';
import type { EvalPicture } from './evalPictures.js';
import { type ResultStore, storedResultOf } from './resultStore.js';

/** Pictures to run through a model, and where the results are kept. */
export interface DetectRequest {
  readonly session: BackendSession;
  readonly pictures: readonly EvalPicture[];
  readonly postprocess: PostprocessOptions;
  readonly yuvRange: YuvRange;
  readonly store: ResultStore;
  /** By class id. */
  readonly categoryIds: readonly number[];
  /** After an abort no picture is started any more; those that are done are kept. */
  readonly signal: AbortSignal;
  readonly onDone: (done: number) => void;
  /** A picture that cannot be read; without it such a picture ends the run. */
  readonly onFault?: (picture: EvalPicture, fault: ConfigError | FrameError) => void;
}

/** What a run did. */
export interface DetectSummary {
  /** From an earlier run. */
  readonly kept: number;
  /** Of them done again, because their files are others now. */
  readonly changed: number;
  readonly done: number;
  /** Could not be read. */
  readonly failed: readonly EvalPicture[];
  readonly runMs: number;
}

/** A picture that is not done yet. */
interface Todo {
  readonly picture: EvalPicture;
  readonly sha256: string;
}

/** Opens pictures as frames in ascending order, the next one while one is in work. */
class NextPicture {
  readonly #todo: readonly Todo[];
  readonly #recordedRange: YuvRange | null;
  readonly #opened = new Map<number, Promise<FrameLease>>();

  constructor(todo: readonly Todo[], recordedRange: YuvRange | null) {
    this.#todo = todo;
    this.#recordedRange = recordedRange;
  }

  open(index: number): Promise<FrameLease> {
    const opened = this.#opened.get(index) ?? this.#start(index);
    this.#opened.delete(index);
    if (index + 1 < this.#todo.length && !this.#opened.has(index + 1)) {
      const next = this.#start(index + 1);
      // Whoever asks for it is told.
      next.catch(() => {});
      this.#opened.set(index + 1, next);
    }
    return opened;
  }

  async close(): Promise<void> {
    for (const settled of await Promise.allSettled(this.#opened.values()))
      if (settled.status === 'fulfilled') settled.value.close();
  }

  /** As the node takes it from a camera of its kind; recordings know it as the frame of NV12 that they were made of. */
  async #start(index: number): Promise<FrameLease> {
    const { path } = this.#todo[index]!.picture;
    if (this.#recordedRange === null) {
      const names = { sequence: index, frameId: '' };
      const read = () => readPictureFile(path);
      return (await openInput({ kind: 'picture', path, name: path, read }, names)).lease;
    }
    return pictureAsFrame(await readWholePicture(path, this.#recordedRange), index);
  }
}

/** Runs those pictures through a model that are not done, or are others than they were. */
export async function detect(request: DetectRequest): Promise<DetectSummary> {
  const { session, pictures, postprocess, yuvRange, store, categoryIds, signal, onDone, onFault } = request;
  await store.make();
  const todo: Todo[] = [];
  let [kept, changed, done] = [0, 0, 0];
  for (const picture of pictures) {
    signal.throwIfAborted();
    const sha256 = hashOf(await readFile(picture.path));
    const stored = await store.read(picture);
    if (stored?.sha256 === sha256) kept++;
    else todo.push({ picture, sha256 });
    if (stored !== null && stored.sha256 !== sha256) changed++;
  }
  const failed: EvalPicture[] = [];
  const next = new NextPicture(todo, session.model.backend === 'replay' ? yuvRange : null);
  const startMs = performance.now();
  let started = 0;
  try {
    await runEveryFrame({
      session,
      next: () => (started < todo.length ? started++ : null),
      openFrame: (index) => next.open(index),
      postprocess,
      previewRequest: () => null,
      signal,
      onResult: async (index, result) => {
        const { picture, sha256 } = todo[index]!;
        await store.write(picture, storedResultOf(picture, sha256, result, categoryIds));
        done++;
        onDone(kept + done);
      },
      ...(onFault !== undefined && {
        onFault: (index: number, fault: FrameError | ConfigError) => {
          failed.push(todo[index]!.picture);
          onFault(todo[index]!.picture, fault);
        },
      }),
    });
  } finally {
    await next.close();
  }
  signal.throwIfAborted();
  return { kept, changed, done, failed, runMs: performance.now() - startMs };
}
