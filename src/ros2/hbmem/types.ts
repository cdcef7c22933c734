import { TransportError } from '../../core/errors.js';
import { hbmMessageNames, type HbmType, hbmTypeOf } from '../../core/hbmMessages.js';

/** The message types of TROS's shared-memory cameras, the largest first. */
export const hbmemTypes: readonly HbmType[] = hbmMessageNames.map(hbmTypeOf).reverse();

/** `package/msg/Type` in its parts; throws TransportError `type` for anything else. */
export function splitTypeName(type: string): { packageName: string; typeName: string } {
  const parts = /^(\w+)\/msg\/(\w+)$/.exec(type);
  if (parts === null) {
    throw new TransportError('type', `message type is ${type}; expected package/msg/Type`, { type });
  }
  return { packageName: parts[1]!, typeName: parts[2]! };
}

/**
 * Chooses among several types the one to subscribe to; asked at every look at the graph.
 *
 * The first choice is the earliest in the list that is on the topic. It is kept while its frames come, so that two cameras do not make the
 * subscription flap, and while no camera is there, because the one that comes back is most likely the same. But a
 * camera that was killed stays in the graph for up to 20 s: a type that is silent gives way to the next one there.
 */
export class TypeSearch<Type extends string> {
  readonly #types: readonly Type[];
  readonly #silentAfterMs: number;
  #current: Type | null = null;
  #sinceMs = 0;
  /** Types that have been listened to without a message since the last one came. */
  readonly #silent = new Set<Type>();

  /** @param silentAfterMs How long a type is listened to before another is tried. */
  constructor(types: readonly Type[], silentAfterMs: number) {
    this.#types = types;
    this.#silentAfterMs = silentAfterMs;
  }

  /** True where `type` was tried and left since the last message. */
  wasTried(type: Type): boolean {
    return this.#silent.has(type);
  }

  /**
   * The type to be subscribed to from now on, or null while none has been seen.
   *
   * @param publisherTypes Types of the topic's publishers in the graph, in any order and of any package.
   * @param lastMessageMs When the last message came, refused ones included.
   */
  look(publisherTypes: readonly string[], nowMs: number, lastMessageMs: number): Type | null {
    const present = this.#types.filter((type) => publisherTypes.includes(type));
    const current = this.#current;
    if (lastMessageMs >= this.#sinceMs) this.#silent.clear();
    const isSilent = nowMs - Math.max(lastMessageMs, this.#sinceMs) >= this.#silentAfterMs;
    if (current !== null && isSilent) this.#silent.add(current);
    const isKept = current !== null && present.includes(current) && !isSilent;
    if (isKept || present.length === 0) return current;
    const next = current === null ? present[0]! : present[(present.indexOf(current) + 1) % present.length]!;
    if (next !== current) {
      this.#current = next;
      this.#sinceMs = nowMs;
    }
    return next;
  }

  /** True where no other type on the topic is left to be tried before silence is explained. */
  hasTriedAll(publisherTypes: readonly string[]): boolean {
    return this.#types.every((type) => !publisherTypes.includes(type) || this.#silent.has(type));
  }
}
