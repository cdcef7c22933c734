import { DepthError, describeError } from '../../core/errors.js';
import { type DepthPicture, readDepthPicture } from '../../depth/depthPicture.js';
import { CameraDescription } from '../../depth/cameraDescription.js';
import type { CameraInfoFields } from '../../depth/pinhole.js';
import type { SizePx } from '../../core/geometry.js';
import { type CameraInfoMessage, readCameraInfo, readImage } from '../../messages/read.js';
import { fromRosTime } from '../../messages/header.js';
import type { QosPolicies } from '../../native/hbmem.js';
import type { RosNode } from '../rcl/rosNode.js';
import type { DepthTopics } from '../../config/depthTopics.js';
import { QuietTime } from '../quietTime.js';
import { isSameCause, lookPeriodMs, PublisherSightings, silenceAfterMs } from '../silence.js';
import { type DepthSilence, explainDepthSilence } from './depthSilence.js';

const imageType = 'sensor_msgs/msg/Image';
const infoType = 'sensor_msgs/msg/CameraInfo';
/** Best effort hears reliable publishers, too; a few may wait while the main thread is busy. */
const depthQos: QosPolicies = {
  depth: 5,
  reliability: 'best_effort',
  durability: 'volatile',
  history: 'keep_last',
};

/** Whom a depth input tells. */
export interface DepthInputEvents {
  /** Whether pictures are to be read at this moment; what comes else is counted as a sign of life only. */
  readonly isWanted: () => boolean;
  /** Where the depths of a picture go, of exactly so many bytes. */
  readonly memoryOf: (sizeBytes: number) => SharedArrayBuffer;
  readonly onPicture: (picture: DepthPicture) => void;
  /** What was not known of the cameras may be known now. */
  readonly onDescribed: () => void;
  /** A picture or a camera_info cannot be read. */
  readonly onRefused: (error: DepthError) => void;
}

function infoFields(info: CameraInfoMessage): CameraInfoFields {
  const { roi } = info;
  return {
    frameId: info.header.frame_id,
    widthPx: info.width,
    heightPx: info.height,
    k: [...info.k],
    p: [...info.p],
    binningX: info.binning_x,
    binningY: info.binning_y,
    roi: { xPx: roi.x_offset, yPx: roi.y_offset, widthPx: roi.width, heightPx: roi.height },
  };
}

/** What is known of both cameras. */
export interface CameraInfos {
  readonly ofDepth: CameraInfoFields;
  /** Of the camera's pictures; null where none is wanted. */
  readonly ofCamera: CameraInfoFields | null;
}

/** Depth pictures and the descriptions of the cameras, from activate to deactivate; explains silence. */
export class DepthInput {
  /** Resolved name of the topic of depth pictures. */
  readonly topic: string;
  readonly #ros: RosNode;
  readonly #events: DepthInputEvents;
  readonly #asked: QosPolicies;
  readonly #infoTopics: readonly string[];
  /** By each topic, in the order of preference. */
  readonly #ofDepth: readonly CameraDescription[];
  readonly #cameraTopic: string | null;
  readonly #ofCamera = new CameraDescription('picture');
  readonly #ends: (() => void)[] = [];
  readonly #timer: NodeJS.Timeout;
  readonly #sightings = new PublisherSightings();
  readonly #quiet: QuietTime;
  /** Since when it is not known what the cameras are; null while it is. */
  #undescribed: QuietTime | null;
  #lastRefusal: string | null = null;
  #silence: DepthSilence | null = null;

