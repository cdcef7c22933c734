import { DepthError } from '../core/errors.js';
import type { SizePx } from '../core/geometry.js';
import { limits } from '../core/limits.js';
import { valueText } from '../core/words.js';

/** Depths of pixels, packed rows. */
export interface DepthPicture extends SizePx {
  readonly stampNs: bigint;
  /** The optical frame it was taken in. */
  readonly frameId: string;
  /** Metres of a value of 1. */
  readonly unitM: number;
  /**
   * [heightPx, widthPx] z in units; 0, NaN and infinities where there is none. Shared between threads, and not changed while
   * somebody holds it.
   */
  readonly values: Uint16Array | Float32Array;
}

/** What a sensor_msgs/Image says of itself, read and not judged. */
export interface DepthImageFields extends SizePx {
  readonly stampNs: bigint;
  readonly frameId: string;
  readonly encoding: string;
  readonly isBigEndian: boolean;
  readonly stepBytes: number;
  readonly data: Uint8Array;
}

interface DepthEncoding {
  readonly unitM: number;
  readonly valueBytes: number;
  readonly make: (buffer: SharedArrayBuffer) => Uint16Array | Float32Array;
}

const millimetres: DepthEncoding = {
  unitM: 0.001,
  valueBytes: 2,
  make: (buffer) => new Uint16Array(buffer),
};

/** REP 118's two, and the name by which hobot_stereonet calls the first. */
const encodings: ReadonlyMap<string, DepthEncoding> = new Map([
  ['mono16', millimetres],
  ['16UC1', millimetres],
  ['32FC1', { unitM: 1, valueBytes: 4, make: (buffer) => new Float32Array(buffer) }],
]);

/**
 * Copies the depths out of a message into memory that threads share.
 *
 * A step of 0 means rows without gaps. Throws DepthError `encoding`, `byte_order`, `size`, `step` or `data_size`.
 *
 * @param memoryOf Where the depths of a picture that can be read go, of exactly so many bytes.
 */
export function readDepthPicture(
  image: DepthImageFields,
  memoryOf: (sizeBytes: number) => SharedArrayBuffer,
): DepthPicture {
  const { widthPx, heightPx, encoding, stepBytes, data, stampNs, frameId } = image;
  const known = encodings.get(encoding);
  if (known === undefined) {
    const what = `encoding is ${valueText(encoding)}; expected mono16 or 16UC1 (millimetres), or 32FC1 (metres)`;
    throw new DepthError('encoding', what, { encoding });
  }
  if (image.isBigEndian) {
    throw new DepthError('byte_order', `is_bigendian is true; expected ${encoding} in little endian`);
  }
  const { unitM, valueBytes, make } = known;
  const isSide = (px: number) => px >= 1 && px <= limits.depthSidePx;
  if (!isSide(widthPx) || !isSide(heightPx)) {
    const what = `size is ${widthPx} x ${heightPx}; expected 1 to ${limits.depthSidePx} pixels`;
    throw new DepthError('size', what, { widthPx, heightPx });
  }
  const rowBytes = widthPx * valueBytes;
  const strideBytes = stepBytes === 0 ? rowBytes : stepBytes;
  if (strideBytes < rowBytes) {
    const what = `step is ${stepBytes} bytes; expected 0 or at least ${rowBytes} (${widthPx} px of ${encoding})`;
    throw new DepthError('step', what, { stepBytes, rowBytes });
  }
  const neededBytes = strideBytes * (heightPx - 1) + rowBytes;
  if (data.length < neededBytes) {
    const what = `data has ${data.length} bytes; ${widthPx} x ${heightPx} of ${encoding} with step ${strideBytes} needs ${neededBytes}`;
    throw new DepthError('data_size', what, { dataSizeBytes: data.length, neededBytes });
  }
  const values = make(memoryOf(rowBytes * heightPx));
  const bytes = new Uint8Array(values.buffer);
  if (strideBytes === rowBytes) bytes.set(data.subarray(0, bytes.length));
  else {
    for (let row = 0; row < heightPx; row++) {
      bytes.set(data.subarray(row * strideBytes, row * strideBytes + rowBytes), row * rowBytes);
    }
  }
  return { widthPx, heightPx, stampNs, frameId, unitM, values };
}
