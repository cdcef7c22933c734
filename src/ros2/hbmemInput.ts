import type { HbmemTypeChoice } from '../config/settings.js';
import { describeError, type FrameError } from '../core/errors.js';
import type { FrameLease } from '../core/frame.js';
import { defaultHbmemQos, HbmemSubscription } from './hbmem/subscription.js';
import type { HbmemCounters } from './hbmem/surface.js';
import { HbmemTypeWatcher, hbmemTypes } from './hbmem/types.js';
import type { QosPolicies } from './qosOverrides.js';
import type { RosNode } from './rcl.js';
import type { InputCounters } from './report.js';
import { diagnoseSilence } from './watchdog.js';

/** Topic of the camera before remapping, as TROS names it. */
const topicName = 'hbmem_img';
const silenceAfterMs = 2000;
const watchPeriodMs = 500;

export interface HbmemInputOptions {
  readonly type: HbmemTypeChoice;
  readonly frameId: string;
  readonly sharedMemoryEnabled: boolean;
  /** The lease is the receiver's to close. */
  readonly onFrame: (frame: FrameLease) => void;
  readonly onRejected: (error: FrameError) => void;
}

/** The camera input while the node is active: subscribes, follows the topic's type, explains silence. */
export class HbmemInput {
  /** Resolved topic name. */
  readonly topic: string;
  readonly #ros: RosNode;
  readonly #options: HbmemInputOptions;
  readonly #qos: QosPolicies;
  readonly #watchTimer: NodeJS.Timeout;
  #typeWatcher: HbmemTypeWatcher | null = null;
  #subscription: HbmemSubscription | null = null;
  /** Subscriptions that ended or are ending, so that figures go on over a change of type. */
  readonly #ended: HbmemSubscription[] = [];
  #subscribeFailure: string | null = null;
  #loaned = 0;
  #copied = 0;
  #lastFrameMs = performance.now();
  #rejectedSinceFrame = 0;
  #lastRejection: string | null = null;
  #incompatibleQosPolicy: string | null = null;
  #silence: string | null = null;

  /** Starts at once. Throws ConfigError for unusable QoS overrides, TransportError from the middleware. */
  constructor(ros: RosNode, options: HbmemInputOptions) {
    this.#ros = ros;
    this.#options = options;
    this.topic = ros.resolveTopic(topicName);
    // Judged now: with the type taken from the graph the subscription may come much later.
    this.#qos = ros.resolveQos(topicName, 'subscription', defaultHbmemQos);
    if (options.type === 'auto') {
      const publisherTypes = () => ros.publishersOf(this.topic).map((publisher) => publisher.typeName);
      this.#typeWatcher = new HbmemTypeWatcher(publisherTypes, (type) => this.#followType(type));
      this.#typeWatcher.check();
    } else {
      this.#subscribe(`hbm_img_msgs/msg/${options.type}`);
    }
    this.#watchTimer = setInterval(() => this.#watch(), watchPeriodMs);
  }

  /** Why no frame comes, or null while frames come. */
  get silence(): string | null {
    return this.#silence;
  }

  get counters(): InputCounters {
    const subscriptions = this.#subscription === null ? this.#ended : [...this.#ended, this.#subscription];
    const all = subscriptions.map(({ counters }) => counters);
    const sum = (name: keyof HbmemCounters) => all.reduce((total, counters) => total + counters[name], 0);
    return {
      loaned: this.#loaned,
      copied: this.#copied,
      taken: sum('taken'),
      returned: sum('returned'),
      supersededNative: sum('supersededNative'),
      takeErrors: sum('takeErrors'),
    };
  }

  /** Joins the native thread and gives the waiting frame back; frames in work stay readable. */
  stop(): void {
    clearInterval(this.#watchTimer);
    this.#typeWatcher?.close();
    this.#unsubscribe();
  }

  #followType(type: string): void {
    try {
      this.#unsubscribe();
      this.#subscribe(type);
      this.#subscribeFailure = null;
    } catch (error) {
      this.#subscribeFailure = describeError(error);
      this.#ros.log('error', this.#subscribeFailure);
    }
  }

  #subscribe(type: string): void {
    const firstSequence = this.#loaned + this.#copied;
    this.#subscription = new HbmemSubscription(
      this.#ros,
      { topic: topicName, type, qos: this.#qos, frameId: this.#options.frameId, firstSequence },
      {
        onFrame: (lease) => this.#accept(lease),
        onRejected: (error) => this.#reject(error),
        onIncompatibleQos: (policy) => {
          this.#incompatibleQosPolicy = policy;
        },
        onError: (error) => this.#ros.log('error', describeError(error)),
        onForgotten: (message) => this.#ros.log('warn', message),
      },
    );
    this.#lastFrameMs = performance.now();
    const how = this.#subscription.lends
      ? 'lent by the middleware'
      : 'copied: the middleware cannot lend them';
    this.#ros.log('info', `subscribed to ${this.topic} [${type}]; frames are ${how}`);
  }

  #unsubscribe(): void {
    const subscription = this.#subscription;
    if (subscription === null) return;
    this.#subscription = null;
    subscription.stopTaking();
    this.#ended.push(subscription);
    void subscription.stop();
  }

  #accept(lease: FrameLease): void {
    if (lease.loaned) this.#loaned++;
    else this.#copied++;
    this.#lastFrameMs = performance.now();
    this.#rejectedSinceFrame = 0;
    this.#incompatibleQosPolicy = null;
    if (this.#silence !== null) {
      this.#silence = null;
      this.#ros.log('info', `frames arrive on ${this.topic}`);
    }
    this.#options.onFrame(lease);
  }

  #reject(error: FrameError): void {
    this.#rejectedSinceFrame++;
    this.#lastRejection = error.message;
    this.#options.onRejected(error);
  }

  #watch(): void {
    if (performance.now() - this.#lastFrameMs < silenceAfterMs) return;
    if (this.#subscribeFailure !== null) {
      this.#silence = this.#subscribeFailure;
      return;
    }
    const { type } = this.#options;
    const { message } = diagnoseSilence({
      topic: this.topic,
      acceptedTypes: type === 'auto' ? hbmemTypes : [`hbm_img_msgs/msg/${type}`],
      publishers: this.#ros.publishersOf(this.topic),
      hadFrames: this.#loaned + this.#copied > 0,
      incompatibleQosPolicy: this.#incompatibleQosPolicy,
      rejectedCount: this.#rejectedSinceFrame,
      lastRejection: this.#lastRejection,
      sharedMemoryEnabled: this.#options.sharedMemoryEnabled,
    });
    // The count of refused frames grows with every look; the cause is told once.
    const cause = message.replace(/\d+/g, '#');
    if (this.#silence?.replace(/\d+/g, '#') !== cause) this.#ros.log('warn', `no frames: ${message}`);
    this.#silence = message;
  }
}
