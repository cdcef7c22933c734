// What the letterbox makes of pictures, and the same in float64 arithmetic from the definitions alone.
import type { PictureView } from '#dist/core/frame.js';
import { type LetterboxGeometry, solveLetterbox } from '#dist/core/geometry.js';
import { closeFrame, letterboxNv12, resolveFilter, wrapPicture } from '#dist/native/core.js';
import { noise, wave } from './pictures.js';
import { type Plane, resizeReference } from './resizeReference.js';

/** Width and height in pixels. */
export type Sides = readonly [number, number];
/** Where black and white lie in Y. */
export type Range = 'full' | 'limited';

/** Size of the model input. */
export const model: Sides = [128, 96];

/** Interleaved RGB, smooth with some noise. */
export function rgbPicture([widthPx, heightPx]: Sides): Plane {
  const channels = [wave(3, 2, 30), wave(2, 1, 200), wave(1, 3, 90)];
  const grain = noise(5);
  const values = new Uint8Array(widthPx * heightPx * 3);
  for (let i = 0; i < values.length; i++) {
    const x = Math.floor(i / 3) % widthPx;
    const y = Math.floor(i / 3 / widthPx);
    values[i] = Math.min(255, Math.max(0, channels[i % 3]!(x, y) + grain(x, y + (i % 3) * 1000) / 16 - 8));
  }
  return { widthPx, heightPx, channels: 3, values };
}

/** BT.601 of one pixel, Y from black and chroma around 128, not rounded. */
function yuvOf(red: number, green: number, blue: number, range: Range): readonly [number, number, number] {
  const luma = 0.299 * red + 0.587 * green + 0.114 * blue;
  const [black, yGain, chromaGain] = range === 'full' ? [0, 1, 1] : [16, 219 / 255, 224 / 255];
  return [
    black + luma * yGain,
    128 + ((blue - luma) / 1.772) * chromaGain,
    128 + ((red - luma) / 1.402) * chromaGain,
  ];
}

/** The content of the model input that packed colour gives, Y plane and then UV, not rounded. */
export function expectedOfColour(rgb: Plane, geometry: LetterboxGeometry, range: Range): Float64Array {
  const { contentWidthPx: width, contentHeightPx: height } = geometry;
  const scaled = resizeReference(rgb, width, height, resolveFilter('auto', geometry));
  const content = new Float64Array((width * height * 3) / 2);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const at = (y * width + x) * 3;
      const [luma, u, v] = yuvOf(scaled[at]!, scaled[at + 1]!, scaled[at + 2]!, range);
      content[y * width + x] = luma;
      const chroma = width * height + (y >> 1) * width + (x & ~1);
      content[chroma]! += u / 4;
      content[chroma + 1]! += v / 4;
    }
  }
  return content;
}

/** What the letterbox makes of a frame: the content only. */
export async function contentOf(
  bytes: Uint8Array,
  view: PictureView,
  range: Range,
  [modelWidth, modelHeight] = model,
) {
  const { frame, widthPx, heightPx } = wrapPicture(bytes, view);
  const geometry = solveLetterbox(widthPx, heightPx, modelWidth, modelHeight);
  const output = new Uint8Array((modelWidth * modelHeight * 3) / 2);
  try {
    await letterboxNv12({
      frame,
      geometry,
      filter: 'auto',
      yuvRange: range,
      preview: null,
      output,
      pitchBytes: modelWidth,
    });
  } finally {
    closeFrame(frame);
  }
  const { contentWidthPx, contentHeightPx, padXPx, padYPx } = geometry;
  const rows = [];
  for (let y = 0; y < contentHeightPx * 1.5; y++) {
    const row = y < contentHeightPx ? padYPx + y : modelHeight + padYPx / 2 + y - contentHeightPx;
    rows.push(output.subarray(row * modelWidth + padXPx, row * modelWidth + padXPx + contentWidthPx));
  }
  return { geometry, content: Buffer.concat(rows) };
}
