// Output tensors of real ONNX files on real pictures, for tests and benchmarks of the post-processing alone.
import ort from 'onnxruntime-node';
import sharp from 'sharp';
import { solveLetterbox } from '../../dist/core/geometry.js';
import { packedSpec } from '../../dist/core/tensor.js';

/**
 * @typedef {import('../../dist/core/tensor.js').TensorView} TensorView
 * @typedef {{ geometry: import('../../dist/core/geometry.js').LetterboxGeometry, tensors: TensorView[] }} ModelOutput
 */

const grey = { r: 114, g: 114, b: 114 };

/**
 * @param {string} picturePath
 * @param {number} widthPx
 * @param {number} heightPx
 */
async function letterboxed(picturePath, widthPx, heightPx) {
  const picture = sharp(picturePath).removeAlpha().toColourspace('srgb');
  const { width, height } = await picture.metadata();
  // The geometry wants even sizes; an odd last row or column is cut off.
  const sourceWidthPx = width & ~1;
  const sourceHeightPx = height & ~1;
  const geometry = solveLetterbox(sourceWidthPx, sourceHeightPx, widthPx, heightPx);
  const { contentWidthPx, contentHeightPx, padXPx, padYPx } = geometry;
  const pixels = await picture
    .extract({ left: 0, top: 0, width: sourceWidthPx, height: sourceHeightPx })
    .resize(contentWidthPx, contentHeightPx, { fit: 'fill', kernel: 'linear' })
    .extend({
      left: padXPx,
      top: padYPx,
      right: widthPx - contentWidthPx - padXPx,
      bottom: heightPx - contentHeightPx - padYPx,
      background: grey,
    })
    .raw()
    .toBuffer();
  const planeElems = widthPx * heightPx;
  const planar = new Float32Array(planeElems * 3);
  for (let pixel = 0; pixel < planeElems; pixel++) {
    for (let channel = 0; channel < 3; channel++) {
      planar[channel * planeElems + pixel] = pixels[pixel * 3 + channel] / 255;
    }
  }
  return { geometry, planar };
}

/**
 * Opens an ONNX file on one CPU thread.
 *
 * @param {string} modelPath
 */
export async function openModel(modelPath) {
  const session = await ort.InferenceSession.create(modelPath, {
    executionProviders: ['cpu'],
    intraOpNumThreads: 1,
    interOpNumThreads: 1,
  });
  const [input] = session.inputMetadata;
  if (!input?.isTensor) throw new Error(`${modelPath}: the input is no tensor`);
  const [heightPx, widthPx] = input.shape.slice(2).map(Number);
  return {
    inputWidthPx: widthPx,
    inputHeightPx: heightPx,
    /**
     * Letterboxes a picture file and runs the model; the outputs are copies.
     *
     * @param {string} picturePath
     * @returns {Promise<ModelOutput>}
     */
    async run(picturePath) {
      const { geometry, planar } = await letterboxed(picturePath, widthPx, heightPx);
      const feeds = { [session.inputNames[0]]: new ort.Tensor('float32', planar, [1, 3, heightPx, widthPx]) };
      const outputs = await session.run(feeds);
      const tensors = session.outputNames.map((name) => {
        const { dims, data } = outputs[name];
        if (!(data instanceof Int32Array) && !(data instanceof Float32Array)) {
          throw new Error(`${modelPath}: output ${name} is neither float32 nor int32`);
        }
        const type = data instanceof Int32Array ? 's32' : 'f32';
        return { spec: packedSpec(name, [...dims], type), data: data.slice() };
      });
      return { geometry, tensors };
    },
    close: () => session.release(),
  };
}
