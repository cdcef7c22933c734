import { workerData } from 'node:worker_threads';
import sharp from 'sharp';
import type { LinkSetup } from '../threads/protocol.js';
import { serve } from '../threads/serve.js';
import { OverlayPainter } from './draw.js';
import { pictureOf, rgbOf } from './picture.js';
import type { DrawnPicture, DrawRequest } from './protocol.js';

// One picture at a time on one core: the others belong to inference.
sharp.concurrency(1);
sharp.cache(false);

const painter = new OverlayPainter();

/** Huffman tables made to measure cost 16.3 instead of 6.8 ms at 1080p and save 0.8 % of the bytes. */
function toJpeg(rgb: Uint8Array, width: number, height: number, quality: number): Promise<Buffer> {
  return sharp(rgb, { raw: { width, height, channels: 3 } })
    .jpeg({ quality, optimizeCoding: false })
    .toBuffer();
}

async function draw({
  rgba,
  widthPx,
  heightPx,
  content,
  raw,
  jpegQuality,
}: DrawRequest): Promise<DrawnPicture> {
  const picture = new Uint8Array(rgba);
  painter.paint(picture, widthPx, heightPx, content);
  const rgb = rgbOf(pictureOf(picture, widthPx, heightPx));
  const jpeg =
    jpegQuality === null ? null : new Uint8Array(await toJpeg(rgb, widthPx, heightPx, jpegQuality));
  return { rgb: raw ? rgb : null, jpeg };
}

const { port } = workerData as LinkSetup;
serve<DrawRequest, null, DrawnPicture>(port, null, {
  run: draw,
  returned: ({ rgba }) => [rgba],
  transferred: ({ rgb, jpeg }) => [rgb, jpeg].flatMap((bytes) => (bytes === null ? [] : [bytes.buffer])),
});
