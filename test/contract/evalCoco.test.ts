import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { evaluate, readFigures } from './evalRuns.js';

const data = process.env.RDK_YOLO_SEG_DATA ?? '';
if (data === '') console.log('skipped: RDK_YOLO_SEG_DATA not set (eval on pictures of COCO)');

/** Box and mask AP of a numpy reference and pycocotools, from the README of the data, and of results by `segment`. */
const references = [
  { protocol: 'ultralytics', box: 0.389, mask: 0.337 },
  { protocol: 'node', box: 0.374, mask: 0.318 },
];

describe.skipIf(data === '')('eval on pictures of COCO', () => {
  it.each(references)(
    'finds the AP of the reference by the protocol $protocol',
    ({ protocol, box, mask }) => {
      const more = ['--model', join(data, 'models/yolov8n-seg-rdk-w8.onnx'), '--class-names', 'coco'];
      const images = ['--images', join(data, 'coco24/images'), '--protocol', protocol];
      const ended = evaluate(
        join(data, 'coco24/instances_val2017_subset.json'),
        protocol,
        ...more,
        ...images,
      );
      expect(ended).toMatchObject({ status: 0 });
      const { models, pictures, objects } = readFigures(protocol);
      expect({ pictures, objects }).toEqual({ pictures: 24, objects: 249 });
      expect(Math.abs(models[0]!.box.ap - box)).toBeLessThan(0.0025);
      expect(Math.abs(models[0]!.mask.ap - mask)).toBeLessThan(0.0025);
    },
    180_000,
  );
});
