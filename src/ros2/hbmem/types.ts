import { TransportError } from '../../core/errors.js';

/** The message types of TROS's shared-memory cameras, the largest first. */
export const hbmemTypes = [
  'hbm_img_msgs/msg/HbmMsg1080P',
  'hbm_img_msgs/msg/HbmMsg540P',
  'hbm_img_msgs/msg/HbmMsg480P',
] as const;

export type HbmemType = (typeof hbmemTypes)[number];

/** `package/msg/Type` in its parts; throws TransportError `type` for anything else. */
export function splitTypeName(type: string): { packageName: string; typeName: string } {
  const parts = /^(\w+)\/msg\/(\w+)$/.exec(type);
  if (parts === null) {
    throw new TransportError('type', `message type is ${type}; expected package/msg/Type`, { type });
  }
  return { packageName: parts[1]!, typeName: parts[2]! };
}

/**
 * The HbmMsg type that a topic carries, or null where no publisher sends one.
 *
 * With publishers of several sizes `current` stays while anyone sends it, so that two cameras do not make the
 * subscription flap; else the largest wins.
 */
export function hbmemTypeOf(
  publisherTypes: readonly string[],
  current: HbmemType | null = null,
): HbmemType | null {
  if (current !== null && publisherTypes.includes(current)) return current;
  return hbmemTypes.find((type) => publisherTypes.includes(type)) ?? null;
}

/**
 * Follows the type of a topic for `input.hbmem_type: auto`.
 *
 * The graph is asked every `periodMs`, because rclnodejs has no graph event. A topic whose publishers go away
 * keeps its last type: the camera that comes back is most likely the same.
 */
export class HbmemTypeWatcher {
  readonly #publisherTypes: () => readonly string[];
  readonly #onType: (type: HbmemType) => void;
  readonly #timer: NodeJS.Timeout;
  #current: HbmemType | null = null;

  /** `onType` is called with the first type seen and with each change; `publisherTypes` asks the graph. */
  constructor(publisherTypes: () => readonly string[], onType: (type: HbmemType) => void, periodMs = 500) {
    this.#publisherTypes = publisherTypes;
    this.#onType = onType;
    this.#timer = setInterval(() => this.check(), periodMs);
    this.#timer.unref();
  }

  get current(): HbmemType | null {
    return this.#current;
  }

  /** Asks the graph now. */
  check(): void {
    const type = hbmemTypeOf(this.#publisherTypes(), this.#current);
    if (type === null || type === this.#current) return;
    this.#current = type;
    this.#onType(type);
  }

  close(): void {
    clearInterval(this.#timer);
  }
}
