import { describeError, type FrameError } from '../core/errors.js';
import type { FrameLease, Region } from '../core/frame.js';
import type { HbmemCounters, QosPolicies } from '../native/hbmem.js';
import {
  acceptedTypes,
  type CameraType,
  describeChoice,
  hasFixedSize,
  type TransportChoice,
} from './cameraTypes.js';
import { roomOf, sharedMemoryFolder } from '../files/sharedMemoryRoom.js';
import { explainCopies, explainLoss, LossWatch } from './delivery.js';
import { defaultHbmemQos, HbmemSubscription } from './hbmem/subscription.js';
import { TypeSearch } from './hbmem/types.js';
import type { RosNode, SeenPublisher } from './rcl/rosNode.js';
import type { InputCounters } from './report.js';
import { QuietTime } from './quietTime.js';
import { ThrottledLog } from './rcl/throttledLog.js';
import { diagnoseSilence, isSameCause, lookPeriodMs, PublisherSightings, silenceAfterMs } from './silence.js';

/** What the input is made with and whom it tells. */
export interface HbmemInputOptions {
  /** Before expansion and remapping. */
  readonly topicName: string;
  readonly choice: TransportChoice;
  /** Of headers where the message carries none. */
  readonly frameId: string;
  /** The part of the next frame that is to be segmented. */
  readonly region: () => Region | null;
  /** Variables of the user that keep shared memory off in this process; none where it is on. */
  readonly sharedMemoryOffBy: readonly string[];
  /** Milliseconds that have passed for the node; they stand still with a simulation. */
  readonly elapsedMs: () => number;
  /** The lease is the receiver's to close. */
  readonly onFrame: (frame: FrameLease) => void;
  readonly onRejected: (error: FrameError) => void;
  /** So many frames arrived and were replaced by a newer one before they could be offered. */
  readonly onSuperseded: (count: number) => void;
}

/** What ended subscriptions have counted, so that figures go on over a change of type. */
type Totals = Record<'taken' | 'returned' | 'supersededNative' | 'takeErrors' | 'lost', number>;

function addTo(totals: Totals, counters: HbmemCounters): void {
  totals.taken += counters.taken;
  totals.returned += counters.returned;
  totals.supersededNative += counters.supersededNative;
  totals.takeErrors += counters.takeErrors;
  totals.lost += counters.lost ?? 0;
}

/** The camera input while the node is active: subscribes, follows the topic's type, explains silence and loss. */
export class HbmemInput {
  /** Resolved topic name. */
  readonly topic: string;
  readonly #ros: RosNode;
  readonly #options: HbmemInputOptions;
  readonly #qos: QosPolicies;
  readonly #lookTimer: NodeJS.Timeout;
  readonly #types: readonly CameraType[];
  readonly #typeSearch: TypeSearch<CameraType>;
  readonly #sightings = new PublisherSightings();
  readonly #lossWatch = new LossWatch();
  readonly #remarks: ThrottledLog;
  readonly #errors: ThrottledLog;
  #subscription: HbmemSubscription | null = null;
  /** Subscriptions whose frames are not all back. */
  #ending: HbmemSubscription[] = [];
  readonly #ended: Totals = { taken: 0, returned: 0, supersededNative: 0, takeErrors: 0, lost: 0 };
  #subscribeFailure: string | null = null;
  #loaned = 0;
  #copied = 0;
  /** Whether it was told that frames of this subscription are loaned, and that they are copied. */
  #toldLoaned = false;
  #toldCopied = false;
  readonly #quiet: QuietTime;
  #lastMessageMs = Number.NEGATIVE_INFINITY;
  #rejectedSinceFrame = 0;
  #lastRejection: string | null = null;
  #incompatibleQosPolicy: string | null = null;
  #silence: string | null = null;
  #loss: string | null = null;

