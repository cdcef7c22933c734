// A real result: the objects the bundled model finds in one of the bundled scenes.
import { fileURLToPath } from 'node:url';
import sharp from 'sharp';
import { openSession } from '#dist/backends/registry.js';
import { toPostprocessOptions, toSessionOptions } from '#dist/config/options.js';
import { ParameterStore } from '#dist/config/store.js';
import { closeFrame, rgbToNv12, wrapNv12 } from '#dist/native/core.js';

/** The node's defaults. */
const { values } = new ParameterStore();

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
    ...toSessionOptions(values, `${assets}models/shapes-seg.onnx`),
    threads: 1,
  });
  const header = { stampNs: 1n, frameId: values.frame_id, sequence: 0, widthPx, heightPx };
  const prepared = await session.prepare({ header, native, takenMs: performance.now(), loaned: false }, null);
  closeFrame(native);
  const result = await session.run(prepared, toPostprocessOptions(values, session.model.classNames));
  await session.close();
  return { result, model: session.model, rgb: new Uint8Array(data) };
}
