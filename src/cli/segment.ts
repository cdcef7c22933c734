import { Command, InvalidArgumentError, Option } from 'commander';
import { describeNameless } from '../backends/manifestFile.js';
import { backendNames, openSession } from '../backends/registry.js';
import { pictureKinds } from '../camera/pictureNames.js';
import { describeLeftOut } from '../camera/source.js';
import { toPostprocessOptions, toSessionOptions } from '../config/options.js';
import type { ParameterName } from '../config/schema.js';
import { ParameterStore } from '../config/store.js';
import { ConfigError, describeError, FrameError } from '../core/errors.js';
import type { SizePx } from '../core/geometry.js';
import { counted, shown } from '../core/words.js';
import { parseCocoFile } from '../evaluate/cocoFile.js';
import { checkOutputFolder } from '../files/folders.js';
import { interruptible } from '../files/interruption.js';
import { readTextFile } from '../files/textFile.js';
import { listInputs } from '../offline/inputs.js';
import { secondsText } from '../offline/jsonFile.js';
import { refuseToFollow } from '../offline/followed.js';
import { hasOwnFile, type InputSource, type OfflineInput } from '../offline/offlineInput.js';
import { expandPatterns } from '../offline/patterns.js';
import { videoKinds } from '../offline/video/videoInput.js';
import {
  type ResultForm,
  resultForms,
  type SegmentSummary,
  segmentInputs,
  trackFormOf,
} from '../offline/segment.js';
import {
  classNamesOf,
  listOf,
  parameterOption,
  parametersOfFlags,
  positiveInteger,
  repeated,
} from './flags.js';
import { Progress } from './progress.js';
import { type BatchFlags, isBatch, runBatch } from './segmentBatch.js';

interface Flags extends BatchFlags {
  readonly annotations?: string;
  readonly ffmpeg: string;
  readonly width?: number;
  readonly height?: number;
}

/** Flags that are parameters of the node, by the name that commander gives them. */
const parameterFlags = {
  classNames: 'model.class_names',
  score: 'score_threshold',
  iou: 'iou_threshold',
  nms: 'nms',
  maxDetections: 'max_detections',
  classes: 'classes',
  contourTolerance: 'output.contour_tolerance_px',
  resizeMode: 'input.resize_mode',
  yuvRange: 'input.yuv_range',
  scaleFilter: 'input.scale_filter',
  dnnLibrary: 'backend.dnn_library',
  track: 'tracking.enabled',
} as const satisfies Record<string, ParameterName>;

/** Unless somebody chooses; a batch has its own. */
const usualForms: readonly ResultForm[] = ['json', 'overlay'];

function parseForms(text: string): ResultForm[] {
  return text.split(',').map((word) => {
    const form = resultForms.find((known) => known === word.trim());
    if (form === undefined) throw new InvalidArgumentError(`expected some of ${resultForms.join(', ')}.`);
    return form;
  });
}

function nv12Size({ width, height }: Flags): SizePx | null {
  if ((width === undefined) !== (height === undefined)) {
    throw new ConfigError('arguments', '--width and --height belong together', {});
  }
  return width === undefined || height === undefined ? null : { widthPx: width, heightPx: height };
}

async function readAnnotations({ annotations: path, forms = usualForms }: Flags) {
  if (forms.includes('coco') !== (path !== undefined)) {
    const what =
      'COCO results name pictures and classes by the numbers of an annotation file: --forms coco and --annotations FILE belong together';
    throw new ConfigError('arguments', what, {});
  }
  return path === undefined ? null : { file: parseCocoFile(await readTextFile(path), path), path };
}

/** Which of the frames of its file one is, as the JSON of the others tells it; empty of a file that holds one. */
function describePlace(input: OfflineInput): string {
  if (input.kind === 'message') return `, ${input.topic.name} at ${secondsText(input.logTimeNs)}`;
  if (input.kind === 'video') return `, frame ${input.number}`;
  return input.kind === 'nv12' ? `, frame ${input.frame}` : '';
}

