import { counted } from '../core/words.js';
import { open } from 'node:fs/promises';
import { ConfigError } from '../core/errors.js';
import { limits } from '../core/limits.js';
import { readFault, shownPath } from './fault.js';
import { readRegularFileSync } from './regularFile.js';

/**
 * The text of a file in UTF-8, or in UTF-16 as some shells write it; a byte order mark is not part of it.
 *
 * Throws ConfigError `text_empty` for a file without text and `text_binary` for one that is no text.
 */
export function decodeText(bytes: Uint8Array, path: string): string {
  const text = decode(bytes);
  if (text.trim() === '') {
    throw new ConfigError('text_empty', `${path} holds no text; it has ${counted(bytes.length, 'byte')}`, {
      path,
    });
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
  return new TextDecoder(unmarkedEncoding(bytes)).decode(bytes);
}

/** Text in UTF-16 that lost its mark: of most characters one half is 0, always the same one. */
function unmarkedEncoding(bytes: Uint8Array): 'utf-8' | 'utf-16le' | 'utf-16be' {
  const begin = bytes.subarray(0, 512);
  let evenZeros = 0;
  let oddZeros = 0;
  for (const [index, byte] of begin.entries()) {
    if (byte !== 0) continue;
    if (index % 2 === 0) evenZeros++;
    else oddZeros++;
  }
  const most = begin.length * 0.3;
  if (oddZeros > most && evenZeros === 0) return 'utf-16le';
  return evenZeros > most && oddZeros === 0 ? 'utf-16be' : 'utf-8';
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

/** A file that has been read. */
export interface TextFile {
  readonly path: string;
  readonly text: string;
}

/** The texts of several files. Throws the ConfigError of `readTextFile`, which names all that cannot be read. */
export async function readTextFiles(paths: readonly string[]): Promise<TextFile[]> {
  const read = await Promise.allSettled(
    paths.map(async (path) => ({ path, text: await readTextFile(path) })),
  );
  const faults = read.flatMap((one): unknown[] => (one.status === 'rejected' ? [one.reason] : []));
  const [first] = faults;
  if (first === undefined) return read.flatMap((one) => (one.status === 'fulfilled' ? [one.value] : []));
  if (faults.length === 1 || !faults.every((fault) => fault instanceof ConfigError)) throw first;
  const messages = faults.map(({ message }) => message);
  throw new ConfigError(faults[0]!.code, [...new Set(messages)].join('; '), { paths });
}

/**
 * The text of a file that a user gave, also of a pipe, as `<(COMMAND)` is one.
 *
 * Throws ConfigError `file_unreadable`, `text_too_large`, `text_empty` or `text_binary`.
 */
export async function readTextFile(path: string): Promise<string> {
  const bytes = await readWhole(path).catch((error: unknown) => {
    if (error instanceof ConfigError) throw error;
    throw new ConfigError('file_unreadable', `${shownPath(path)} ${readFault(error)}`, { path });
  });
  return decodeText(bytes, path);
}

async function readWhole(path: string): Promise<Uint8Array> {
  const file = await open(path);
  try {
    checkSize((await file.stat()).size, path);
    const parts: Uint8Array[] = [];
    let sizeBytes = 0;
    // Of a pipe or a device nobody knows where it ends.
    for await (const part of file.createReadStream({ autoClose: false })) {
      parts.push(part as Uint8Array);
      sizeBytes += (part as Uint8Array).length;
      checkSize(sizeBytes, path);
    }
    return Buffer.concat(parts);
  } finally {
    await file.close();
  }
}

function checkSize(sizeBytes: number, path: string): void {
  if (sizeBytes <= limits.textFileBytes) return;
  throw new ConfigError(
    'text_too_large',
    `${path} has ${sizeBytes} bytes; texts up to ${limits.textFileBytes} are read`,
    { path, sizeBytes },
  );
}

/** The bytes of a text file that is read where nothing can be waited for. Throws ConfigError `text_too_large`, and for `readFault`. */
export function readTextBytesSync(path: string): Uint8Array {
  return readRegularFileSync(path, ({ size }) => checkSize(size, path));
}
