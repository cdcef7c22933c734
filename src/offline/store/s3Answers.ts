/** What a store answers, held against what it was asked: it may be anybody's server, and is not trusted. */
import { StoreError } from '../../core/errors.js';
import { limits } from '../../core/limits.js';

/** Throws StoreError for an object of a listing that does not lie below the prefix, or whose size is none. */
export function checkListed(prefix: string, key: string, sizeBytes: number, address: string): void {
  if (!key.startsWith(prefix))
    throw new StoreError(`${address}: the store was asked for ${prefix}... and lists this`, false, {
      prefix,
      key,
    });
  if (!Number.isSafeInteger(sizeBytes) || sizeBytes < 0)
    throw new StoreError(`${address}: the store says that it has ${sizeBytes} bytes`, false, {
      key,
      sizeBytes,
    });
}

/** Follows the pages of a listing. Throws StoreError where they have no end: one is named again, or they are too many. */
export class ListingPages {
  readonly #address: string;
  readonly #tokens = new Set<string>();

  constructor(address: string) {
    this.#address = address;
  }

  /** @param token Names the next page. */
  follow(token: string): void {
    const count = this.#tokens.size + 1;
    const refuse = (why: string) =>
      new StoreError(`${this.#address}: the store lists without an end: ${why}`, false, { count });
    if (this.#tokens.has(token)) throw refuse(`after ${count} pages it names one again`);
    if (count >= limits.storePages) throw refuse(`after ${count} pages there are more`);
    this.#tokens.add(token);
  }
}

/**
 * The bytes of a body. Rejects with StoreError as soon as more come than were asked for, and with another error where fewer come,
 * as of a connection that broke off.
 *
 * @param body Ended by this when it is refused.
 */
export async function readBody(
  body: AsyncIterable<Uint8Array>,
  lengthBytes: number,
  address: string,
): Promise<Uint8Array> {
  const bytes = new Uint8Array(lengthBytes);
  let read = 0;
  for await (const piece of body) {
    if (read + piece.length > lengthBytes) {
      const what = `${address}: the store sends more than the ${lengthBytes} bytes that it was asked for`;
      throw new StoreError(what, false, { lengthBytes });
    }
    bytes.set(piece, read);
    read += piece.length;
  }
  if (read < lengthBytes) throw new Error(`${read} bytes came of ${lengthBytes}`);
  return bytes;
}