/** What is wrong with a file names it already; what is wrong with a frame does not. */
function describeFault(input: OfflineInput, fault: ConfigError | FrameError): string {
  const text = describeError(fault);
  return fault instanceof FrameError ? `${input.path}${describePlace(input)}: ${text}` : text;
}

function describeRun({ pictures, instances, runMs, inferShare }: SegmentSummary, folder: string): string {
  const rate = ((pictures * 1000) / runMs).toFixed(1);
  const share = (inferShare * 100).toFixed(0);
  return `${folder}: ${counted(pictures, 'picture')} with ${counted(instances, 'instance')}, ${rate} pictures/s, ${share} % of the time in inference`;
}

/** What names files of pictures has nothing to name in a recording or a video. */
function refuseForms({ forms = usualForms, topic }: Flags, sources: readonly InputSource[]): void {
  if (topic !== undefined && !sources.some(({ kind }) => kind === 'recording')) {
    throw new ConfigError('arguments', '--topic chooses from recordings, and none is given', {});
  }
  const moving = sources.find(hasOwnFile);
  if (moving === undefined) return;
  const form = forms.find((one) => one === 'coco' || one === 'labelme');
  if (form === undefined) return;
  const what = `--forms ${form} names files of pictures, and ${moving.path} is a ${moving.kind}`;
  throw new ConfigError('arguments', what, { form });
}

/** Each file of tracks is of one camera. */
function refuseTracks({ forms = usualForms, track = false }: Flags, sources: readonly InputSource[]): void {
  if (track) refuseToFollow(sources);
  const form = trackFormOf(forms, track);
  if (form === null) return;
  const several = sources.find(({ isOneTopic }) => !isOneTopic);
  if (several === undefined) return;
  const { path, topics } = several;
  const why =
    topics.length === 0
      ? `the topics of ${path} are not known before it is read: name one with --topic`
      : `${path} has ${topics.length} topics of pictures: choose one with --topic: ${topics.join(', ')}`;
  throw new ConfigError('arguments', `--forms ${form} has a file for one camera, and ${why}`, { path });
}

function countFrames(sources: readonly InputSource[]): number | null {
  return sources.reduce<number | null>(
    (sum, { frameCount }) => (sum === null || frameCount === null ? null : sum + frameCount),
    0,
  );
}

async function run(inputs: readonly string[], flags: Flags): Promise<void> {
  const { paths, roots } = await expandPatterns(inputs);
  const { model, backend, forms = usualForms, out: folder } = flags;
  const parameters = parametersOfFlags(flags, parameterFlags);
  const store = new ParameterStore({ ...parameters, 'output.mask_contours': true });
  // As of the node: JSON and labels need the outlines, its masks have none unless asked.
  const publishedStore = new ParameterStore(parameters);
  if (isBatch(paths, flags)) {
    if (flags.annotations !== undefined) {
      const what =
        '--annotations is for one list of results, and in stores and shards each input has its own';
      throw new ConfigError('arguments', what, {});
    }
    await runBatch({ paths, roots }, flags, store, publishedStore, nv12Size(flags));
    return;
  }
  const [{ values }, { values: published }] = [store, publishedStore];
  const annotations = await readAnnotations(flags);
  const { sources, leftOut } = await listInputs(paths, {
    nv12Size: nv12Size(flags),
    topics: flags.topic ?? null,
    ffmpeg: flags.ffmpeg,
  });
  refuseForms(flags, sources);
  refuseTracks(flags, sources);
  for (const { folder: of, what } of leftOut) console.error(describeLeftOut(of, what));
  for (const remark of sources.flatMap(({ remarks }) => remarks)) console.error(shown(remark));
  checkOutputFolder(folder);
  const summary = await interruptible(async (signal) => {
    const session = await openSession(backend, toSessionOptions(values, model, 'rate'));
    const nameless = describeNameless(model, session.model.classNames);
    if (nameless !== null) console.error(nameless);
    const progress = new Progress('picture', countFrames(sources));
    try {
      return await segmentInputs({
        session,
        sources,
        values: published,
        postprocess: toPostprocessOptions(values, session.model.classNames),
        forms: new Set(forms),
        folder,
        annotations,
        signal,
        onDone: (done) => progress.show(done),
        onFault: (input, fault) => progress.tell(describeFault(input, fault)),
      });
    } finally {
      progress.end();
      await session.close();
    }
  });
  if (summary.pictures > 0) console.log(describeRun(summary, folder));
  if (summary.faults > 0) {
    throw new ConfigError('source', describeFaults(summary, sources), { faults: summary.faults });
  }
}

