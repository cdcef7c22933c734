import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { LetterboxGeometry } from '#dist/core/geometry.js';
import type { Instances } from '#dist/core/result.js';
import { rasterizeMask } from '#dist/core/spans.js';
import { resolveHeads } from '#dist/model/heads.js';
import { Postprocessor } from '#dist/postprocess/postprocess.js';
import { openModel } from '../../oracle/models.mjs';
import { defaultOptions } from './build.js';
import { goldenNames, loadGolden } from './fixtures.js';
import { curvePx, distanceToRings, expectSound, fillRings, type Point, ringsOf } from './rings.js';

/** Fills the contours of every mask and compares with its spans, pixel by pixel. */
function compareWithMasks(instances: Instances, { sourceWidthPx, sourceHeightPx }: LetterboxGeometry): void {
  const rect = { xPx: 0, yPx: 0, widthPx: sourceWidthPx, heightPx: sourceHeightPx };
  const mask = new Uint8Array(sourceWidthPx * sourceHeightPx);
  for (let index = 0; index < instances.count; index++) {
    rasterizeMask(instances, index, rect, mask);
    const rings = ringsOf(instances, index);
    const filled = fillRings(rings, sourceWidthPx, sourceHeightPx);
    let union = 0;
    let different = 0;
    for (let at = 0; at < mask.length; at++) {
      const isIn = mask[at] > 0;
      if (isIn || filled[at] === 1) union++;
      if (isIn === (filled[at] === 1)) continue;
      different++;
      const centre: Point = [(at % sourceWidthPx) + 0.5, Math.floor(at / sourceWidthPx) + 0.5];
      expect(distanceToRings(rings, centre)).toBeLessThan(curvePx);
    }
    // One pixel on the very edge decides where a mask has few.
    if (different > 1)
      expect(1 - different / union, `mask ${index} of ${union} pixels`).toBeGreaterThan(0.995);
  }
}

describe.each(goldenNames)('contours of the demo model, picture %s', (name) => {
  const golden = loadGolden(name);
  const specs = golden.views.map((view) => view.spec);
  const postprocessor = new Postprocessor(resolveHeads(specs, { widthPx: 320, heightPx: 320 }));

  it('filled are the masks', () => {
    const options = { ...defaultOptions, contourTolerancePx: 0 };
    const { instances } = postprocessor.run(golden.views, golden.geometry, options);
    expect(instances.count).toBeGreaterThan(1);
    expectSound(instances);
    compareWithMasks(instances, golden.geometry);
  });
});

const folder = process.env.RDK_YOLO_SEG_DATA ?? '';
const modelPath = join(folder, 'models/yolov8n-seg-rdk-w8.onnx');
const isMissing = folder === '' || !existsSync(modelPath);

describe.skipIf(isMissing)(
  `contours of real pictures${isMissing ? ' (skipped: RDK_YOLO_SEG_DATA not set)' : ''}`,
  () => {
    it('filled are the masks', { timeout: 60_000 }, async () => {
      const session = await openModel(modelPath);
      let postprocessor: Postprocessor | undefined;
      for (const picture of ['images/bus.jpg', 'images/zidane.jpg', 'coco24/images/000000184324.jpg']) {
        const { tensors, geometry } = await session.run(join(folder, picture));
        const specs = tensors.map((view) => view.spec);
        postprocessor ??= new Postprocessor(resolveHeads(specs, { widthPx: 640, heightPx: 640 }));
        const options = { ...defaultOptions, contourTolerancePx: 0 };
        const { instances } = postprocessor.run(tensors, geometry, options);
        expect(instances.count).toBeGreaterThan(2);
        compareWithMasks(instances, geometry);
      }
      await session.close();
    });
  },
);
