import { expect, it } from 'vitest';
import { CameraDescription } from '#dist/depth/cameraDescription.js';
import type { CameraInfoFields } from '#dist/depth/pinhole.js';

const sized = (widthPx: number, heightPx: number) => ({ widthPx, heightPx });
const [large, small] = [sized(640, 360), sized(320, 180)];
const infoOf = (size: { widthPx: number; heightPx: number }): CameraInfoFields => ({
  frameId: 'optical',
  ...size,
  k: [],
  p: [],
  binningX: 0,
  binningY: 0,
  roi: { xPx: 0, yPx: 0, widthPx: 0, heightPx: 0 },
});
const described = () => new CameraDescription('depth picture');

it('an info tells of pictures of its own size, and of those of another that it comes with', () => {
  const description = described();
  description.tell(infoOf(large));
  expect(description.isUpToDate).toBe(true);
  description.see(small);
  expect([description.whyUnfit(large), description.whyUnfit(small)]).toEqual([null, null]);
  description.tell(infoOf(large));
  expect(description.isUpToDate).toBe(true);
});

it('pictures that change their size are refused with all sizes, until an info comes with them', () => {
  const description = described();
  description.see(large);
  description.tell(infoOf(large));
  description.see(small);
  expect(description.isUpToDate).toBe(false);
  expect(description.whyUnfit(small)).toBe(
    'the depth picture is 320 x 180, but the last camera_info is of 640 x 360 and it came with pictures of 640 x 360: one that comes with pictures of 320 x 180 is waited for',
  );
  expect(description.whyUnfit(large)).toBeNull();
  description.tell(infoOf(large));
  expect(description.isUpToDate).toBe(true);
});

it('an info of a new size says nothing of pictures before it', () => {
  const description = described();
  description.see(large);
  description.tell(infoOf(large));
  description.tell(infoOf(small));
  expect(description.whyUnfit(large)).toContain('of 320 x 180 and no picture has come since');
  expect(description.whyUnfit(small)).toBeNull();
});

it('an info without a size is judged by the pictures that it comes with', () => {
  const description = described();
  description.see(large);
  description.tell(infoOf(sized(0, 0)));
  expect(description.whyUnfit(large)).toBeNull();
  expect(description.whyUnfit(small)).toContain('320 x 180');
});
