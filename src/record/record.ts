import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { settledWithin } from '../core/deadline.js';
import { ConfigError, describeError, InterruptedError, SegError } from '../core/errors.js';
import { letterboxGain } from '../core/geometry.js';
import { megabytes } from '../core/words.js';
import { makeOutputFolder } from '../files/folders.js';
import { readTextFile } from '../files/textFile.js';
import { checkWritable, takeName, unfinishedPath, writeFileAtomically } from '../files/atomicFile.js';
import type { PublishedType } from '../messages/definitions.js';
import { type CameraLog, parseCameraLog } from './cameraLog.js';
import { evaluate, visibilityRule } from '../evaluate/evaluate.js';
import { type FollowedFrame, identityFigures } from '../evaluate/identity.js';
import { type GroundTruth, parseGroundTruth } from '../evaluate/groundTruth.js';
import { McapFile } from '../outputs/mcapFile.js';
import { OverlayPictures } from './overlayPictures.js';
import { ObservedOutputs } from './observedOutputs.js';
import { trackIdOfText } from '../messages/instanceId.js';
import {
  cameraRows,
  evaluationRows,
  formatTable,
  identityRows,
  nodeRows,
  observedRows,
  type TableRow,
} from './table.js';
import { type Criterion, judge, judgeExactness, judgeIdentity } from './verdict.js';
import { serveCommonParameters } from '../ros2/parameters/parameters.js';
import { stopSignal } from '../ros2/stopSignal.js';

/** What `rdk-yolo-seg record` can be told. */
export interface RecordOptions {
  /** Full name of the node whose outputs are recorded. */
  readonly node: string;
  /** The one of its cameras whose outputs are recorded; null where it has one, without a name. */
  readonly camera: string | null;
  readonly outFolder: string;
  /** COCO file with exact masks, or null: nothing is compared. */
  readonly groundTruthPath: string | null;
  /** Log of the camera that says which picture had which stamp; needed with `groundTruthPath`. */
  readonly cameraLogPath: string | null;
  /** Whether outputs must be the ground truth to the last pixel, as those of recorded tensors are. */
  readonly exact: boolean;
  /** False: only the diagnostics are listened to. */
  readonly outputs: boolean;
  /** Whether `demo.mcap` is written. */
  readonly mcap: boolean;
  /** Stop after this time; null: on a signal. */
  readonly seconds: number | null;
}

const qos = { depth: 50, reliability: 'reliable', durability: 'volatile', history: 'keep_last' } as const;
const pictureEvery = 20;
const pictureLimit = 6;
/** Where no diagnostics say it: the input of the bundled model. */
const usualModelInput = '640x640';

/** Resolves when it is stopped, or after `seconds`. */
async function untilStopped(seconds: number | null, stopped: Promise<unknown>): Promise<void> {
  if (seconds === null) {
    // rclnodejs does not keep the process alive by itself.
    const alive = setInterval(() => {}, 60_000);
    await stopped;
    clearInterval(alive);
  } else {
    await settledWithin(stopped, seconds * 1000);
  }
}

/** Throws InterruptedError where somebody has stopped it already. */
async function refuseIfStopped(stopped: Promise<NodeJS.Signals>): Promise<void> {
  const signal = await Promise.race([stopped, nextTurn(null)]);
  if (signal !== null) throw new InterruptedError(signal);
}

function gainOf(modelInput: string, widthPx: number, heightPx: number): number {
  const [modelWidthPx, modelHeightPx] = modelInput.split('x').map(Number);
  return letterboxGain(widthPx, heightPx, modelWidthPx!, modelHeightPx!);
}

/** Pairs outputs with pictures by stamp. Throws ConfigError where the frames have another size than the truth. */
function judgedFrames(observed: ObservedOutputs, camera: CameraLog, truth: GroundTruth): FollowedFrame[] {
  const frames: FollowedFrame[] = [];
  for (const { stampNs, widthPx, heightPx, found, ids } of observed.masks) {
    const name = camera.pictures.get(stampNs);
    if (name === undefined) continue;
    const picture = truth.pictures.get(name);
    if (picture === undefined || picture.widthPx !== widthPx || picture.heightPx !== heightPx) {
      const expected = picture === undefined ? 'a listed picture' : `${picture.widthPx}x${picture.heightPx}`;
      throw new ConfigError(
        'ground_truth',
        `${name} came as ${widthPx}x${heightPx}; the ground truth expects ${expected}`,
        {
          name,
        },
      );
    }
    frames.push({ picture, found, objectIds: picture.trackIds ?? [], trackIds: ids.map(trackIdOfText) });
  }
  return frames;
}

/** What is written, and what ends it. */
interface Recording {
  readonly file: McapFile | null;
  /** Resolves when the file cannot be written any more. */
  readonly failed: Promise<void>;
  readonly stopped: Promise<NodeJS.Signals>;
}

