// Drawing and encoding the overlay, and writing the messages, on a real result. Called by `npm run bench`.
import { fileURLToPath } from 'node:url';
import sharp from 'sharp';
import { openSession } from '#dist/backends/registry.js';
import { CdrWriter } from '#dist/messages/cdrWriter.js';
import { writeDetections } from '#dist/messages/detections.js';
import { writeJpegImage, writeRgbImage } from '#dist/messages/image.js';
import { writeMasks } from '#dist/messages/masks.js';
import { closeFrame, rgbToNv12, wrapNv12 } from '#dist/native/core.js';
import { OverlayPainter } from '#dist/render/draw.js';
import { pictureOf, rgbOf } from '#dist/render/picture.js';

const assets = fileURLToPath(new URL('../../assets/', import.meta.url));
const rounds = 40;
const preview = { widthPx: 960, heightPx: 540 };

async function realResult() {
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
  const thresholds = { scoreThreshold: 0.25, iouThreshold: 0.7, maxDetections: 100 };
  const others = { classes: null, classAgnosticNms: false, contourTolerancePx: null };
  const result = await session.run(prepared, { ...thresholds, ...others });
  await session.close();
  return { result, classNames: session.model.classNames, rgb: new Uint8Array(data) };
}

async function medianMs(work) {
  const times = [];
  for (let round = -10; round < rounds; round++) {
    const startMs = performance.now();
    await work();
    if (round >= 0) times.push(performance.now() - startMs);
  }
  return times.sort((a, b) => a - b)[rounds >> 1];
}

/**
 * Medians in milliseconds of the calling thread, JPEG with its pool thread.
 * @returns {Promise<{ name: string, medianMs: number }[]>}
 */
export async function run() {
  const { result, classNames, rgb } = await realResult();
  const { header, instances } = result;
  const painter = new OverlayPainter();
  const content = {
    instances,
    sourceWidthPx: header.widthPx,
    sourceHeightPx: header.heightPx,
    classNames,
    statusLine: ['in 30 out 23 Hz', 'age 65/95 ms', 'prep 2.2 infer 37 post 0.7 ms', 'drops 27'],
  };
  const rows = [];
  const add = async (name, work) =>
    rows.push({ name, medianMs: await medianMs(work), objects: instances.count });
  for (const { widthPx, heightPx } of [preview, header]) {
    const size = `${widthPx}x${heightPx}`;
    const rgba = new Uint8Array(widthPx * heightPx * 4).fill(90);
    await add(`draw ${size}`, () => painter.paint(rgba, widthPx, heightPx, content));
    await add(`RGB bytes ${size}`, () => rgbOf(pictureOf(rgba, widthPx, heightPx)));
    const raw = await sharp(rgb, { raw: { width: header.widthPx, height: header.heightPx, channels: 3 } })
      .resize(widthPx, heightPx)
      .raw()
      .toBuffer();
    const image = () => sharp(raw, { raw: { width: widthPx, height: heightPx, channels: 3 } });
    const quality = { quality: 80, optimizeCoding: false };
    await add(`JPEG ${size}`, () => image().jpeg(quality).toBuffer());
    await add(`JPEG ${size}, sharp's defaults`, () => image().jpeg({ quality: 80 }).toBuffer());
    const writer = new CdrWriter();
    await add(`message Image ${size}`, () => writeRgbImage(writer, header, { widthPx, heightPx, rgb: raw }));
    const jpeg = await image().jpeg(quality).toBuffer();
    await add(`message CompressedImage ${size}`, () => writeJpegImage(writer, header, jpeg));
  }
  const writer = new CdrWriter();
  const text = { classNames, classIdText: 'name' };
  await add('message Detection2DArray', () => writeDetections(writer, result, text));
  for (const encoding of ['mono8', 'rle']) {
    await add(`message InstanceMaskArray ${encoding}`, () =>
      writeMasks(writer, result, { ...text, encoding }),
    );
  }
  return rows;
}
