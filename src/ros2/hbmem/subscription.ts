import { setTimeout as delay } from 'node:timers/promises';
import { jpegAdvice } from '../../camera/images/cameraAdvice.js';
import type { Nv12Rows } from '../../camera/images/hbmHeader.js';
import { judgeOf, type PictureJudge } from '../../camera/images/judge.js';
import { explainRows } from '../../camera/images/rows.js';
import { FrameError, TransportError } from '../../core/errors.js';
import type { FrameLease, NativeFrame, PictureView, Region } from '../../core/frame.js';
import { stopLimitsMs } from '../../core/stopLimits.js';
import { asSegError, guarded } from '../../native/errors.js';
import type {
  HbmemCounters,
  NativeNotice,
  NativeSubscription,
  QosPolicies,
  RawFrameHeader,
} from '../../native/hbmem.js';
import { hasFixedSize } from '../cameraTypes.js';
import { HbmemLease } from './lease.js';
import { type LoadedHbmem, loadHbmem } from './loader.js';
import { beforeNodeEnds, type NodeWithHandle } from './nodeHandle.js';
import { splitTypeName } from './types.js';

/** Sensor data as TROS subscribes to it, with nothing waiting behind the newest frame. */
export const defaultHbmemQos: QosPolicies = {
  depth: 1,
  reliability: 'best_effort',
  durability: 'volatile',
  history: 'keep_last',
};

/** Whom a subscription talks to; none of the callbacks may throw. */
export interface HbmemCallbacks {
  /** The lease is the callback's to close. */
  onFrame(lease: FrameLease & HbmemLease): void;
  /** A frame whose header contradicts itself was given back; `error.code` names the reason. */
  onRejected(error: FrameError): void;
  /** So many frames came and were replaced by a newer one before they were seen; called before that one is told. */
  onSuperseded(count: number): void;
  /**
   * Something is to be said of the frames, told once for frames of the same header: their layout is not what that says,
   * or doubtful; or they come in a form that costs more than another.
   */
  onRemark(message: string): void;
  /** A publisher on the topic offers less than the QoS asks for; `policy` as in `qos_overrides`. */
  onIncompatibleQos(policy: string): void;
  /** The middleware failed; code `failed` means that no frame will come any more. */
  onError(error: TransportError): void;
  /** Somebody lost a lease without closing it; at most one call a second. */
  onForgotten(message: string): void;
}

/** What a camera's subscription is made with. */
export interface HbmemSubscriptionOptions {
  /** Unresolved: rcl expands it and applies remap rules. */
  readonly topic: string;
  /** `package/msg/Type`: sensor_msgs' Image or CompressedImage, or a type with the fields of an HbmMsg. */
  readonly type: string;
  readonly qos: QosPolicies;
  /** frame_id of the headers where the message carries none, as HbmMsg. */
  readonly frameId: string;
  /** The part of the next frame that is to be segmented; all of it unless given. */
  readonly region?: () => Region | null;
  /** Sequence of the first frame; goes on from `nextSequence` of the subscription before. */
  readonly firstSequence?: number;
  /** Takes serialised copies even where the middleware could loan. */
  readonly forceSerialized?: boolean;
}

const forgottenReportMs = 1000;

/**
 * Camera frames of a topic, taken on a native thread, the newest first and never more than one waiting.
 *
 * Ends by itself before its node is destroyed. Throws TransportError when the middleware refuses it.
 */
export class HbmemSubscription {
  readonly #loaded: LoadedHbmem;
  readonly #native: NativeSubscription;
  readonly #callbacks: HbmemCallbacks;
  readonly #frameId: string;
  readonly #region: () => Region | null;
  readonly #judge: PictureJudge;
  readonly #cancelHook: () => void;
  #nextSequence: number;
  #rejected = 0;
  /** The last header whose layout was told. */
  #toldLayout: RawFrameHeader | null = null;
  #toldJpeg = false;
  #forgottenSinceReport = 0;
  #lastForgottenReportMs = Number.NEGATIVE_INFINITY;
  #ended = false;

