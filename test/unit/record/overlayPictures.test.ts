import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import sharp from 'sharp';
import { expect, it, onTestFinished } from 'vitest';
import { OverlayPictures } from '#dist/record/overlayPictures.js';

function testFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'overlays-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/** A picture of one grey level, to be told by it. */
function jpeg(level: number): Promise<Buffer> {
  const background = { r: level, g: level, b: level };
  return sharp({ create: { width: 8, height: 8, channels: 3, background } })
    .jpeg()
    .toBuffer();
}

it('every n-th overlay is saved, the next with objects where that one has none', async () => {
  const folder = testFolder();
  const pictures = new OverlayPictures(folder, 3, 3);
  // With objects: 1, 2, 3, then 6 and on; of these 1, the third after it or the next, and so on.
  for (const [level, hasObjects] of [
    false,
    true,
    true,
    true,
    false,
    false,
    true,
    true,
    true,
    true,
    true,
    true,
    true,
  ].entries()) {
    pictures.offer(await jpeg(level * 10), hasObjects);
  }
  const { files, faults } = await pictures.finish();
  expect(faults).toEqual([]);
  expect(files.map((file) => file.slice(folder.length + 1))).toEqual(readdirSync(folder).sort());
  const levels = await Promise.all(
    files.map(async (file) => Math.round((await sharp(file).raw().toBuffer())[0]! / 10)),
  );
  expect(levels).toEqual([1, 6, 9]);
});

it('pictures of an earlier recording go, other files stay', async () => {
  const folder = testFolder();
  for (const name of ['overlay_00.png', 'overlay_05.png', 'overlay_05.jpg', 'my_overlay_05.png']) {
    writeFileSync(join(folder, name), '');
  }
  const pictures = new OverlayPictures(folder, 1, 1);
  pictures.offer(await jpeg(10), false);
  expect(await pictures.finish()).toEqual({ files: [], faults: [] });
  expect(readdirSync(folder).sort()).toEqual(['my_overlay_05.png', 'overlay_05.jpg']);
});

it('one that cannot be decoded or written is told at the end with its path; the others are saved', async () => {
  const folder = testFolder();
  const pictures = new OverlayPictures(folder, 1, 3);
  pictures.offer(Buffer.from('no picture'), true);
  pictures.offer(await jpeg(10), true);
  // As on a disk that fills: there is no room for this name.
  mkdirSync(join(folder, 'overlay_02.png'));
  pictures.offer(await jpeg(20), true);
  // Rejections that nobody has taken by now would end the process.
  await new Promise((resolve) => setTimeout(resolve, 100));
  const { files, faults } = await pictures.finish();
  expect(files).toEqual([join(folder, 'overlay_01.png')]);
  expect(faults).toEqual([
    expect.stringMatching(/overlay_00\.png: .*unsupported image format/),
    expect.stringContaining('overlay_02.png: '),
  ]);
});
