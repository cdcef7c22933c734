import type { PreprocessOptions, YuvRange } from '../../core/ports.js';
import { closeFrame, packedLayout, wrapNv12 } from '../../native/core.js';
import { GeometrySolver } from '../session/geometrySolver.js';
import { type InputForm, type InputSize, inputBytes, writeInput } from '../session/inputForm.js';

/** A picture as a camera would send it. */
export interface Nv12Picture {
  readonly name: string;
  /** Even. */
  readonly widthPx: number;
  /** Even. */
  readonly heightPx: number;
  /** [heightPx * 3 / 2 * widthPx] packed NV12. */
  readonly nv12: Uint8Array;
}

/** The model input of a picture, the bytes a session prepares from a frame with the same pixels. */
export async function preparePicture(
  { widthPx, heightPx, nv12 }: Nv12Picture,
  form: InputForm,
  size: InputSize,
  { resizeMode, yuvRange, scaleFilter }: PreprocessOptions,
): Promise<ArrayBuffer> {
  const geometry = new GeometrySolver(size, resizeMode).solve({ widthPx, heightPx });
  const frame = wrapNv12(nv12, packedLayout(widthPx, heightPx));
  const output = new ArrayBuffer(inputBytes(form, size));
  try {
    await writeInput(form, { frame, geometry, filter: scaleFilter, yuvRange, preview: null }, output);
  } finally {
    closeFrame(frame);
  }
  return output;
}

/** A model input as RGB planes: itself, or an NV12 input converted without scaling. */
export async function rgbOf(
  input: ArrayBuffer,
  form: InputForm,
  size: InputSize,
  yuvRange: YuvRange,
): Promise<ArrayBuffer> {
  if (form === 'rgb') return input;
  const { inputWidthPx: widthPx, inputHeightPx: heightPx } = size;
  const picture = { name: '', widthPx, heightPx, nv12: new Uint8Array(input) };
  return preparePicture(picture, 'rgb', size, { resizeMode: 'stretch', yuvRange, scaleFilter: 'bilinear' });
}
