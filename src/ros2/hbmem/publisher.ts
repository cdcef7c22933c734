import { guarded } from '../../native/errors.js';
import type { NativePublisher, PublishReport, QosPolicies } from '../../native/hbmem.js';
import { loadHbmem } from './loader.js';
import { beforeNodeEnds, type NodeWithHandle } from './nodeHandle.js';
import { splitTypeName } from './types.js';

/** How TROS cameras publish: best effort, five samples in shared memory that are overwritten in turn. */
export const cameraQos: QosPolicies = {
  depth: 5,
  reliability: 'best_effort',
  durability: 'volatile',
  history: 'keep_last',
};

/** What a camera's publisher is made with. */
export interface LoanedPublisherOptions {
  /** Unresolved: rcl expands it and applies remap rules. */
  readonly topic: string;
  /** `package/msg/Type` with the fields of an HbmMsg. */
  readonly type: string;
  readonly qos: QosPolicies;
}

/** One frame to send. Nothing is checked for sense, so that tests can send broken ones. */
export interface OutgoingFrame {
  readonly index: number;
  readonly widthPx: number;
  readonly heightPx: number;
  readonly stepBytes: number;
  readonly dataSizeBytes: number;
  /** Text, or the bytes of the field. */
  readonly encoding: string | Uint8Array;
  /** Copied into the message: the only copy between the caller and the subscribers' memory. */
  readonly pixels: Uint8Array;
  /** Default: the real-time clock when the pixels are in place. */
  readonly stampNs?: bigint;
}

/** Publishes HbmMsg frames in shared memory, like a TROS camera. Ends before its node is destroyed. */
export class LoanedPublisher {
  readonly #native: NativePublisher;
  readonly #cancelHook: () => void;

  /** Throws TransportError when the middleware refuses it. */
  constructor(node: NodeWithHandle, options: LoanedPublisherOptions) {
    const { addon } = loadHbmem();
    const { topic, type, qos } = options;
    this.#native = guarded(() => new addon.Publisher(node.handle, { topic, ...splitTypeName(type), qos }));
    this.#cancelHook = beforeNodeEnds(node.handle, () => this.close());
  }

  /** Resolved topic name. */
  get topic(): string {
    return this.#native.topic;
  }

  /** True where messages are borrowed from shared memory, false where each is copied by the middleware. */
  get canLoan(): boolean {
    return this.#native.canLoan;
  }

  /** Bytes a frame may have. */
  get capacityBytes(): number {
    return this.#native.capacityBytes;
  }

  /** Copies the frame into a loaned message and publishes it. */
  publish(frame: OutgoingFrame): PublishReport {
    const { encoding, stampNs } = frame;
    const bytes = typeof encoding === 'string' ? Buffer.from(encoding, 'latin1') : encoding;
    return guarded(() => this.#native.publish({ ...frame, encoding: bytes, stampNs }));
  }

  /** Matched subscriptions at this moment. */
  subscriptionCount(): number {
    return guarded(() => this.#native.subscriptionCount());
  }

  close(): void {
    this.#cancelHook();
    guarded(() => this.#native.close());
  }
}
