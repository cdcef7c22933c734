import { type CameraPlan, prefixOf } from '../../config/cameras.js';
import type { ParameterValues } from '../../config/schema.js';
import type { FrameDepths } from '../../core/depths.js';
import { DepthError, type DepthErrorCode, describeError } from '../../core/errors.js';
import type { FrameResult } from '../../core/result.js';
import { alignPictures } from '../../depth/alignment.js';
import { type DepthWorker, startDepthWorker } from '../../depth/depthLink.js';
import { DepthMemory } from '../../depth/depthMemory.js';
import type { DepthPicture } from '../../depth/depthPicture.js';
import type { DepthOptions, DepthScene } from '../../depth/measure.js';
import { DepthPairing, type PairingLimits, type UnpairedReason } from '../../depth/pairing.js';
import { pinholeOf } from '../../depth/pinhole.js';
import { ValueWindow } from '../../pipeline/windows.js';
import { instanceColours } from '../../render/palette.js';
import type { RosNode } from '../rcl/rosNode.js';
import { ThrottledLog } from '../rcl/throttledLog.js';
import { depthTopicsOf } from '../topicNames.js';
import { DepthInput } from './depthInput.js';
import type { DepthReport } from './depthReport.js';

/** Depth pictures that are kept: half a second of hobot_stereonet's, and of large ones fewer. */
const kept = { pictures: 16, bytes: 2 ** 26, leastPictures: 2 };
/** Results in the worker: one is worked on, one waits. */
const mostInWork = 2;
/** A worker that died is not started again sooner than this. */
const restartDelayMs = 1000;

/** Whether anybody takes what the stage finds. */
export interface DepthWants {
  readonly anything: () => boolean;
  readonly points: () => boolean;
}

/** A result on its way to outputs that tell of depth. */
export interface DepthJob {
  readonly result: FrameResult;
  /** Called in the order of the results; the depths are null where none are known. */
  readonly deliver: (located: FrameResult) => void;
  /** The result is not wanted any more. */
  readonly drop: () => void;
}

/** A job in the line; undefined until it is known what became of it. */
interface Entry {
  readonly job: DepthJob;
  depths: FrameDepths | null | undefined;
}

/**
 * Pairs results with depth pictures and finds where their instances are, in a worker of its own.
 *
 * Without `input.depth`, and while nobody wants depths, results pass at once.
 */
export class DepthStage {
  readonly #ros: RosNode;
  readonly #camera: CameraPlan;
  readonly #values: () => ParameterValues;
  readonly #wants: DepthWants;
  readonly #log: ThrottledLog;
  readonly #memory = new DepthMemory();
  readonly #pairing = new DepthPairing<DepthPicture, Entry>((picture) => this.#memory.release(picture));
  readonly #waits = new ValueWindow();
  readonly #works = new ValueWindow();
  readonly #unpaired = new Map<UnpairedReason | DepthErrorCode | 'worker', number>();
  readonly #refused = new Map<DepthErrorCode, number>();
  #paired = 0;
  /** Why the last depth picture was of no use, where the next one will not be either. */
  #fault: string | null = null;
  #pictures = 0;
  #input: DepthInput | null = null;
  #line: Entry[] = [];
  #timer: NodeJS.Timeout | undefined;
  #worker: DepthWorker | null = null;
  #opening: Promise<null> | null = null;
  #mayStartMs = 0;
  #inWork = 0;

  constructor(ros: RosNode, camera: CameraPlan, values: () => ParameterValues, wants: DepthWants) {
    this.#ros = ros;
    this.#camera = camera;
    this.#values = values;
    this.#wants = wants;
    this.#log = new ThrottledLog((text) => ros.log('warn', text));
  }

  /** Why no depth is known; null while all is well or none is asked for. */
  get warning(): string | null {
    return this.#input === null ? null : (this.#input.warning ?? this.#fault);
  }

