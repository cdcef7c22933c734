/** The whole surface of the hbmem addon (native/hbmem); only src/ros2/hbmem calls it. */
import type { NativeFrame, PictureFields, PictureView } from '../core/frame.js';

/** What each QoS policy may be, by rmw's names. */
export const qosChoices = {
  reliability: ['best_effort', 'reliable', 'system_default'],
  durability: ['volatile', 'transient_local', 'system_default'],
  history: ['keep_last', 'keep_all', 'system_default'],
} as const;

type QosChoice<Policy extends keyof typeof qosChoices> = (typeof qosChoices)[Policy][number];

/** QoS policies by their rmw names. */
export interface QosPolicies {
  /** At least 1 for `keep_last`. */
  readonly depth: number;
  readonly reliability: QosChoice<'reliability'>;
  readonly durability: QosChoice<'durability'>;
  readonly history: QosChoice<'history'>;
}

/** What every endpoint of the addon is made with. */
export interface NativeEndpointOptions {
  /**
   * As the user wrote it: rcl expands it and applies the node's remap rules; resolved names would be remapped twice.
   */
  readonly topic: string;
  readonly packageName: string;
  readonly typeName: string;
  readonly qos: QosPolicies;
}

/** What a subscription of the addon is made with. */
export interface NativeSubscriptionOptions extends NativeEndpointOptions {
  /** Takes serialised copies even where the middleware could loan. */
  readonly forceSerialized: boolean;
}

/**
 * Header of a frame as the publisher filled it; nothing has been checked.
 *
 * Fields that the message type lacks are 0 or empty: `index` in sensor_msgs, all of the layout in CompressedImage, whose
 * `format` is the encoding.
 */
export interface RawFrameHeader extends PictureFields {
  /** Why the message cannot be read, with code `serialized_form`; the rest says nothing then. */
  readonly fault: Error | null;
  readonly index: number;
  /**
   * True where the pixels are the publisher's own memory: they lie in its Fast DDS data sharing segment, which is
   * known from the address. rmw tells nothing: it loans copies all the same.
   */
  readonly loaned: boolean;
  /** Frames that were taken before this one and replaced by it before JS saw them. */
  readonly supersededBefore: number;
  /** CLOCK_MONOTONIC in milliseconds when the frame was taken. */
  readonly takenMs: number;
}

/** Something the wait thread has to say besides frames. */
export type NativeNotice =
  | { readonly kind: 'incompatible_qos'; readonly policy: string }
  /** `failed`: the thread has ended and no frame will come any more. */
  | { readonly kind: 'error' | 'failed'; readonly error: Error };

/** Called on the JS thread; what they throw ends the process. */
export interface NativeSubscriptionCallbacks {
  /** Owns the frame: has to close it. */
  onFrame(frame: NativeFrame, header: RawFrameHeader): void;
  onNotice(notice: NativeNotice): void;
}

/** Frames since the subscription was made. */
export interface HbmemCounters {
  /** Taken from the middleware. */
  readonly taken: number;
  /** Given back by whoever held them. */
  readonly returned: number;
  /** `taken - returned`: held at this moment. */
  readonly outstanding: number;
  /** Messages of the middleware held for frames: 0 while all frames lie in shared memory, which needs none. */
  readonly heldMessages: number;
  /** Frames a newer one replaced before JS saw them. */
  readonly supersededNative: number;
  /** Frames that publishers sent and that were never taken; null where the middleware does not number messages. */
  readonly lost: number | null;
  readonly takeErrors: number;
  /** Frames whose handle was collected without having been closed. */
  readonly forgotten: number;
}

/** A subscription of the addon, see HbmemSubscription. */
export interface NativeSubscription {
  /** Resolved topic name. */
  readonly topic: string;
  /** True where the middleware can loan messages of this type on this machine. */
  readonly canLoan: boolean;
  /** `package/msg/Type` */
  readonly type: string;
  /** Of the data field; 0 where every message has its own. */
  readonly capacityBytes: number;
  /** Joins the wait thread and gives the waiting frame back. Safe to call again. */
  stopTaking(): void;
  /** Ends the rcl subscription once every held message is returned. True when there is nothing left to do. */
  finalise(): boolean;
  /**
   * Ends in any state. Frames in shared memory stay readable; where messages of the middleware are held every open
   * frame is closed,
   * reads under way are waited for, and what does not end in time is leaked. True when finalised.
   */
  shutDownNow(options: { readonly timeoutMs: number }): boolean;
  counters(): HbmemCounters;
}

/** A frame to publish. Nothing is checked for sense: tests send broken ones. */
export interface NativePublishRequest {
  readonly index: number;
  /** Default: CLOCK_REALTIME when the pixels are in place. */
  readonly stampNs: bigint | undefined;
  readonly widthPx: number;
  readonly heightPx: number;
  readonly stepBytes: number;
  readonly dataSizeBytes: number;
  /** Bytes of the encoding field; the rest of the field is zero. */
  readonly encoding: Uint8Array;
  /** Copied to the start of the data field; bytes behind it keep what an earlier frame left there. */
  readonly pixels: Uint8Array;
}

/** How a frame was published. */
export interface PublishReport {
  /** False where the middleware cannot loan and the message was copied. */
  readonly loaned: boolean;
  readonly stampNs: bigint;
}

/** A publisher of the addon, see LoanedPublisher. */
export interface NativePublisher {
  readonly topic: string;
  readonly canLoan: boolean;
  readonly type: string;
  readonly capacityBytes: number;
  publish(frame: NativePublishRequest): PublishReport;
  subscriptionCount(): number;
  close(): void;
}

/** How the data of a frame is to be read. */
export interface Nv12View {
  readonly widthPx: number;
  readonly heightPx: number;
  /** Of the Y and the UV rows. */
  readonly strideBytes: number;
}

/** What the hbmem addon exports. */
export interface HbmemAddon {
  /** What this binary was built for. */
  readonly rosDistro: string;
  readonly rclnodejsVersion: string;
  readonly rclHandleSha256: string;
  readonly Subscription: new (
    nodeHandle: object,
    options: NativeSubscriptionOptions,
    callbacks: NativeSubscriptionCallbacks,
  ) => NativeSubscription;
  readonly Publisher: new (nodeHandle: object, options: NativeEndpointOptions) => NativePublisher;
  /** Gives the frame back unless that was done before; returns whether this call did. */
  closeFrame(frame: NativeFrame): boolean;
  /** Tells readers where the planes lie. Throws `layout` where they would not fit into the data field. */
  viewNv12(frame: NativeFrame, view: Nv12View): void;
  /**
   * The same for every other format; returns the size. Throws `layout` where rows would not fit into the data field,
   * and `picture` for a compressed picture that does not tell its size.
   */
  viewPicture(frame: NativeFrame, view: PictureView): { widthPx: number; heightPx: number };
  /** Shows the whole data field to `use`; the view is detached when `use` returns. For tests and tools. */
  borrowBytes<T>(frame: NativeFrame, use: (bytes: Uint8Array) => T): T;
  /** False once the publisher has visibly written into the frame since it was taken. */
  unchanged(frame: NativeFrame): boolean;
  /** CLOCK_MONOTONIC, the clock of `takenMs`. */
  monotonicMs(): number;
  /** CLOCK_REALTIME, the clock of the stamps of most publishers. */
  realtimeNs(): bigint;
}