  /** Starts at once. Throws ConfigError for unusable QoS overrides, TransportError from the middleware. */
  constructor(ros: RosNode, options: HbmemInputOptions) {
    this.#ros = ros;
    this.#options = options;
    this.#quiet = new QuietTime(options.elapsedMs);
    this.topic = ros.resolveTopic(options.topicName);
    this.#types = acceptedTypes(options.choice);
    this.#typeSearch = new TypeSearch(this.#types, silenceAfterMs);
    this.#remarks = new ThrottledLog((text) => ros.log('warn', text));
    this.#errors = new ThrottledLog((text) => ros.log('error', text));
    // Judged now: with the type taken from the graph the subscription may come much later.
    this.#qos = ros.resolveQos(options.topicName, 'subscription', defaultHbmemQos);
    const [type, ...others] = this.#types;
    if (type !== undefined && others.length === 0) this.#subscribe(type);
    this.#look();
    this.#lookTimer = setInterval(() => this.#look(), lookPeriodMs);
  }

  /** Why no frame comes, or how many never arrive and why; null while all is well. */
  get warning(): string | null {
    return this.#silence ?? this.#loss;
  }

  get counters(): InputCounters {
    const totals = { ...this.#ended };
    for (const { counters } of this.#ending) addTo(totals, counters);
    const current = this.#subscription?.counters;
    if (current !== undefined) addTo(totals, current);
    const isLossKnown = current === undefined || current.taken === 0 || current.lost !== null;
    return {
      ...totals,
      loaned: this.#loaned,
      copied: this.#copied,
      lost: isLossKnown ? totals.lost : null,
    };
  }

  /** Joins the native thread and gives the waiting frame back; frames in work stay readable. */
  stop(): void {
    clearInterval(this.#lookTimer);
    this.#unsubscribe();
  }

  #look(): void {
    const nowMs = performance.now();
    const publishers = this.#ros.publishersOf(this.topic);
    this.#sightings.look(publishers, nowMs);
    const types = publishers.map(({ typeName }) => typeName);
    if (this.#types.length > 1) this.#followType(types, nowMs);
    this.#explainLoss(nowMs);
    const isSilent = this.#quiet.forMs >= silenceAfterMs;
    if (isSilent && !this.#isSearching(types, nowMs)) this.#explainSilence(publishers, nowMs);
  }

  /** True while another type of the topic is left to be tried: the cause of silence is open until then. */
  #isSearching(publisherTypes: readonly string[], nowMs: number): boolean {
    if (this.#types.length === 1 || nowMs - this.#lastMessageMs < silenceAfterMs) return false;
    return !this.#typeSearch.hasTriedAll(publisherTypes);
  }

  #followType(publisherTypes: readonly string[], nowMs: number): void {
    const type = this.#typeSearch.look(publisherTypes, nowMs, this.#lastMessageMs);
    if (type === null || type === this.#subscription?.type) return;
    try {
      this.#unsubscribe();
      this.#subscribe(type);
      this.#subscribeFailure = null;
    } catch (error) {
      const failure = describeError(error);
      if (failure !== this.#subscribeFailure) this.#ros.log('error', failure);
      this.#subscribeFailure = failure;
    }
  }

  #subscribe(type: CameraType): void {
    const firstSequence = this.#loaned + this.#copied;
    this.#toldLoaned = false;
    this.#toldCopied = false;
    this.#subscription = new HbmemSubscription(
      this.#ros,
      {
        topic: this.#options.topicName,
        type,
        qos: this.#qos,
        frameId: this.#options.frameId,
        region: this.#options.region,
        firstSequence,
      },
      {
        onFrame: (lease) => this.#accept(lease),
        onRejected: (error) => this.#reject(error),
        onSuperseded: this.#options.onSuperseded,
        onRemark: (message) => this.#remarks.log('remark', message),
        onIncompatibleQos: (policy) => {
          this.#incompatibleQosPolicy = policy;
        },
        onError: (error) => this.#errors.log(error.code, describeError(error)),
        onForgotten: (message) => this.#ros.log('warn', message),
      },
    );
    // Silent types are tried in turn; each is told once.
    if (this.#typeSearch.wasTried(type)) return;
    const form = hasFixedSize(type) ? `; can loan: ${this.#subscription.canLoan ? 'yes' : 'no'}` : '';
    this.#ros.log('info', `subscribed to ${this.topic} [${type}]${form}`);
  }

  #unsubscribe(): void {
    const subscription = this.#subscription;
    this.#forgetEnded();
    if (subscription === null) return;
    this.#subscription = null;
    subscription.stopTaking();
    this.#ending.push(subscription);
    void subscription.stop();
  }

  /** Keeps the figures of subscriptions that count no more. */
  #forgetEnded(): void {
    const ended = this.#ending.filter(
      ({ counters }) => counters.outstanding === 0 && counters.heldMessages === 0,
    );
    this.#ending = this.#ending.filter((subscription) => !ended.includes(subscription));
    for (const { counters } of ended) addTo(this.#ended, counters);
  }

  #accept(lease: FrameLease): void {
    if (lease.loaned) this.#loaned++;
    else this.#copied++;
    this.#quiet.end();
    this.#lastMessageMs = performance.now();
    this.#rejectedSinceFrame = 0;
    this.#incompatibleQosPolicy = null;
    if (this.#silence !== null) {
      this.#silence = null;
      this.#ros.log('info', `frames arrive on ${this.topic}`);
    }
    if (lease.loaned ? !this.#toldLoaned : !this.#toldCopied) this.#tellForm(lease.loaned);
    this.#options.onFrame(lease);
  }

  #tellForm(loaned: boolean): void {
    if (loaned) {
      this.#toldLoaned = true;
      this.#ros.log('info', `frames on ${this.topic} are loaned`);
    } else {
      this.#toldCopied = true;
      // Other types cannot come otherwise: that is nothing to warn of.
      const level = hasFixedSize(this.#subscription?.type ?? '') ? 'warn' : 'info';
      this.#ros.log(level, `frames on ${this.topic} are copied: ${this.#whyCopied()}`);
    }
  }

  #whyCopied(): string {
    const { sharedMemoryOffBy } = this.#options;
    const type = this.#subscription?.type ?? '';
    return explainCopies({
      sharedMemoryOffBy,
      canLoan: this.#subscription?.canLoan ?? false,
      sizelessType: hasFixedSize(type) ? null : type,
      room: roomOf(sharedMemoryFolder),
    });
  }

  #reject(error: FrameError): void {
    this.#rejectedSinceFrame++;
    this.#lastRejection = error.message;
    this.#lastMessageMs = performance.now();
    this.#options.onRejected(error);
  }