  /** Figures since configure; null while no depth is asked for. */
  get report(): DepthReport | null {
    if (this.#input === null) return null;
    return {
      pictures: this.#pictures,
      refused: Object.fromEntries(this.#refused),
      paired: this.#paired,
      unpaired: Object.fromEntries(this.#unpaired),
      waiting: this.#line.length,
      waitMs: this.#waits.percentiles(),
      workMs: this.#works.percentiles(),
    };
  }

  /** Subscribes where a topic is named; throws SegError where that is not possible. */
  start(): void {
    const topics = depthTopicsOf(this.#values(), this.#camera);
    if (topics === null) return;
    this.#input = new DepthInput(this.#ros, topics, {
      isWanted: this.#wants.anything,
      memoryOf: this.#memory.take,
      onPicture: (picture) => {
        this.#pictures++;
        this.#pairing.addPicture(picture, keptOf(picture));
        this.#advance();
      },
      onRefused: (error) => {
        this.#refused.set(error.code, (this.#refused.get(error.code) ?? 0) + 1);
        this.#log.log(error.code, `${prefixOf(this.#camera)}depth: ${describeError(error)}`);
      },
    });
    this.#startWorker();
    this.#ros.log(
      'info',
      `depth from ${this.#input.topic}, described by ${this.#input.infoTopics.join(' or ')}`,
    );
  }

  /** No result is delivered after this; those that wait are dropped. */
  stop(): void {
    this.#input?.stop();
    this.#input = null;
    this.#fault = null;
    clearTimeout(this.#timer);
    this.#pairing.clear();
    const line = this.#line;
    this.#line = [];
    for (const { job } of line) job.drop();
  }

  close(): void {
    this.stop();
    const worker = this.#worker;
    this.#worker = null;
    void worker?.terminate();
  }

  /** Takes a result; never throws. */
  submit(job: DepthJob): void {
    const isWanted = this.#input !== null && this.#wants.anything();
    const entry: Entry = { job, depths: isWanted ? undefined : null };
    this.#line.push(entry);
    if (isWanted) this.#pairing.addResult(entry, job.result.header.stampNs, performance.now());
    this.#advance();
  }

  get #limits(): PairingLimits {
    const values = this.#values();
    return {
      toleranceNs: BigInt(Math.round(values['depth.tolerance_ms'] * 1e6)),
      maxWaitMs: values['depth.max_wait_ms'],
    };
  }

  #advance(): void {
    const limits = this.#limits;
    const nowMs = performance.now();
    // A depth picture is of no use before its description, which comes on a topic of its own, perhaps a little later.
    const isHeld = this.#input !== null && this.#input.missingInfos.length > 0;
    const isDue = nowMs >= (this.#pairing.nextDueMs(limits) ?? nowMs);
    const decided = isHeld && !isDue ? [] : this.#pairing.take(nowMs, limits);
    for (const { job: entry, outcome } of decided) {
      this.#waits.add(outcome.waitedMs);
      if (outcome.kind === 'paired') void this.#measure(entry, outcome.picture);
      else this.#giveUp(entry, outcome.reason, explainUnpaired(outcome.offNs, limits));
    }
    this.#flush();
    clearTimeout(this.#timer);
    const dueMs = this.#pairing.nextDueMs(limits);
    // A timer may come a little early: what is not due then gets another.
    if (dueMs !== null)
      this.#timer = setTimeout(() => this.#advance(), Math.max(1, dueMs - performance.now()));
  }

  #giveUp(entry: Entry, reason: UnpairedReason | DepthErrorCode | 'worker', why: string): void {
    this.#unpaired.set(reason, (this.#unpaired.get(reason) ?? 0) + 1);
    this.#log.log(
      `unpaired ${reason}`,
      `${prefixOf(this.#camera)}frame ${entry.job.result.header.sequence} has no depth: ${why}`,
    );
    entry.depths = null;
  }

