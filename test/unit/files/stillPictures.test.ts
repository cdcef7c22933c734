import { describe, expect, it } from 'vitest';
import { sharp } from '#dist/files/stillPictures.js';

const size = { width: 32, height: 24 };
const green = sharp({ create: { ...size, channels: 3, background: '#00ff00' } });

describe('a still picture, by what it holds and not by its name', () => {
  it.each(['jpeg', 'png', 'webp', 'tiff', 'avif'] as const)('of %s is opened', async (format) => {
    const picture = sharp(await green.clone()[format]().toBuffer());
    expect(await picture.metadata()).toMatchObject({ ...size, format: format === 'avif' ? 'heif' : format });
    const { data, info } = await picture.raw().toBuffer({ resolveWithObject: true });
    expect(data).toHaveLength(size.width * size.height * info.channels);
    expect(data[1]).toBeGreaterThan(250);
  });

  it.each([
    ['SVG', Buffer.from('<svg xmlns="http://www.w3.org/2000/svg" width="32" height="24"><rect/></svg>')],
    ['GIF', Buffer.from('R0lGODlhAQABAIAAAAAAAP///yH5BAAAAAAALAAAAAABAAEAAAIBRAA7', 'base64')],
  ])('of %s is refused', async (_, bytes) => {
    await expect(sharp(bytes).metadata()).rejects.toThrow('unsupported image format');
    await expect(sharp(bytes).raw().toBuffer()).rejects.toThrow('unsupported image format');
  });
});