  #explainLoss(nowMs: number): void {
    const { taken, lost } = this.counters;
    const loss = lost === null ? null : this.#lossWatch.look(nowMs, taken, lost);
    const before = this.#loss;
    const form = this.#toldCopied ? 'copied' : this.#toldLoaned ? 'loaned' : 'unknown';
    const takenBy = { topic: this.topic, form, reliability: this.#qos.reliability } as const;
    this.#loss = loss && explainLoss(takenBy, loss, () => this.#whyCopied());
    if (before === null && this.#loss !== null) this.#ros.log('warn', `frames lost: ${this.#loss}`);
  }

  #explainSilence(publishers: readonly SeenPublisher[], nowMs: number): void {
    if (this.#subscribeFailure !== null) {
      this.#silence = this.#subscribeFailure;
      return;
    }
    const { lastMs } = this.#quiet;
    const { cause, message } = diagnoseSilence({
      topic: this.topic,
      topicName: this.#options.topicName,
      acceptedTypes: this.#types,
      choice: describeChoice(this.#options.choice),
      publishers: publishers.map((publisher) => this.#sightings.sighted(publisher, lastMs, nowMs)),
      silentForMs: lastMs === null ? null : nowMs - lastMs,
      firstFrameDueMs: silenceAfterMs,
      incompatibleQosPolicy: this.#incompatibleQosPolicy,
      rejectedCount: this.#rejectedSinceFrame,
      lastRejection: this.#lastRejection,
      sharedMemoryOffBy: this.#options.sharedMemoryOffBy,
    });
    if (cause !== 'starting' && !isSameCause(message, this.#silence))
      this.#ros.log('warn', `no frames: ${message}`);
    this.#silence = message;
  }
}