  /** Hands out what is known, up to the first result of which it is not. */
  #flush(): void {
    for (;;) {
      const { job, depths } = this.#line[0] ?? {};
      if (job === undefined || depths === undefined) return;
      this.#line.shift();
      // A timer, a message or the worker brought it here: an error would end the process there.
      try {
        job.deliver(depths === null ? job.result : { ...job.result, depths });
      } catch (error) {
        const what = `frame ${job.result.header.sequence} could not be published with its depth: ${describeError(error)}`;
        this.#log.log('deliver', `${prefixOf(this.#camera)}${what}`);
      }
    }
  }

  /** Settles the entry in any case; never rejects. */
  async #measure(entry: Entry, picture: DepthPicture): Promise<void> {
    const worker = this.#worker ?? this.#startWorker();
    if (worker === null || this.#inWork >= mostInWork) {
      this.#giveUp(entry, 'busy', `${this.#inWork} frames are in work in the depth worker`);
      return;
    }
    this.#inWork++;
    this.#memory.hold(picture);
    try {
      const scene = this.#sceneOf(entry.job.result, picture);
      await this.#opening;
      const { instances, tracks } = entry.job.result;
      const colours = Uint32Array.from(
        instanceColours(instances, tracks),
        ([red, green, blue]) => (0xff000000 | (red << 16) | (green << 8) | blue) >>> 0,
      );
      const request = { instances: { ...instances, contours: null }, scene, options: this.#options, colours };
      const { depths, workMs } = await worker.run(request);
      this.#works.add(workMs);
      if (!this.#line.includes(entry)) return;
      this.#paired++;
      this.#fault = null;
      entry.depths = depths;
    } catch (error) {
      if (worker.death !== null && this.#worker === worker) {
        this.#worker = null;
        this.#mayStartMs = performance.now() + restartDelayMs;
      }
      // After a stop nobody waits for it.
      if (!this.#line.includes(entry)) return;
      const isDepthError = error instanceof DepthError;
      if (isDepthError && this.#input?.missingInfos.length === 0)
        this.#fault = `depth pictures on ${this.#input.topic} cannot be used; the last because ${error.message}`;
      this.#giveUp(entry, isDepthError ? error.code : 'worker', describeError(error));
    } finally {
      this.#inWork--;
      this.#memory.release(picture);
      this.#flush();
    }
  }

  #startWorker(): DepthWorker | null {
    if (this.#worker !== null) return this.#worker;
    if (performance.now() < this.#mayStartMs) return null;
    const { worker, opening } = startDepthWorker();
    // Whoever waits for it is told; without a frame nobody does.
    opening.catch(() => {});
    this.#worker = worker;
    this.#opening = opening;
    return worker;
  }

  get #options(): DepthOptions {
    const values = this.#values();
    const form = values['output.points_organised'] ? 'organised' : 'points';
    return {
      erosionPx: values['depth.erosion_px'],
      outlierFactor: values['depth.outlier_factor'],
      leastValidShare: values['depth.min_valid_share'],
      nearestM: values['depth.min_m'],
      farthestM: values['depth.max_m'],
      cloud: this.#wants.points() ? form : null,
    };
  }

  /** Throws DepthError where picture, depth picture and their cameras do not belong together. */
  #sceneOf({ header }: FrameResult, picture: DepthPicture): DepthScene {
    const choice = this.#values()['depth.intrinsics'];
    const info = this.#input?.depthInfo ?? null;
    const cameraInfo = this.#input?.cameraInfo ?? null;
    const missing = this.#input?.missingInfos ?? [];
    if (info === null || missing.length > 0)
      throw new DepthError('camera_info', `no camera_info has come on ${missing.join(' or ')}`);
    if (info.frameId !== '' && picture.frameId !== '' && info.frameId !== picture.frameId) {
      throw new DepthError(
        'frame',
        `the depth picture is in frame ${picture.frameId} and its camera_info in ${info.frameId}`,
      );
    }
    const frameId = [picture.frameId, info.frameId].find((name) => name !== '') ?? header.frameId;
    const camera = { ...pinholeOf(info, choice, picture, 'depth picture'), frameId };
    const sourceCamera = cameraInfo === null ? null : pinholeOf(cameraInfo, choice, header, 'picture');
    return { picture, camera, alignment: alignPictures(header, sourceCamera, camera) };
  }
}

function keptOf({ values }: DepthPicture): number {
  const fitting = Math.floor(kept.bytes / values.byteLength);
  return Math.min(kept.pictures, Math.max(kept.leastPictures, fitting));
}

function explainUnpaired(offNs: bigint | null, { toleranceNs, maxWaitMs }: PairingLimits): string {
  if (offNs === null) return `no depth picture came within depth.max_wait_ms ${maxWaitMs}`;
  const ms = (ns: bigint) => (Number(ns) / 1e6).toFixed(1);
  return `the nearest depth picture is ${ms(offNs)} ms off; depth.tolerance_ms is ${ms(toleranceNs)}`;
}