  /** Subscribes at once. Throws ConfigError for unusable QoS overrides, TransportError from the middleware. */
  constructor(ros: RosNode, { depth, infos, cameraInfo }: DepthTopics, events: DepthInputEvents) {
    this.#ros = ros;
    this.#events = events;
    this.topic = ros.resolveTopic(depth);
    this.#asked = ros.resolveQos(depth, 'subscription', depthQos);
    this.#infoTopics = infos.map((name) => ros.resolveTopic(name));
    this.#ofDepth = infos.map(() => new CameraDescription('depth picture'));
    this.#quiet = this.#startQuiet();
    this.#undescribed = this.#startQuiet();
    this.#cameraTopic = cameraInfo === null ? null : ros.resolveTopic(cameraInfo);
    try {
      this.#hear(imageType, depth, (cdr) => this.#acceptPicture(cdr));
      for (const [at, name] of infos.entries()) {
        this.#hear(infoType, name, (cdr) => this.#acceptInfo(this.#ofDepth[at]!, cdr));
      }
      if (cameraInfo !== null)
        this.#hear(infoType, cameraInfo, (cdr) => this.#acceptInfo(this.#ofCamera, cdr));
    } catch (error) {
      for (const end of this.#ends) end();
      throw error;
    }
    this.#look();
    this.#timer = setInterval(() => this.#look(), lookPeriodMs);
  }

  /** Whether no good depth picture has come for so long that none is to be waited for. */
  get isSilent(): boolean {
    return this.#quiet.forMs >= silenceAfterMs;
  }

  /** The same of what tells of the cameras. */
  get isLongUndescribed(): boolean {
    return this.#undescribed !== null && this.#undescribed.forMs >= silenceAfterMs;
  }

  /** Where the description of depth pictures is looked for, for messages. */
  get infoTopics(): readonly string[] {
    return this.#infoTopics;
  }

  /** Topics of which one is to bring a description that has not come; none where all have. */
  get missingInfos(): readonly string[] {
    if (this.#described.info === null) return this.#infoTopics;
    return this.#cameraTopic !== null && this.#ofCamera.info === null ? [this.#cameraTopic] : [];
  }

  /** What tells of the cameras of these two pictures; throws DepthError `camera_info` where that is not known. */
  infosOf(picture: SizePx, source: SizePx): CameraInfos {
    const why = this.#whyUndescribed(picture, source);
    if (why !== null) throw new DepthError('camera_info', why);
    const ofCamera = this.#cameraTopic === null ? null : this.#ofCamera.info;
    return { ofDepth: this.#described.info!, ofCamera };
  }

  /** Whether `infosOf` knows. */
  isDescribed(picture: SizePx, source: SizePx): boolean {
    return this.#whyUndescribed(picture, source) === null;
  }

  /** Takes the size of a picture of the camera, in their order. */
  seeSource(source: SizePx): void {
    this.#ofCamera.see(source);
    this.#noteDescribed();
  }

  /** Why no depth comes; null while all is well. */
  get warning(): string | null {
    return this.#silence?.message ?? null;
  }

  stop(): void {
    clearInterval(this.#timer);
    for (const end of this.#ends) end();
  }

  #startQuiet(): QuietTime {
    return new QuietTime(() => this.#ros.clock.elapsedMs());
  }

  /** By the first topic that has brought one. */
  get #described(): CameraDescription {
    return this.#ofDepth.find(({ info }) => info !== null) ?? this.#ofDepth[0]!;
  }

  #whyUndescribed(picture: SizePx, source: SizePx): string | null {
    const missing = this.missingInfos;
    if (missing.length > 0) return `no camera_info has come on ${missing.join(' or ')}`;
    return this.#described.whyUnfit(picture) ?? (this.#cameraTopic && this.#ofCamera.whyUnfit(source));
  }

  #acceptInfo(description: CameraDescription, cdr: Buffer): void {
    description.tell(infoFields(readCameraInfo(cdr)));
    this.#noteDescribed();
    this.#events.onDescribed();
  }

  /** A message that cannot be read must not end the process: callbacks of rclnodejs may not throw. */
  #hear(type: string, topic: string, take: (cdr: Buffer) => void): void {
    const onMessage = (cdr: Buffer) => {
      try {
        take(cdr);
      } catch (error) {
        const known =
          error instanceof DepthError
            ? error
            : new DepthError('serialized_form', `${topic}: ${describeError(error)}`);
        if (type === imageType) this.#lastRefusal = known.message;
        this.#events.onRefused(known);
      }
    };
    this.#ends.push(this.#ros.createRawSubscription(type, topic, depthQos, onMessage));
  }

  #acceptPicture(cdr: Buffer): void {
    const picture = this.#events.isWanted() ? toDepthPicture(cdr, this.#events.memoryOf) : null;
    this.#quiet.end();
    this.#lastRefusal = null;
    if (this.#silence !== null && this.#silence.kind !== 'camera_info') {
      this.#silence = null;
      this.#ros.log('info', `depth pictures arrive on ${this.topic}`);
    }
    if (picture === null) return;
    for (const description of this.#ofDepth) description.see(picture);
    this.#noteDescribed();
    this.#events.onPicture(picture);
  }

  #noteDescribed(): void {
    const isKnown = this.#described.isUpToDate && (this.#cameraTopic === null || this.#ofCamera.isUpToDate);
    this.#undescribed = isKnown ? null : (this.#undescribed ?? this.#startQuiet());
  }

  #look(): void {
    const nowMs = performance.now();
    const publishers = this.#ros.publishersOf(this.topic);
    this.#sightings.look(publishers, nowMs);
    const { lastMs } = this.#quiet;
    const silence = explainDepthSilence({
      topic: this.topic,
      publishers: this.isSilent
        ? publishers.map((publisher) => this.#sightings.sighted(publisher, lastMs, nowMs))
        : null,
      asked: this.#asked,
      silentForMs: lastMs === null ? null : nowMs - lastMs,
      lastRefusal: this.#lastRefusal,
      missingInfoTopics: this.isLongUndescribed ? this.missingInfos : [],
      missesDepthInfo: this.#described.info === null,
    });
    const isNew = silence !== null && !isSameCause(silence.message, this.#silence?.message ?? null);
    if (isNew && silence.kind !== 'starting') this.#ros.log('warn', `no depth: ${silence.message}`);
    this.#silence = silence;
  }
}

/** Throws DepthError, or RangeError where the message ends too early. */
function toDepthPicture(cdr: Buffer, memoryOf: DepthInputEvents['memoryOf']): DepthPicture {
  const { header, width, height, encoding, is_bigendian, step, data } = readImage(cdr);
  const picture = {
    stampNs: fromRosTime(header.stamp),
    frameId: header.frame_id,
    widthPx: width,
    heightPx: height,
    encoding,
    isBigEndian: is_bigendian !== 0,
    stepBytes: step,
    data,
  };
  return readDepthPicture(picture, memoryOf);
}
