import { join } from 'node:path';
import type { ParameterValues } from '../config/schema.js';
import { ConfigError, type FrameError } from '../core/errors.js';
import type { FrameLease } from '../core/frame.js';
import type { BackendSession } from '../core/ports.js';
import type { FrameResult, PostprocessOptions, PreviewImage } from '../core/result.js';
import type { CocoFile } from '../evaluate/cocoFile.js';
import { toTrackingOptions } from '../config/options.js';
import { writeFileAtomically } from '../files/atomicFile.js';
import { makeOutputFolder } from '../files/folders.js';
import { runEveryFrame } from '../pipeline/everyFrame.js';
import { type CocoResult, CocoResults } from './cocoResults.js';
import { CocoVideo } from './cocoVideo.js';
import { FollowedSources } from './followed.js';
import type { InputSource, OfflineInput } from './offlineInput.js';
import { jsonFault, jsonFile } from './jsonFile.js';
import { labelMeFile } from './labelMeFile.js';
import { LineFiles } from './lineFiles.js';
import { Overlays } from './overlays.js';
import { McapResults } from './mcapResults.js';
import { motLines } from './motLines.js';
import { openingFor } from './openRecorded.js';
import { PictureMemory } from './pictureMemory.js';
import { type OpenedInput, ReadAhead } from './readAhead.js';
import { type SegmentedPicture, segmentedPicture } from './segmented.js';
import { yoloLabels } from './yoloLabels.js';

/** Forms in which results can be written, each into a folder of this name. */
export const resultForms = [
  'json',
  'coco',
  'overlay',
  'labelme',
  'yolo',
  'mcap',
  'jsonl',
  'mot',
  'coco-video',
] as const;

/** One of them. */
export type ResultForm = (typeof resultForms)[number];

/** Those that hold tracks alone, each file those of one camera. */
const trackForms: readonly ResultForm[] = ['mot', 'coco-video'];

/** The first form that holds tracks; null without one. Throws ConfigError `arguments` where nothing is followed. */
export function trackFormOf(forms: readonly ResultForm[], track: boolean): ResultForm | null {
  const form = forms.find((one) => trackForms.includes(one)) ?? null;
  if (form === null || track) return form;
  throw new ConfigError('arguments', `--forms ${form} holds tracks: it goes with --track`, {});
}

/** Inputs to be segmented, and what is to be made of them. */
export interface SegmentRequest {
  readonly session: BackendSession;
  readonly sources: readonly InputSource[];
  /** What the node's messages are made by, and objects followed, and the frame_id of pictures that have none. */
  readonly values: ParameterValues;
  /** With contours. */
  readonly postprocess: PostprocessOptions;
  readonly forms: ReadonlySet<ResultForm>;
  readonly folder: string;
  /** Names pictures and categories for `coco`. */
  readonly annotations: { readonly file: CocoFile; readonly path: string } | null;
  /** After an abort no input is started any more; what is written is whole. */
  readonly signal: AbortSignal;
  readonly onDone: (done: number) => void;
  /** An input that cannot be read; the others go on. */
  readonly onFault: (input: OfflineInput, fault: ConfigError | FrameError) => void;
}

/** What a run came to. */
export interface SegmentSummary {
  readonly pictures: number;
  readonly faults: number;
  readonly instances: number;
  readonly runMs: number;
  /** Of the time that inferences could have taken, how much they took. */
  readonly inferShare: number;
}

/** How many inputs are opened beyond those that frames in flight were made of. */
const readAheadCount = 2;

/** Writes the results of one run. */
class ResultFolder {
  readonly #request: SegmentRequest;
  readonly #coco: CocoResults | null;
  readonly #overlays: Overlays | null;
  readonly #mcap: McapResults | null;
  readonly #lines: LineFiles | null;
  readonly #mot: LineFiles | null;
  readonly #cocoVideo: CocoVideo | null;
  readonly #cocoResults: CocoResult[][] = [];
  readonly #made = new Set<ResultForm>();
  #counted: { readonly source: InputSource | null; frames: number } = { source: null, frames: 0 };

  constructor(request: SegmentRequest) {
    const { session, sources, forms, annotations, folder, values } = request;
    const { classNames } = session.model;
    this.#request = request;
    this.#coco = annotations === null ? null : new CocoResults(annotations, classNames, sources);
    this.#mcap = forms.has('mcap')
      ? new McapResults(join(folder, 'mcap'), session.model, values, sources)
      : null;
    this.#overlays = forms.has('overlay') ? new Overlays(classNames) : null;
    this.#lines = forms.has('jsonl') ? new LineFiles(join(folder, 'jsonl'), 'jsonl') : null;
    this.#mot = forms.has('mot') ? new LineFiles(join(folder, 'mot'), 'txt') : null;
    this.#cocoVideo = forms.has('coco-video') ? new CocoVideo(join(folder, 'coco-video'), classNames) : null;
  }

  /** The frame of an input. Rejects as that does, and with ConfigError `ground_truth` for a picture of another size than its annotations say. */
  async lease({ input, frame }: OpenedInput): Promise<FrameLease> {
    const { lease } = await frame;
    try {
      this.#coco?.checkSize(input, lease.header);
      return lease;
    } catch (error) {
      lease.close();
      throw error;
    }
  }

