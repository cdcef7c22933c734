import { limits } from '../../core/limits.js';

/** Decompresses bytes that are said to become so many. Throws an Error for others, and for more than may be taken. */
export type Decompress = (compressed: Uint8Array, sizeBytes: bigint) => Uint8Array;

/** What begins a frame of zstd. */
const zstdMagic = 0xfd2f_b528;

/** Throws for more bytes than may be taken into memory. */
export function checkPartSize(sizeBytes: bigint, what: string): void {
  if (sizeBytes <= limits.recordingPartBytes) return;
  const limit = `at most ${limits.recordingPartBytes / 1024 / 1024} MiB are read at once`;
  throw new Error(`${what} says it has ${sizeBytes} bytes; ${limit}`);
}

function checked(decompress: (compressed: Uint8Array, sizeBytes: number) => Uint8Array): Decompress {
  return (compressed, sizeBytes) => {
    checkPartSize(sizeBytes, 'a chunk, uncompressed,');
    const bytes = decompress(compressed, Number(sizeBytes));
    if (bytes.length === Number(sizeBytes)) return bytes;
    throw new Error(`a chunk says it has ${sizeBytes} bytes uncompressed, and has ${bytes.length}`);
  };
}

/** The compressions of MCAP by name; loaded when a recording is read, which most commands never do. */
export async function loadDecompressions(): Promise<Record<'lz4' | 'zstd', Decompress>> {
  const [{ default: lz4 }, zstd] = await Promise.all([
    import('@foxglove/wasm-lz4'),
    import('@foxglove/wasm-zstd'),
  ]);
  await Promise.all([lz4.isLoaded, zstd.isLoaded]);
  return { lz4: checked(lz4), zstd: checked((bytes, size) => zstd.decompress(bytes, size)) };
}

/** The size that a frame of zstd says it has, by RFC 8878 3.1.1.1; null where it does not say it. */
function zstdContentBytes(frame: DataView): bigint | null {
  const descriptor = frame.getUint8(4);
  const isSingleSegment = (descriptor & 0x20) !== 0;
  const dictionaryBytes = [0, 1, 2, 4][descriptor & 3]!;
  const at = 5 + (isSingleSegment ? 0 : 1) + dictionaryBytes;
  switch (descriptor >> 6) {
    case 0:
      return isSingleSegment ? BigInt(frame.getUint8(at)) : null;
    case 1:
      return BigInt(frame.getUint16(at, true) + 256);
    case 2:
      return BigInt(frame.getUint32(at, true));
    default:
      return frame.getBigUint64(at, true);
  }
}

/**
 * A message as it was before rosbag2 compressed it, which it says beside the files alone; no CDR begins as zstd does.
 *
 * Throws an Error for a frame without a size.
 */
export function decompressMessage(message: Uint8Array, zstd: Decompress): Uint8Array {
  const view = new DataView(message.buffer, message.byteOffset, message.byteLength);
  if (message.length < 4 || view.getUint32(0, true) !== zstdMagic) return message;
  const sizeBytes = zstdContentBytes(view);
  if (sizeBytes === null) throw new Error('a message compressed by zstd does not say its size');
  return zstd(message, sizeBytes);
}