/** Subscribes like any ROS client and feeds recording and file until stopped. */
async function listen(
  options: RecordOptions,
  args: readonly string[],
  observed: ObservedOutputs,
  { file, failed, stopped }: Recording,
  pictures: OverlayPictures,
): Promise<void> {
  const place = options.camera === null ? options.node : `${options.node}/${options.camera}`;
  type Topic = [topic: string, type: PublishedType, take: (cdr: Buffer, nowNs: bigint) => void];
  const outputs: Topic[] = [
    [
      `${place}/detections`,
      'vision_msgs/msg/Detection2DArray',
      (cdr, nowNs) => observed.addDetections(cdr, nowNs),
    ],
    [`${place}/masks`, 'rdk_yolo_seg_msgs/msg/InstanceMaskArray', (cdr) => observed.addMasks(cdr)],
    [
      `${place}/overlay/compressed`,
      'sensor_msgs/msg/CompressedImage',
      (cdr) => {
        const { jpeg, hasObjects } = observed.addOverlay(cdr);
        pictures.offer(jpeg, hasObjects);
      },
    ],
  ];
  const topics: Topic[] = [
    ...(options.outputs ? outputs : []),
    ['/diagnostics', 'diagnostic_msgs/msg/DiagnosticArray', (cdr) => observed.addDiagnostics(cdr)],
  ];
  // Imported late: help must work where rclnodejs is not built.
  const { createNode, initRcl, shutdownRcl } = await import('../ros2/rcl/rcl.js');
  await initRcl(args);
  const ros = createNode('yolo_seg_recorder');
  try {
    serveCommonParameters(
      ros,
      topics.map(([name]) => ({ name, kind: 'subscription' })),
    );
    for (const [topic, type, take] of topics) {
      const recorded = file?.addTopic(topic, type);
      ros.createRawSubscription(type, topic, qos, (cdr) => {
        const nowNs = BigInt(Date.now()) * 1_000_000n;
        recorded?.add(cdr, nowNs);
        try {
          take(cdr, nowNs);
        } catch (error) {
          ros.log('error', `a message on ${topic} cannot be read: ${describeError(error)}`);
        }
      });
    }
    await refuseIfStopped(stopped);
    ros.spin();
    ros.log('info', `recording ${topics.map(([topic]) => topic).join(', ')}`);
    await untilStopped(options.seconds, Promise.race([stopped, failed]));
  } finally {
    ros.destroy();
    shutdownRcl();
  }
}

/**
 * Records the node's outputs into `demo.mcap` and pictures until stopped, then prints what was seen and writes it to
 * `report.json`; with ground truth also how well it was segmented.
 *
 * Throws ConfigError for files that cannot be used, at once where a disk fills, for a node that is not there and one whose cameras are
 * others, SegError `overlay` behind the report where an overlay could not be saved, TransportError from the middleware, InterruptedError
 * where it is stopped before it listens.
 */
export async function recordOutputs(options: RecordOptions, args: readonly string[]): Promise<void> {
  const { outFolder, groundTruthPath, cameraLogPath } = options;
  if ((groundTruthPath === null) !== (cameraLogPath === null)) {
    throw new ConfigError('arguments', '--ground-truth and --camera-log belong together', {});
  }
  if (options.exact && groundTruthPath === null) {
    throw new ConfigError('arguments', '--exact needs --ground-truth', {});
  }
  const truth =
    groundTruthPath === null ? null : parseGroundTruth(await readTextFile(groundTruthPath), groundTruthPath);
  makeOutputFolder(outFolder);
  // Before there is anything unfinished, which a signal would leave.
  const stopped = stopSignal();
  let tellFailure = () => {};
  const failed = new Promise<void>((resolve) => {
    tellFailure = resolve;
  });
  const mcapPath = join(outFolder, 'demo.mcap');
  const reportPath = join(outFolder, 'report.json');
  const unfinished = unfinishedPath(mcapPath);
  if (options.mcap) await checkWritable(mcapPath);
  const file = options.mcap ? await McapFile.create(unfinished, tellFailure, mcapPath) : null;
  const pictures = new OverlayPictures(outFolder, pictureEvery, pictureLimit);
  const observed = new ObservedOutputs(options.node, truth?.classNames ?? [], options.camera);
  try {
    try {
      await listen(options, args, observed, { file, failed, stopped }, pictures);
    } finally {
      await file?.close();
    }
    observed.refuseOtherNode(options.outputs);
    // It would be taken for this recording's, where that cannot be compared.
    await rm(reportPath, { force: true });
    if (file !== null) await takeName(mcapPath);
  } catch (error) {
    // What an earlier recording has left stays as it was.
    await rm(unfinished, { force: true });
    throw error;
  }
  const { files, faults } = await pictures.finish();

  const rows: TableRow[] = [];
  const criteria: Criterion[] = [];
  if (truth !== null && cameraLogPath !== null) {
    const camera = parseCameraLog(await readTextFile(cameraLogPath), cameraLogPath);
    const frames = judgedFrames(observed, camera, truth);
    const first = frames[0]?.picture ?? [...truth.pictures.values()][0]!;
    const modelInput = observed.figures.text('model_input') ?? usualModelInput;
    const rule = visibilityRule(gainOf(modelInput, first.widthPx, first.heightPx));
    const evaluation = evaluate(truth.classNames, frames, rule);
    criteria.push(...judge(observed, camera, evaluation));
    if (options.exact) criteria.push(judgeExactness(frames));
    rows.push(...cameraRows(camera), ...nodeRows(observed.figures), ...observedRows(observed));
    rows.push(...evaluationRows(evaluation, rule));
    if (frames.some(({ trackIds }) => trackIds.some((id) => id !== null)) && first.trackIds !== undefined) {
      const identity = identityFigures(frames);
      rows.push(...identityRows(identity));
      criteria.push(judgeIdentity(identity));
    }
  } else {
    rows.push(...nodeRows(observed.figures), ...observedRows(observed));
  }
  const written = file === null ? 'not written' : `${file.messages} messages, ${megabytes(file.sizeBytes)}`;
  rows.push(['files', 'demo.mcap', written]);
  rows.push(['', 'overlay pictures', String(files.length)]);
  console.log(formatTable(rows));
  const { progress } = observed.figures;
  const report = { criteria, rows, files, progress };
  await writeFileAtomically(reportPath, `${JSON.stringify(report, null, 2)}\n`);
  if (faults.length > 0)
    throw new SegError('overlay', `overlays could not be saved: ${faults.join('; ')}`, { faults });
}
