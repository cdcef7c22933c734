import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { openSession } from '#dist/backends/registry.js';
import { cocoNames } from '#dist/model/cocoNames.js';
import type { YuvRange } from '#dist/core/ports.js';
import { defaultOptions } from '../support/defaultOptions.js';
import { sessionOptions } from './backendContract.js';
import { type ExpectedObject, expectWithin, measureGaps } from './found.js';
import { leaseOf, loadPicture, type Nv12Picture } from '../support/frames.js';

const data = process.env.RDK_YOLO_SEG_DATA;

/** Figures of a numpy reference with OpenCV's letterbox on the RGB pictures; from the README of the data. */
const references: Readonly<Record<string, readonly ExpectedObject[]>> = {
  'images/bus.jpg': [
    { name: 'bus', score: 0.8694, box: [20.3, 224.5, 796.6, 738.8] },
    { name: 'person', score: 0.8668, box: [217.6, 407.8, 345.7, 861.0] },
    { name: 'person', score: 0.7928, box: [50.7, 397.4, 245.5, 903.8] },
    { name: 'person', score: 0.7659, box: [669.3, 395.6, 810.0, 876.6] },
  ],
};

async function detect(modelPath: string, picture: Nv12Picture, yuvRange: YuvRange = 'full') {
  const preprocess = { resizeMode: 'letterbox', scaleFilter: 'bilinear', yuvRange } as const;
  const session = await openSession(
    'auto',
    sessionOptions(modelPath, { classNames: cocoNames, threads: 2, preprocess }),
  );
  const frame = leaseOf(picture);
  const prepared = await session.prepare(frame, null);
  frame.close();
  const result = await session.run(prepared, defaultOptions);
  await session.close();
  const { count, classIds, scores } = result.instances;
  const found = Array.from({ length: count }, (_, index) => ({
    name: session.model.classNames[classIds[index]!]!,
    score: scores[index]!,
  })).filter(({ score }) => score > 0.5);
  return { result, found, classNames: session.model.classNames };
}

function expectScores(
  found: readonly { readonly name: string; readonly score: number }[],
  name: string,
  wanted: readonly number[],
  tolerance = 0.03,
) {
  const scores = found.filter((object) => object.name === name).map((object) => object.score);
  expect(scores.length, `number of ${name}`).toBe(wanted.length);
  wanted.forEach((score, index) => {
    expect(Math.abs(scores[index]! - score), `${name} ${score}`).toBeLessThanOrEqual(tolerance);
  });
}

/** The measured figures, one line per picture. */
function report(file: string, picture: string, rows: readonly object[]): void {
  const short = (_key: string, value: unknown) =>
    typeof value === 'number' ? Number(value.toFixed(4)) : value;
  console.log(`${file} ${picture} ${JSON.stringify(rows, short)}`);
}

if (data === undefined) console.log('skipped: RDK_YOLO_SEG_DATA not set (accuracy on COCO pictures)');

describe.skipIf(data === undefined).each(['yolov8n-seg-rdk-w8.onnx', 'yolov8n-seg-ultra-w8.onnx'])(
  'accuracy of frame to result with %s',
  (file) => {
    const modelPath = join(data ?? '', 'models', file);

    it('bus.jpg: scores within 0.03, boxes within 6 px', async () => {
      const picture = await loadPicture(join(data!, 'images/bus.jpg'));
      const { result, found, classNames } = await detect(modelPath, picture);
      const gaps = measureGaps(result, classNames, references['images/bus.jpg']!, 0.5);
      report(file, 'bus.jpg', gaps);
      expectWithin(gaps, { score: 0.03, boxPx: 6 });
      expect(found).toHaveLength(4);
    });

    it('zidane.jpg: two persons and a tie', async () => {
      const { found } = await detect(modelPath, await loadPicture(join(data!, 'images/zidane.jpg')));
      report(file, 'zidane.jpg', found);
      expectScores(found, 'person', [0.821, 0.7905]);
      expectScores(found, 'tie', [0.6664]);
      expect(found).toHaveLength(3);
    });

    it('the NV12 frame of a camera: five persons and a car', async () => {
      const bytes = new Uint8Array(readFileSync(join(data!, 'nv12/960_544.nv12')));
      const { found } = await detect(modelPath, { widthPx: 960, heightPx: 544, bytes }, 'limited');
      report(file, '960_544.nv12', found);
      const persons = found.filter(({ name }) => name === 'person');
      expect(persons).toHaveLength(5);
      expect(Math.abs(persons[0]!.score - 0.94)).toBeLessThanOrEqual(0.03);
      expect(Math.abs(persons[4]!.score - 0.89)).toBeLessThanOrEqual(0.03);
      expectScores(found, 'car', [0.745]);
    });
  },
);