  async write(
    { index, source, input, frame }: OpenedInput,
    result: FrameResult,
    preview: PreviewImage | null,
  ): Promise<void> {
    const { session } = this.#request;
    const picture = segmentedPicture(input, result, session.model.classNames);
    await this.#writeTexts(picture);
    await this.#lines?.add(source, jsonFile(picture, session.model));
    const number = this.#frameOf(source);
    await this.#mot?.add(source, motLines(picture, number));
    await this.#cocoVideo?.add(source, picture, number);
    if (this.#coco !== null) this.#cocoResults[index] = this.#coco.of(picture);
    let overlayJpeg: Uint8Array | null = null;
    if (this.#overlays !== null && preview !== null) {
      overlayJpeg = await this.#overlays.draw(result, preview, (rgba) => session.recyclePreview(rgba));
      await this.#write('overlay', `${input.name}.jpg`, overlayJpeg);
    }
    await this.#mcap?.add(source, input, { frame: await frame, result, overlayJpeg });
  }

  /** An input that cannot be segmented; a message has its place in the recording all the same. */
  async writeFault({ source, input }: OpenedInput, fault: ConfigError | FrameError): Promise<void> {
    await this.#mcap?.add(source, input, null);
    await this.#lines?.add(source, jsonFault(input, fault));
    this.#frameOf(source);
  }

  /** Counts the frames of a source from 1 on, in their order. */
  #frameOf(source: InputSource): number {
    if (source !== this.#counted.source) this.#counted = { source, frames: 0 };
    return ++this.#counted.frames;
  }

  async #writeTexts(picture: SegmentedPicture): Promise<void> {
    const { session, forms, folder } = this.#request;
    const { name } = picture.input;
    if (forms.has('json')) await this.#write('json', `${name}.json`, jsonFile(picture, session.model));
    if (forms.has('labelme'))
      await this.#write('labelme', `${name}.json`, labelMeFile(picture, join(folder, 'labelme')));
    if (forms.has('yolo')) await this.#write('yolo', `${name}.txt`, yoloLabels(picture));
  }

  /** What needs all results: those of COCO, in the order of the inputs. */
  async finish(): Promise<void> {
    await this.#mcap?.finish();
    await this.#lines?.finish();
    await this.#mot?.finish();
    await this.#cocoVideo?.finish();
    if (this.#coco === null) return;
    await this.#write('coco', 'results.json', `${JSON.stringify(this.#cocoResults.flat())}\n`);
  }

  async close(): Promise<void> {
    await this.#overlays?.close();
    await this.#mcap?.close();
    await this.#lines?.close();
    await this.#mot?.close();
    await this.#cocoVideo?.close();
  }

  /** Makes the folder of a form for its first file, so that a run without results leaves nothing. */
  async #write(form: ResultForm, name: string, content: string | Uint8Array): Promise<void> {
    const folder = join(this.#request.folder, form);
    if (!this.#made.has(form)) makeOutputFolder(folder);
    this.#made.add(form);
    await writeFileAtomically(join(folder, name), content);
  }
}

/**
 * Segments pictures and writes what was found, each file in one step.
 *
 * Rejects as the session does, and with ConfigError `output` where results cannot be written; nothing is half then.
 */
export async function segmentInputs(request: SegmentRequest): Promise<SegmentSummary> {
  const { session, sources, values, postprocess, forms, signal, onDone, onFault } = request;
  const results = new ResultFolder(request);
  const memory = new PictureMemory(forms.has('overlay'));
  const reader = new ReadAhead({
    sources,
    aheadCount: readAheadCount,
    frameId: values.frame_id,
    memory,
    open: openingFor(session.model, values['input.yuv_range']),
    signal,
  });
  const tracking = toTrackingOptions(values);
  const followed = tracking === null ? null : new FollowedSources(tracking, session.model.classNames);
  let [pictures, faults, instances, inferMs] = [0, 0, 0, 0];
  const startMs = performance.now();
  try {
    await runEveryFrame({
      session,
      next: () => reader.next(),
      openFrame: (opened) => results.lease(opened),
      postprocess,
      previewRequest: ({ widthPx, heightPx }) => (forms.has('overlay') ? { widthPx, heightPx } : null),
      signal,
      onResult: async (opened, found, preview) => {
        const { source, input } = opened;
        const result = followed?.follow(source, input, found, preview !== null) ?? found;
        await results.write(opened, result, preview);
        pictures++;
        instances += result.instances.count;
        inferMs += result.stageTimesMs.infer;
        onDone(pictures + faults);
      },
      onFault: async (opened, fault) => {
        await results.writeFault(opened, fault);
        faults++;
        onFault(opened.input, fault);
        onDone(pictures + faults);
      },
      onLeft: (opened) => opened.leave(),
      onFailure: () => reader.end(),
    });
    signal.throwIfAborted();
    await results.finish();
  } finally {
    await reader.close();
    await results.close();
  }
  const runMs = performance.now() - startMs;
  const inferShare = inferMs / (runMs * session.inferencesInFlight);
  return { pictures, faults, instances, runMs, inferShare };
}
