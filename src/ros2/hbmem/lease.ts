import { ClosedError } from '../../core/errors.js';
import type { FrameHeader, FrameLease, NativeFrame, PixelFormat, Region } from '../../core/frame.js';
import type { HbmemAddon, RawFrameHeader } from '../../native/hbmem.js';

/** With this variable set, a forgotten lease names the place that last used it; costs a stack trace per use. */
const traceUses = (process.env.RDK_YOLO_SEG_TRACE_LEASES ?? '') !== '';

/** What remains of a lease for the report when nobody closed it. */
interface Remains {
  readonly frame: NativeFrame;
  readonly addon: HbmemAddon;
  readonly topic: string;
  readonly sequence: number;
  readonly onForgotten: (message: string) => void;
  lastUse: string | null;
}

const leaseCollected = new FinalizationRegistry<Remains>((remains) => {
  const { frame, addon, topic, sequence, onForgotten, lastUse } = remains;
  // False where the subscription's end closed it first: nothing was lost then.
  if (!addon.closeFrame(frame)) return;
  const where = lastUse ?? 'set RDK_YOLO_SEG_TRACE_LEASES=1 to see its last use';
  onForgotten(`frame ${sequence} of ${topic} was never closed and has been given back late; ${where}`);
});

/** A frame of an hbmem subscription; see FrameLease. */
export class HbmemLease implements FrameLease {
  readonly header: FrameHeader;
  readonly format: PixelFormat;
  readonly region: Region | null;
  readonly takenMs: number;
  readonly loaned: boolean;
  /** The publisher's frame counter; 0 where its messages have none. */
  readonly index: number;
  readonly #remains: Remains;
  #open = true;

  /** Takes over `frame`. */
  constructor(
    addon: HbmemAddon,
    frame: NativeFrame,
    header: FrameHeader,
    raw: RawFrameHeader,
    place: {
      readonly format: PixelFormat;
      readonly region: Region | null;
      readonly takenMs: number;
      readonly topic: string;
      readonly onForgotten: (message: string) => void;
    },
  ) {
    this.header = header;
    this.format = place.format;
    this.region = place.region;
    this.takenMs = place.takenMs;
    this.loaned = raw.loaned;
    this.index = raw.index;
    const { topic, onForgotten } = place;
    this.#remains = { frame, addon, topic, sequence: header.sequence, onForgotten, lastUse: null };
    leaseCollected.register(this, this.#remains, this.#remains);
  }

  get native(): NativeFrame {
    this.#use();
    return this.#remains.frame;
  }

  /** Shows the data field to `use`; the view is detached afterwards. For tests and tools: a frame is megabytes. */
  borrowBytes<T>(use: (bytes: Uint8Array) => T): T {
    this.#use();
    return this.#remains.addon.borrowBytes(this.#remains.frame, use);
  }

  /** False once the publisher has visibly written into the frame since it was taken. */
  unchanged(): boolean {
    this.#use();
    return this.#remains.addon.unchanged(this.#remains.frame);
  }

  close(): void {
    if (!this.#open) return;
    this.#open = false;
    leaseCollected.unregister(this.#remains);
    this.#remains.addon.closeFrame(this.#remains.frame);
  }

  #use(): void {
    if (!this.#open) {
      const { topic, sequence } = this.#remains;
      throw new ClosedError('closed', `frame ${sequence} of ${topic} was used after close()`, { sequence });
    }
    if (traceUses) this.#remains.lastUse = new Error('last use').stack ?? null;
  }
}
