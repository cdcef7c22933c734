/**
 * sharp, as all of this program uses it: it opens five formats, by content, whatever a file is called.
 *
 * libvips opens many more. A vector picture (SVG) of some kilobytes can ask for minutes and any memory, and others start decoders that
 * no camera needs. What is not on the list is refused as an unsupported format before it is parsed.
 */
import sharp, { type Metadata, type Sharp } from 'sharp';

sharp.block({ operation: ['VipsForeignLoad'] });
sharp.unblock({
  operation: ['Jpeg', 'Png', 'Webp', 'Tiff', 'Heif'].map((format) => `VipsForeignLoad${format}`),
});

/** The formats that are opened, for messages; of HEIF libvips brings AVIF alone. */
export const stillFormats = 'JPEG, PNG, WebP, TIFF or AVIF';

export { type Metadata, type Sharp, sharp };
