import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import sharp from 'sharp';
import { describe, expect, it, onTestFinished } from 'vitest';
import { loadFrames } from '#dist/camera/source.js';
import { readWholePicture } from '#dist/camera/pictureFolder.js';
import { checkJpegScans, countJpegScans } from '#dist/files/jpegScans.js';
import { openInput } from '#dist/offline/openInput.js';
import { PictureMemory } from '#dist/offline/pictureMemory.js';
import { OverlayPictures } from '#dist/record/overlayPictures.js';
import { makeRandom } from '../../support/random.js';

/** Noise, always the same, so that bytes 255 occur in coded data. */
const random = makeRandom(1);
const noise = sharp(
  Uint8Array.from({ length: 64 * 48 * 3 }, () => random() * 256),
  { raw: { width: 64, height: 48, channels: 3 } },
);

const soi = [0xff, 0xd8];
const eoi = [0xff, 0xd9];
/** A segment as ITU-T T.81 has it: marker, length with its own two bytes, content. */
const segment = (marker: number, content: ArrayLike<number>) => [
  ...[0xff, marker, (content.length + 2) >> 8, (content.length + 2) & 255],
  ...Array.from(content),
];
const scan = [...segment(0xda, [1, 1, 0, 1, 1, 0]), 0x12, 0xff, 0x00, 0xda, 0x34];

describe('the scans of a JPEG are counted', () => {
  // The script of libjpeg's jpeg_simple_progression: ten scans of three components, six of one.
  it.each([
    ['three components, one after the other', { progressive: true }, 'srgb', 10],
    ['one component, one after the other', { progressive: true }, 'b-w', 6],
    ['all at once', { progressive: false, quality: 100 }, 'srgb', 1],
  ])('%s', async (_, options, space, scans) => {
    const jpeg = await noise.clone().toColourspace(space).jpeg(options).toBuffer();
    expect(jpeg.includes(Buffer.from([0xff, 0x00]))).toBe(true);
    expect(countJpegScans(jpeg)).toBe(scans);
    // A camera's thumbnail, and what a telephone puts behind the picture.
    const inside = segment(0xe1, jpeg.subarray(0, 65_533));
    expect(countJpegScans(Buffer.from([...soi, ...inside, ...jpeg.subarray(2), ...jpeg]))).toBe(scans);
  });

  it.each<[name: string, bytes: number[], scans: number]>([
    ['with restarts between its data', [...soi, ...scan, 0xff, 0xd3, 0x55, 0xff, 0xd4, ...scan, ...eoi], 2],
    [
      'with fill bytes and rubbish before markers',
      [...soi, 1, 2, 0xff, 0xff, 0xff, ...scan.slice(1), ...eoi],
      1,
    ],
    ['without an end', [...soi, ...scan, ...scan], 2],
    ['cut inside of a segment', [...soi, ...scan.slice(0, 3)], 1],
    ['cut behind a byte 255', [...soi, ...scan, 0xff], 1],
    ['with a length that is none', [...soi, 0xff, 0xfe, 0, 0, ...scan, ...eoi], 1],
    ['of another kind', [0x89, 0x50, ...scan], 0],
    ['of no bytes', [], 0],
  ])('%s', (_, bytes, scans) => {
    expect(countJpegScans(Uint8Array.from(bytes))).toBe(scans);
  });
});

/** A progressive picture whose first scan comes so often that it has so many; sideways, as sharp has to turn it. */
async function withScans(count: number): Promise<Buffer> {
  const jpeg = await noise.clone().withMetadata({ orientation: 6 }).jpeg({ progressive: true }).toBuffer();
  const first = jpeg.indexOf(Buffer.from([0xff, 0xda]));
  const end = jpeg.indexOf(Buffer.from([0xff, 0xc4]), first);
  const more = Array.from({ length: count - 10 }, () => jpeg.subarray(first, end));
  return Buffer.concat([jpeg.subarray(0, first), ...more, jpeg.subarray(first)]);
}

describe('a JPEG of 101 scans is refused with both numbers, before it is decoded', () => {
  const refusal = 'scans.jpg has 101 scans; expected at most 100 in a JPEG';
  async function file(): Promise<{ folder: string; path: string }> {
    const folder = mkdtempSync(join(tmpdir(), 'scans-'));
    onTestFinished(() => rmSync(folder, { recursive: true }));
    writeFileSync(join(folder, 'scans.jpg'), await withScans(101));
    return { folder, path: join(folder, 'scans.jpg') };
  }

  it('and one of 100 is not', async () => {
    const bytes = await withScans(100);
    expect(() => checkJpegScans(bytes, 'scans.jpg')).not.toThrow();
  });

  it('by segment', async () => {
    const bytes = await withScans(101);
    const place = new PictureMemory(false).enter();
    const input = {
      kind: 'picture',
      path: 'scans.jpg',
      name: 'scans',
      sizeBytes: async () => 0,
      read: async () => bytes,
    } as const;
    await expect(openInput(input, { sequence: 0, frameId: '' }, place)).rejects.toMatchObject({
      code: 'source',
      message: refusal,
    });
  });

  it('by camera', async () => {
    const { folder } = await file();
    const size = { widthPx: 8, heightPx: 8, fit: 'contain', yuvRange: 'full' } as const;
    await expect(loadFrames(folder, size)).rejects.toThrow(refusal);
  });

  it('by what takes pictures in their size', async () => {
    await expect(readWholePicture((await file()).path, 'full')).rejects.toThrow(refusal);
  });

  it('by record, of an overlay', async () => {
    const { folder } = await file();
    const pictures = new OverlayPictures(folder, 1, 1);
    pictures.offer(await withScans(101), true);
    expect(await pictures.finish()).toEqual({
      files: [],
      faults: [expect.stringContaining('the overlay has 101 scans; expected at most 100')],
    });
  });
});
