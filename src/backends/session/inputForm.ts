import { type LetterboxRequest, letterboxNv12, letterboxRgbPlanar } from '../../native/core.js';

/**
 * What a prepared model input holds, packed.
 *
 * rgb: [3, H, W] f32 planes R, G, B in 0..1, as ONNX models take it; nv12: [H * 3 / 2, W] bytes, as models of
 * the BPU take it.
 */
export type InputForm = 'rgb' | 'nv12';

/** How a model input may hold its picture: `rgb` as float planes, `nv12` as bytes. */
export const inputForms = ['rgb', 'nv12'] as const satisfies readonly InputForm[];

/** Size of a model's input picture. */
export interface InputSize {
  readonly inputWidthPx: number;
  readonly inputHeightPx: number;
}

/** Bytes of a model input of this form and size. */
export function inputBytes(form: InputForm, { inputWidthPx, inputHeightPx }: InputSize): number {
  const pixels = inputWidthPx * inputHeightPx;
  return form === 'rgb' ? pixels * 3 * Float32Array.BYTES_PER_ELEMENT : (pixels * 3) / 2;
}

/** Letterboxes a frame into a model input of `inputBytes` bytes. Rejects as the native calls do. */
export async function writeInput(
  form: InputForm,
  request: LetterboxRequest,
  output: ArrayBuffer,
): Promise<void> {
  if (form === 'rgb') await letterboxRgbPlanar({ ...request, output });
  else {
    const pitchBytes = request.geometry.modelWidthPx;
    await letterboxNv12({ ...request, output: new Uint8Array(output), pitchBytes });
  }
}

/** The grey around a picture in the model input, of 255: models are trained with it. */
export const paddingGrey = 114;

/** The grey input that a session of the BPU runs at its opening: no colour. */
export function greyInput(form: InputForm, size: InputSize): ArrayBuffer {
  const input = new ArrayBuffer(inputBytes(form, size));
  if (form === 'rgb') new Float32Array(input).fill(paddingGrey / 255);
  else new Uint8Array(input).fill(128).fill(paddingGrey, 0, size.inputWidthPx * size.inputHeightPx);
  return input;
}
