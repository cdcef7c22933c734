import { webcrypto } from 'node:crypto';

/** How recordings name this hash. */
export const inputHashName = 'sha256-64';

/** What `inputHash` returns. */
export const inputHashPattern = /^[0-9a-f]{16}$/;

/**
 * Key of a recorded frame: the first 64 bits of the SHA-256 of all bytes of a model input, as 16 hexadecimal
 * digits in the order of the digest. Computed off the event loop.
 */
export async function inputHash(input: ArrayBuffer): Promise<string> {
  const digest = await webcrypto.subtle.digest('SHA-256', input);
  return Buffer.from(digest, 0, 8).toString('hex');
}
