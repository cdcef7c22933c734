import { DepthError, describeError } from '../../core/errors.js';
import { type DepthPicture, readDepthPicture } from '../../depth/depthPicture.js';
import type { CameraInfoFields } from '../../depth/pinhole.js';
import { type CameraInfoMessage, readCameraInfo, readImage } from '../../messages/read.js';
import { fromRosTime } from '../../messages/header.js';
import type { QosPolicies } from '../../native/hbmem.js';
import type { RosNode } from '../rcl/rosNode.js';
import type { DepthTopics } from '../topicNames.js';
import { isSameCause, lookPeriodMs, silenceAfterMs } from '../silence.js';
import { explainDepthSilence } from './depthSilence.js';

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

/** Depth pictures and the descriptions of the cameras, from activate to deactivate; explains silence. */
export class DepthInput {
  /** Resolved name of the topic of depth pictures. */
  readonly topic: string;
  readonly #ros: RosNode;
  readonly #events: DepthInputEvents;
  readonly #infoTopics: readonly string[];
  /** The last of each topic, in the order of preference. */
  readonly #infos: (CameraInfoFields | null)[];
  readonly #cameraTopic: string | null;
  #cameraInfo: CameraInfoFields | null = null;
  readonly #ends: (() => void)[] = [];
  readonly #timer: NodeJS.Timeout;
  readonly #startedMs = performance.now();
  #lastPictureMs: number | null = null;
  #lastRefusal: string | null = null;
  #silence: string | null = null;

  /** Subscribes at once. Throws ConfigError for unusable QoS overrides, TransportError from the middleware. */
  constructor(ros: RosNode, { depth, infos, cameraInfo }: DepthTopics, events: DepthInputEvents) {
    this.#ros = ros;
    this.#events = events;
    this.topic = ros.resolveTopic(depth);
    this.#infoTopics = infos.map((name) => ros.resolveTopic(name));
    this.#infos = infos.map(() => null);
    this.#cameraTopic = cameraInfo === null ? null : ros.resolveTopic(cameraInfo);
    try {
      this.#hear(imageType, depth, (cdr) => this.#acceptPicture(cdr));
      for (const [at, name] of infos.entries()) {
        this.#hear(infoType, name, (cdr) => {
          this.#infos[at] = infoFields(readCameraInfo(cdr));
        });
      }
      if (cameraInfo !== null)
        this.#hear(infoType, cameraInfo, (cdr) => {
          this.#cameraInfo = infoFields(readCameraInfo(cdr));
        });
    } catch (error) {
      for (const end of this.#ends) end();
      throw error;
    }
    this.#timer = setInterval(() => this.#look(), lookPeriodMs);
  }

  /** Of the depth pictures; null until one has come. */
  get depthInfo(): CameraInfoFields | null {
    return this.#infos.find((info) => info !== null) ?? null;
  }

  /** Where `depthInfo` is looked for, for messages. */
  get infoTopics(): readonly string[] {
    return this.#infoTopics;
  }

  /** Topics of which one is to bring a description that has not come; none where all is known. */
  get missingInfos(): readonly string[] {
    if (this.depthInfo === null) return this.#infoTopics;
    return this.#cameraTopic !== null && this.#cameraInfo === null ? [this.#cameraTopic] : [];
  }

  /** Of the camera's pictures; null until one has come. */
  get cameraInfo(): CameraInfoFields | null {
    return this.#cameraInfo;
  }

  /** Why no depth comes; null while all is well. */
  get warning(): string | null {
    return this.#silence;
  }

  stop(): void {
    clearInterval(this.#timer);
    for (const end of this.#ends) end();
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
    if (this.#events.isWanted()) {
      const { header, width, height, encoding, is_bigendian, step, data } = readImage(cdr);
      this.#events.onPicture(
        readDepthPicture(
          {
            stampNs: fromRosTime(header.stamp),
            frameId: header.frame_id,
            widthPx: width,
            heightPx: height,
            encoding,
            isBigEndian: is_bigendian !== 0,
            stepBytes: step,
            data,
          },
          this.#events.memoryOf,
        ),
      );
    }
    this.#lastPictureMs = performance.now();
    this.#lastRefusal = null;
    if (this.#silence === null) return;
    this.#silence = null;
    this.#ros.log('info', `depth pictures arrive on ${this.topic}`);
  }

  #look(): void {
    const silentForMs = performance.now() - (this.#lastPictureMs ?? this.#startedMs);
    const message = explainDepthSilence({
      topic: this.topic,
      publishers: silentForMs < silenceAfterMs ? null : this.#ros.publishersOf(this.topic),
      silentForMs: this.#lastPictureMs === null ? null : silentForMs,
      lastRefusal: this.#lastRefusal,
      missingInfoTopics: performance.now() - this.#startedMs >= silenceAfterMs ? this.missingInfos : [],
    });
    if (message !== null && !isSameCause(message, this.#silence))
      this.#ros.log('warn', `no depth: ${message}`);
    this.#silence = message;
  }
}
