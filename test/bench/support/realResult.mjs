// A real result: the objects the bundled model finds in one of the bundled scenes.
import { fileURLToPath } from 'node:url';
import sharp from 'sharp';
import { openSession } from '#dist/backends/registry.js';
import { pictureAsFrame } from '#dist/camera/pictureFrame.js';
import { toPostprocessOptions, toSessionOptions } from '#dist/config/options.js';
import { ParameterStore } from '#dist/config/store.js';
import { rgbToNv12 } from '#dist/native/core.js';

/** The node's defaults. */
const { values } = new ParameterStore();

const assets = fileURLToPath(new URL('../../../assets/', import.meta.url));

/**
 * @returns {Promise<{ result: import('#dist/core/result.js').FrameResult, model: import('#dist/core/ports.js').ModelInfo,
 *   rgb: Uint8Array }>} seven objects, and the picture in packed RGB
 */
export async function realResult() {
  const { data, info } = await sharp(`${assets}scenes/scene_010.jpg`)
    .raw()
    .toBuffer({ resolveWithObject: true });
  const { width: widthPx, height: heightPx } = info;
  const bytes = new Uint8Array((widthPx * heightPx * 3) / 2);
  await rgbToNv12({ rgb: new Uint8Array(data), widthPx, heightPx, yuvRange: 'full', output: bytes });
  const session = await openSession('auto', {
    ...toSessionOptions(values, `${assets}models/shapes-seg.onnx`),
    tasksInFlight: 1,
    threads: 1,
  });
  const header = { stampNs: 1n, frameId: values.frame_id, sequence: 0, widthPx, heightPx };
  const frame = { ...pictureAsFrame({ name: 'scene_010', widthPx, heightPx, nv12: bytes }, 0), header };
  const prepared = await session.prepare(frame, null);
  frame.close();
  const result = await session.run(prepared, toPostprocessOptions(values, session.model.classNames));
  await session.close();
  return { result, model: session.model, rgb: new Uint8Array(data) };
}