/** Faults of recordings are of their parts: without a picture nobody knows how many there were. */
function describeFaults({ pictures, faults }: SegmentSummary, sources: readonly InputSource[]): string {
  if (pictures === 0 && sources.some(({ kind }) => kind === 'recording')) {
    const [only] = sources.length === 1 ? sources : [];
    return `nothing of ${only?.path ?? counted(sources.length, 'input')} could be segmented`;
  }
  const others = pictures > 0 ? '; the others were' : '';
  return `${faults} of ${counted(pictures + faults, 'picture')} could not be segmented${others}`;
}

/** `rdk-yolo-seg segment`: files in, masks out, without ROS; see docs/segment.md. */
export function segmentCommand(): Command {
  return new Command('segment')
    .argument(
      '<input...>',
      `pictures (${pictureKinds}), files of NV12 frames (.nv12), videos (${videoKinds}), recordings (.mcap, .db3), and folders of them or of rosbag2; all but videos also at s3://; patterns in quotes`,
    )
    .requiredOption('--model <file>', 'model to run')
    .option('--backend <name>', `auto, ${backendNames.join(', ')}`, 'auto')
    .requiredOption('-o, --out <folder>', 'folder for the results, or s3://BUCKET/FOLDER')
    .addOption(
      new Option(
        '--forms <list>',
        `what is written: ${resultForms.join(', ')} (default: ${usualForms.join(',')}; of stores and shards jsonl)`,
      ).argParser(parseForms),
    )
    .option('--shard <i/n>', 'only the inputs of worker i, from 0, of n')
    .option(
      '--shards <n>',
      'how many workers there are, where Kubernetes or AWS Batch says which this is',
      positiveInteger,
    )
    .option('--annotations <file>', 'COCO annotations that name pictures and categories, for --forms coco')
    .option('--topic <name>', 'of recordings only this topic; may be repeated', repeated)
    .option('--track', 'follow objects through recordings and videos: ids of tracks in all forms')
    .option('--ffmpeg <program>', 'what decodes videos', 'ffmpeg')
    .option('--width <pixels>', 'width of the frames of .nv12 files', positiveInteger)
    .option('--height <pixels>', 'height of the frames of .nv12 files', positiveInteger)
    .option(
      '--class-names <list>',
      "names in order of class id, parted by commas, or coco; without it the model's own",
      classNamesOf,
    )
    .option('--classes <list>', 'only these, by name or number', listOf)
    .addOption(parameterOption('--score', 'score_threshold'))
    .addOption(parameterOption('--iou', 'iou_threshold'))
    .addOption(parameterOption('--nms', 'nms'))
    .addOption(parameterOption('--max-detections', 'max_detections'))
    .addOption(parameterOption('--contour-tolerance', 'output.contour_tolerance_px'))
    .addOption(parameterOption('--resize-mode', 'input.resize_mode'))
    .addOption(parameterOption('--yuv-range', 'input.yuv_range'))
    .addOption(parameterOption('--scale-filter', 'input.scale_filter'))
    .addOption(parameterOption('--dnn-library', 'backend.dnn_library'))
    .action(run);
}
