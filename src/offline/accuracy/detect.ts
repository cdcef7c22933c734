import { readPictureFile } from '../../camera/pictureFile.js';
import { ConfigError, type FrameError } from '../../core/errors.js';
import type { BackendSession, YuvRange } from '../../core/ports.js';
import type { PostprocessOptions } from '../../core/result.js';
import { hashOf } from '../../files/contentKey.js';
import { runEveryFrame } from '../../pipeline/everyFrame.js';
import { openingFor } from '../openRecorded.js';
import { PictureMemory } from '../pictureMemory.js';
import { type OpenedInput, ReadAhead } from '../readAhead.js';
import { pictureFileSource } from '../stillSources.js';
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

/** How many pictures are opened beyond those that frames in flight were made of. */
const readAheadCount = 1;

function readerOf({ session, yuvRange, signal }: DetectRequest, todo: readonly Todo[]): ReadAhead {
  return new ReadAhead({
    sources: todo.map(({ picture }) => pictureFileSource(picture.path)),
    aheadCount: readAheadCount,
    frameId: '',
    memory: new PictureMemory(false),
    open: openingFor(session.model, yuvRange),
    signal,
  });
}

/** Runs those pictures through a model that are not done, or are others than they were. */
export async function detect(request: DetectRequest): Promise<DetectSummary> {
  const { session, pictures, postprocess, store, categoryIds, signal, onDone, onFault } = request;
  store.make();
  const todo: Todo[] = [];
  const failed: EvalPicture[] = [];
  let [kept, changed, done] = [0, 0, 0];
  for (const picture of pictures) {
    signal.throwIfAborted();
    let sha256: string;
    try {
      sha256 = hashOf(await readPictureFile(picture.path));
    } catch (error) {
      if (!(error instanceof ConfigError) || onFault === undefined) throw error;
      failed.push(picture);
      onFault(picture, error);
      continue;
    }
    const stored = await store.read(picture);
    if (stored?.sha256 === sha256) kept++;
    else todo.push({ picture, sha256 });
    if (stored !== null && stored.sha256 !== sha256) changed++;
  }
  const reader = readerOf(request, todo);
  const startMs = performance.now();
  try {
    await runEveryFrame({
      session,
      next: () => reader.next(),
      openFrame: async ({ frame }) => (await frame).lease,
      postprocess,
      previewRequest: () => null,
      signal,
      onResult: async ({ index }, result) => {
        const { picture, sha256 } = todo[index]!;
        await store.write(picture, storedResultOf(picture, sha256, result, categoryIds));
        done++;
        onDone(kept + done);
      },
      ...(onFault !== undefined && {
        onFault: ({ index }: OpenedInput, fault: FrameError | ConfigError) => {
          failed.push(todo[index]!.picture);
          onFault(todo[index]!.picture, fault);
        },
      }),
      onLeft: (opened) => opened.leave(),
      onFailure: () => reader.end(),
    });
  } finally {
    await reader.close();
  }
  signal.throwIfAborted();
  return { kept, changed, done, failed, runMs: performance.now() - startMs };
}
