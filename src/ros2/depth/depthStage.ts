import { type CameraPlan, prefixOf } from '../../config/cameras.js';
import type { ParameterValues } from '../../config/schema.js';
import type { FrameDepths } from '../../core/depths.js';
import { DepthError, type DepthErrorCode, describeError } from '../../core/errors.js';
import type { FrameResult } from '../../core/result.js';
import { alignPictures } from '../../depth/alignment.js';
import { DepthMemory } from '../../depth/depthMemory.js';
import type { DepthPicture } from '../../depth/depthPicture.js';
import type { DepthOptions, DepthScene } from '../../depth/measure.js';
import { DepthPairing, type PairingLimits, type UnpairedReason } from '../../depth/pairing.js';
import { pinholeOf } from '../../depth/pinhole.js';
import type { MeasureRequest } from '../../depth/protocol.js';
import { ValueWindow } from '../../pipeline/windows.js';
import { instanceColours } from '../../render/palette.js';
import type { RosNode } from '../rcl/rosNode.js';
import { ThrottledLog } from '../rcl/throttledLog.js';
import { depthTopicsOf } from '../../config/depthTopics.js';
import { DepthInput } from './depthInput.js';
import type { DepthReport } from './depthReport.js';
import { Measuring } from './measuring.js';

/** Depth pictures that are kept: half a second of hobot_stereonet's, and of large ones fewer. */
const kept = { pictures: 16, bytes: 2 ** 26, leastPictures: 2 };

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
  readonly #measuring = new Measuring();

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
      onDescribed: () => this.#advance(),
      onRefused: (error) => {
        this.#refused.set(error.code, (this.#refused.get(error.code) ?? 0) + 1);
        this.#log.log(error.code, `${prefixOf(this.#camera)}a message of depth is refused: ${error.message}`);
      },
    });
    this.#measuring.prepare();
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
    this.#measuring.clear();
    const line = this.#line;
    this.#line = [];
    for (const { job } of line) job.drop();
  }

  close(): void {
    this.stop();
    this.#measuring.close();
  }

  /** Takes a result; never throws. */
  submit(job: DepthJob): void {
    const isWanted = this.#input !== null && this.#wants.anything();
    const entry: Entry = { job, depths: isWanted ? undefined : null };
    this.#line.push(entry);
    if (isWanted) {
      const { header } = job.result;
      this.#input?.seeSource(header);
      this.#pairing.addResult(entry, header.stampNs, performance.now());
    }
    this.#advance();
  }

  get #limits(): PairingLimits {
    const values = this.#values();
    return {
      toleranceNs: BigInt(Math.round(values['depth.tolerance_ms'] * 1e6)),
      maxWaitMs: this.#input?.isSilent === true ? 0 : values['depth.max_wait_ms'],
    };
  }

  #advance(): void {
    const input = this.#input;
    const limits = this.#limits;
    const decided = this.#pairing.take(performance.now(), limits, (picture, { job }) => {
      // A depth picture is of no use before its description, which comes on a topic of its own, perhaps a little later.
      if (input === null || input.isLongUndescribed) return true;
      return input.isDescribed(picture, job.result.header);
    });
    for (const { job: entry, outcome } of decided) {
      this.#waits.add(outcome.waitedMs);
      if (outcome.kind === 'paired') void this.#measure(entry, outcome.picture);
      else if (input?.isSilent === true) this.#leaveOut(entry, 'silent');
      else this.#giveUp(entry, outcome.reason, explainUnpaired(outcome.offNs, limits));
    }
    this.#flush();
    clearTimeout(this.#timer);
    const dueMs = this.#pairing.nextDueMs(limits);
    // A timer may come a little early: what is not due then gets another.
    if (dueMs !== null)
      this.#timer = setTimeout(() => this.#advance(), Math.max(1, dueMs - performance.now()));
  }

  #leaveOut(entry: Entry, reason: UnpairedReason | DepthErrorCode | 'worker'): void {
    this.#unpaired.set(reason, (this.#unpaired.get(reason) ?? 0) + 1);
    entry.depths = null;
  }

  #giveUp(entry: Entry, reason: UnpairedReason | DepthErrorCode | 'worker', why: string): void {
    this.#leaveOut(entry, reason);
    this.#log.log(
      `unpaired ${reason}`,
      `${prefixOf(this.#camera)}frame ${entry.job.result.header.sequence} has no depth: ${why}`,
    );
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
    const { result } = entry.job;
    this.#memory.hold(picture);
    try {
      const scene = this.#sceneOf(result, picture);
      const found = await this.#measuring.measure(() => this.#requestOf(result, scene));
      // After a stop nobody waits for it.
      if (!this.#line.includes(entry)) return;
      if (found === null) {
        this.#giveUp(
          entry,
          'busy',
          'the depth worker had newer frames to work on than it is quick enough for',
        );
        return;
      }
      this.#works.add(found.workMs);
      this.#paired++;
      this.#fault = null;
      entry.depths = found.depths;
    } catch (error) {
      if (!this.#line.includes(entry)) return;
      const isDepthError = error instanceof DepthError;
      if (isDepthError && this.#input?.missingInfos.length === 0)
        this.#fault = `depth pictures on ${this.#input.topic} cannot be used; the last because ${error.message}`;
      if (isDepthError) this.#giveUp(entry, error.code, error.message);
      else this.#giveUp(entry, 'worker', describeError(error));
    } finally {
      this.#memory.release(picture);
      this.#flush();
    }
  }

  #requestOf({ instances, tracks }: FrameResult, scene: DepthScene): MeasureRequest {
    const colours = Uint32Array.from(
      instanceColours(instances, tracks),
      ([red, green, blue]) => (0xff000000 | (red << 16) | (green << 8) | blue) >>> 0,
    );
    const withoutContours = { ...instances, contours: null };
    return { instances: withoutContours, scene, options: this.#options, colours };
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
    const { ofDepth: info, ofCamera } = this.#input!.infosOf(picture, header);
    if (info.frameId !== '' && picture.frameId !== '' && info.frameId !== picture.frameId) {
      throw new DepthError(
        'frame',
        `the depth picture is in frame ${picture.frameId} and its camera_info in ${info.frameId}`,
      );
    }
    const frameId = [picture.frameId, info.frameId].find((name) => name !== '') ?? header.frameId;
    const camera = { ...pinholeOf(info, choice, picture, 'depth picture'), frameId };
    const sourceCamera = ofCamera === null ? null : pinholeOf(ofCamera, choice, header, 'picture');
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
