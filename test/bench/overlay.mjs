// Drawing and encoding the overlay, and writing the messages, on a real result. Called by `npm run bench`.
import sharp from 'sharp';
import { CdrWriter } from '#dist/messages/cdrWriter.js';
import { writeDetections } from '#dist/messages/detections.js';
import { writeJpegImage, writeRgbImage } from '#dist/messages/image.js';
import { writeMasks } from '#dist/messages/masks.js';
import { OverlayPainter } from '#dist/render/draw.js';
import { pictureOf, rgbOf } from '#dist/render/picture.js';
import { realResult } from './support/realResult.mjs';

const rounds = 40;
const preview = { widthPx: 960, heightPx: 540 };

/** @param {() => unknown} work */
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
  const { result, model, rgb } = await realResult();
  const { classNames } = model;
  const { header, instances } = result;
  const painter = new OverlayPainter();
  const content = {
    instances,
    tracks: null,
    sourceWidthPx: header.widthPx,
    sourceHeightPx: header.heightPx,
    classNames,
    distancesM: null,
    statusLine: ['in 30 out 23 Hz', 'age 65/95 ms', 'prep 2.2 infer 37 post 0.7 ms', 'drops 27'],
  };
  /** @type {{ name: string, medianMs: number, objects: number }[]} */
  const rows = [];
  /**
   * @param {string} name
   * @param {() => unknown} work
   */
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
  const text = { classNames, classIdText: /** @type {const} */ ('name') };
  await add('message Detection2DArray', () => writeDetections(writer, result, text));
  for (const encoding of /** @type {const} */ (['mono8', 'rle'])) {
    await add(`message InstanceMaskArray ${encoding}`, () =>
      writeMasks(writer, result, { ...text, encoding, contours: false }),
    );
  }
  return rows;
}