  constructor(node: NodeWithHandle, options: HbmemSubscriptionOptions, callbacks: HbmemCallbacks) {
    this.#loaded = loadHbmem();
    this.#callbacks = callbacks;
    this.#frameId = options.frameId;
    this.#region = options.region ?? (() => null);
    this.#nextSequence = options.firstSequence ?? 0;
    this.#judge = judgeOf(options.type);
    const { topic, qos, forceSerialized = false } = options;
    const { addon } = this.#loaded;
    this.#native = guarded(
      () =>
        new addon.Subscription(
          node.handle,
          { topic, ...splitTypeName(options.type), qos, forceSerialized },
          {
            onFrame: (frame, header) => this.#onFrame(frame, header),
            onNotice: (notice) => this.#onNotice(notice),
          },
        ),
    );
    this.#cancelHook = beforeNodeEnds(node.handle, () => this.stopNow());
  }

  /** Resolved topic name. */
  get topic(): string {
    return this.#native.topic;
  }

  /** `package/msg/Type` */
  get type(): string {
    return this.#native.type;
  }

  /** True where the middleware can loan messages; false: every frame is a serialised copy. */
  get canLoan(): boolean {
    return this.#native.canLoan;
  }

  /** Sequence the next frame would get. */
  get nextSequence(): number {
    return this.#nextSequence;
  }

  /** Frames refused by validation. */
  get rejected(): number {
    return this.#rejected;
  }

  get counters(): HbmemCounters {
    return this.#native.counters();
  }

  /** Ends the intake at once: joins the thread and gives the waiting frame back. Leases stay valid. */
  stopTaking(): void {
    this.#native.stopTaking();
  }

  /**
   * Ends the intake and, once the middleware's messages are back, the subscription.
   *
   * Leases of frames in shared memory stay readable and hold nothing up. Others hold a message of the middleware:
   * resolves with the number of those not closed within `timeoutMs`. Then the subscription ends when the last of
   * them is closed, or with its node.
   */
  async stop(timeoutMs: number = stopLimitsMs.hbmem.messages): Promise<number> {
    this.stopTaking();
    const deadlineMs = performance.now() + timeoutMs;
    while (!this.#tryFinalise()) {
      if (performance.now() >= deadlineMs) {
        this.#finaliseLater();
        return this.counters.heldMessages;
      }
      await delay(2);
    }
    return 0;
  }

  /**
   * Ends in any state without waiting for leases. Where messages of the middleware are held, open leases are closed
   * under their holders, whose next use fails. Returns false if a native read did not end within `timeoutMs`; the subscription
   * is then left behind.
   */
  stopNow(timeoutMs: number = stopLimitsMs.hbmem.reads): boolean {
    this.#end();
    return this.#native.shutDownNow({ timeoutMs });
  }

  #end(): void {
    this.#ended = true;
    this.#cancelHook();
  }

  #tryFinalise(): boolean {
    try {
      if (!this.#native.finalise()) return false;
    } catch (error) {
      this.#callbacks.onError(this.#asTransport(error, 'finalise'));
    }
    this.#end();
    return true;
  }

  #finaliseLater(): void {
    const timer = setInterval(() => {
      if (this.#ended || this.#tryFinalise()) clearInterval(timer);
    }, 50);
    timer.unref();
  }

  #onFrame(frame: NativeFrame, raw: RawFrameHeader): void {
    const { addon, performanceOffsetMs } = this.#loaded;
    if (raw.supersededBefore > 0) this.#callbacks.onSuperseded(raw.supersededBefore);
    let lease: HbmemLease;
    try {
      if (raw.fault !== null) throw raw.fault;
      const view = this.#judge(raw);
      const { widthPx, heightPx } = this.#view(frame, view);
      this.#remark(raw, view);
      const header = {
        stampNs: raw.stampNs,
        frameId: raw.frameId === '' ? this.#frameId : raw.frameId,
        sequence: this.#nextSequence++,
        widthPx,
        heightPx,
      };
      lease = new HbmemLease(addon, frame, header, raw, {
        format: view.format,
        region: this.#region(),
        takenMs: raw.takenMs + performanceOffsetMs,
        topic: this.topic,
        onForgotten: (message) => this.#onForgotten(message),
      });
    } catch (error) {
      addon.closeFrame(frame);
      const known = asSegError(error);
      if (!(known instanceof FrameError)) throw known;
      this.#rejected++;
      this.#callbacks.onRejected(known);
      return;
    }
    this.#callbacks.onFrame(lease);
  }

  /** Tells readers how the bytes lie; returns the size of the picture. */
  #view(frame: NativeFrame, view: Nv12Rows | PictureView): { widthPx: number; heightPx: number } {
    const { addon } = this.#loaded;
    if (view.format !== 'nv12') return addon.viewPicture(frame, view);
    addon.viewNv12(frame, view);
    return view;
  }

  #remark(raw: RawFrameHeader, view: Nv12Rows | PictureView): void {
    if (view.format === 'nv12') {
      if (raw.dataSizeBytes !== (raw.stepBytes * raw.heightPx * 3) / 2)
        this.#tellOnce(raw, () => explainRows(raw, view.strideBytes));
    } else if (view.format === 'jpeg' && hasFixedSize(this.type) && !this.#toldJpeg) {
      this.#toldJpeg = true;
      this.#callbacks.onRemark(jpegAdvice);
    }
  }

  #tellOnce(raw: RawFrameHeader, explain: () => string | null): void {
    const told = this.#toldLayout;
    const isTold =
      told !== null &&
      told.widthPx === raw.widthPx &&
      told.heightPx === raw.heightPx &&
      told.stepBytes === raw.stepBytes &&
      told.dataSizeBytes === raw.dataSizeBytes;
    if (isTold) return;
    this.#toldLayout = raw;
    const message = explain();
    if (message !== null) this.#callbacks.onRemark(message);
  }

  #onNotice(notice: NativeNotice): void {
    if (notice.kind === 'incompatible_qos') {
      this.#callbacks.onIncompatibleQos(notice.policy);
    } else {
      this.#callbacks.onError(this.#asTransport(notice.error, notice.kind === 'failed' ? 'failed' : null));
    }
  }

  #onForgotten(message: string): void {
    this.#forgottenSinceReport++;
    if (performance.now() - this.#lastForgottenReportMs < forgottenReportMs) return;
    this.#lastForgottenReportMs = performance.now();
    const others = this.#forgottenSinceReport - 1;
    this.#forgottenSinceReport = 0;
    this.#callbacks.onForgotten(others === 0 ? message : `${message} (and ${others} before it)`);
  }

  /** `code` null keeps the addon's own. */
  #asTransport(error: unknown, code: string | null): TransportError {
    const known = asSegError(error);
    if (code === null && known instanceof TransportError) return known;
    // Its text is in ours.
    const [message, cause] =
      known instanceof Error ? [known.message, known.cause] : [String(known), undefined];
    return new TransportError(code ?? 'native', `${this.topic}: ${message}`, { topic: this.topic }, cause);
  }
}
