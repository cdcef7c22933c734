import { ConfigError } from '../../core/errors.js';

/** Logs are a few hundred kilobytes; this keeps a wrong path (a model, a video) from being read as one. */
export const maxTextBytes = 64 * 1024 * 1024;

/**
 * The text of a file in UTF-8, or in UTF-16 with a byte order mark as some shells write it.
 *
 * Throws ConfigError `text_empty` for a file without text and `text_binary` for one that is no text.
 */
export function decodeText(bytes: Uint8Array, path: string): string {
  const text = decode(bytes);
  if (text.trim() === '') {
    throw new ConfigError('text_empty', `${path} holds no text; it has ${bytes.length} bytes`, { path });
  }
  const odd = countOdd(text);
  if (odd > text.length / 200) {
    const begin = JSON.stringify(text.slice(0, 16));
    throw new ConfigError(
      'text_binary',
      `${path} is not a text file: ${odd} of ${text.length} characters are no text, it begins with ${begin}`,
      { path, sizeBytes: bytes.length },
    );
  }
  return text;
}

function decode(bytes: Uint8Array): string {
  const [first, second] = bytes;
  if (first === 0xff && second === 0xfe) return new TextDecoder('utf-16le').decode(bytes);
  if (first === 0xfe && second === 0xff) return new TextDecoder('utf-16be').decode(bytes);
  return new TextDecoder('utf-8').decode(bytes);
}

/** Characters that no log holds: control characters beyond white space and escapes, and broken UTF-8. */
function countOdd(text: string): number {
  let odd = 0;
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if (code === 0xfffd || (code < 32 && !(code >= 7 && code <= 13) && code !== 27)) odd++;
  }
  return odd;
}
