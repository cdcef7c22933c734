// A real result: the objects the bundled model finds in one of the bundled scenes.
import { fileURLToPath } from 'node:url';
import sharp from 'sharp';
import { openSession } from '#dist/backends/registry.js';
import { closeFrame, rgbToNv12, wrapNv12 } from '#dist/native/core.js';

const assets = fileURLToPath(new URL('../../../assets/', import.meta.url));

/** @returns {Promise<{ result: object, model: object, rgb: Uint8Array }>} seven objects, and the picture in packed RGB */
export async function realResult() {
  const { data, info } = await sharp(`${assets}scenes/scene_010.jpg`)
    .raw()
    .toBuffer({ resolveWithObject: true });
  const { width: widthPx, height: heightPx } = info;
  const bytes = new Uint8Array((widthPx * heightPx * 3) / 2);
  await rgbToNv12({ rgb: new Uint8Array(data), widthPx, heightPx, yuvRange: 'full', output: bytes });
  const strides = { yStrideBytes: widthPx, uvStrideBytes: widthPx, uvOffsetBytes: widthPx * heightPx };
  const native = wrapNv12(bytes, { widthPx, heightPx, ...strides });
  const session = await openSession('auto', {
    modelPath: `${assets}models/shapes-seg.onnx`,
    classNames: null,
    preprocess: { resizeMode: 'letterbox', yuvRange: 'full', scaleFilter: 'auto' },
    tasksInFlight: 1,
    threads: 1,
  });
  const header = { stampNs: 1n, frameId: 'camera', sequence: 0, widthPx, heightPx };
  const prepared = await session.prepare({ header, native, takenMs: performance.now(), loaned: false }, null);
  closeFrame(native);
  const thresholds = { scoreThreshold: 0.25, iouThreshold: 0.7, nms: 'auto', maxDetections: 100 };
  const others = { classes: null, classAgnosticNms: false, contourTolerancePx: null };
  const result = await session.run(prepared, { ...thresholds, ...others });
  await session.close();
  return { result, model: session.model, rgb: new Uint8Array(data) };
}
