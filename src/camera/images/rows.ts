import { FrameError } from '../../core/errors.js';
import type { PictureFields } from '../../core/frame.js';

/** The size and layout fields of a header. */
export type FrameSizes = Pick<
  PictureFields,
  'widthPx' | 'heightPx' | 'stepBytes' | 'dataSizeBytes' | 'capacityBytes'
>;

/** Widest alignment of rows that camera hardware is known to pad to. */
const rowAlignmentBytes = 256;
/** Alignments of the number of rows. */
const heightAlignments = [8, 16, 32, 64];

function alignUp(value: number, alignment: number): number {
  return Math.ceil(value / alignment) * alignment;
}

/** The stride in bytes with which the rows would fill data_size exactly; null where that is no even number. */
function strideThatFills({ heightPx, dataSizeBytes }: FrameSizes): number | null {
  const strideBytes = (dataSizeBytes * 2) / 3 / heightPx;
  return Number.isInteger(strideBytes) && strideBytes % 2 === 0 ? strideBytes : null;
}

/** This many packed rows of Y would fill data_size, if the hardware pads their number; else null. */
function paddedHeight({ widthPx, heightPx, dataSizeBytes }: FrameSizes): number | null {
  const rows = (dataSizeBytes * 2) / 3 / widthPx;
  return heightAlignments.some((alignment) => rows === alignUp(heightPx, alignment)) ? rows : null;
}

/**
 * Bytes from row to row, where the header fits the message.
 *
 * A data_size above what width, height and step need has several causes. mipi_cam writes step = width and copies whole
 * planes, padding between the rows included: then data_size tells the rows. Others tell the whole data field, or
 * have spare bytes behind packed planes, as hobot_codec. Throws FrameError `data_size` where two of these fit.
 *
 * @param toldBytes What step says; the width where it says 0.
 */
export function resolveStrideBytes(sizes: FrameSizes, toldBytes: number): number {
  const { widthPx, heightPx, dataSizeBytes, capacityBytes } = sizes;
  if (dataSizeBytes === (toldBytes * heightPx * 3) / 2 || toldBytes > widthPx) return toldBytes;
  const strideBytes = strideThatFills(sizes);
  if (strideBytes === null) return toldBytes;
  const isPadding = strideBytes <= alignUp(widthPx, rowAlignmentBytes);
  const isWholeField = dataSizeBytes === capacityBytes;
  if (!isPadding && isWholeField) return toldBytes;
  const height = paddedHeight(sizes);
  if (isPadding && !isWholeField && height === null) return strideBytes;
  const other =
    height === null
      ? `${isWholeField ? 'the whole data field' : 'spare bytes'} behind packed rows`
      : `${height} packed rows of ${widthPx} bytes`;
  throw new FrameError(
    'data_size',
    `data_size is ${dataSizeBytes} for ${widthPx} x ${heightPx} with step ${sizes.stepBytes}: rows of ${strideBytes} ` +
      `bytes, or ${other}; set step to the bytes from row to row, or data_size to ${(toldBytes * heightPx * 3) / 2}`,
    { dataSizeBytes, widthPx, heightPx, strideBytes },
  );
}

/** What is to be told of a frame that was read otherwise than its header says, or whose header says too much; or null. */
export function explainRows(sizes: FrameSizes, strideBytes: number): string | null {
  const { widthPx, heightPx, stepBytes, dataSizeBytes, capacityBytes } = sizes;
  const size = `${widthPx} x ${heightPx}`;
  const toldBytes = stepBytes === 0 ? widthPx : stepBytes;
  if (strideBytes !== toldBytes)
    return `frames of ${size} say step ${stepBytes} but data_size ${dataSizeBytes}: read as rows of ${strideBytes} bytes, which fill it`;
  const neededBytes = (strideBytes * heightPx * 3) / 2;
  if (dataSizeBytes === neededBytes || dataSizeBytes === capacityBytes) return null;
  const height = strideBytes === widthPx ? paddedHeight(sizes) : null;
  const doubt =
    height === null
      ? 'if the picture is sheared or its colours are off, step is wrong'
      : `if its colours are shifted, the camera pads the picture to ${height} rows`;
  return `frames of ${size} with step ${stepBytes} need ${neededBytes} bytes and say ${dataSizeBytes}: read as planes that follow each other, the rest as spare bytes; ${doubt}`;
}
