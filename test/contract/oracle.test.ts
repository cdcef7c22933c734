import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { OnnxEngine } from '#dist/backends/onnx/engine.js';
import { sharedClockMs } from '#dist/backends/onnx/protocol.js';
import { solveLetterbox } from '#dist/core/geometry.js';
import type { Instances } from '#dist/core/result.js';
import { resolveHeads } from '#dist/model/heads.js';
import { letterboxRgbPlanar } from '#dist/native/core.js';
import { defaultLimits } from '#dist/postprocess/postprocess.js';
import { numpyPython, type OracleDetection, runOracle } from '../oracle/oracle.js';
import { defaultOptions } from './backendContract.js';
import { lend, loadPicture, repoPath } from './frames.js';

const data = process.env.RDK_YOLO_SEG_DATA;
if (numpyPython === null) console.log('skipped: no python3 with numpy (numpy oracle)');
if (data === undefined) console.log('skipped: RDK_YOLO_SEG_DATA not set (numpy oracle on YOLOv8n-seg)');

const shapes = [
  ['assets/models/shapes-seg-320.onnx', 'test/fixtures/pictures/wide.jpg'],
  ['assets/models/shapes-seg-stock.onnx', 'test/fixtures/pictures/hd.jpg'],
].map((pair) => pair.map(repoPath) as [string, string]);
const coco = ['bus.jpg', 'zidane.jpg'].flatMap((picture) =>
  ['yolov8n-seg-rdk-w8.onnx', 'yolov8n-seg-ultra-w8.onnx'].map((model): [string, string] => [
    join(data ?? '', 'models', model),
    join(data ?? '', 'images', picture),
  ]),
);
const cases = data === undefined ? shapes : [...shapes, ...coco];

/** The pixels of a mask, as one number each. */
function pixelsOf(spans: Iterable<readonly [number, number, number]>): Set<number> {
  const pixels = new Set<number>();
  for (const [y, x1, x2] of spans) for (let x = x1; x < x2; x++) pixels.add(y * 65536 + x);
  return pixels;
}

function* spansOf({ spans, spanStarts }: Instances, index: number): Generator<[number, number, number]> {
  for (let span = spanStarts[index]!; span < spanStarts[index + 1]!; span++) {
    yield [spans[span * 3]!, spans[span * 3 + 1]!, spans[span * 3 + 2]!];
  }
}

/** Greatest gaps between the result and the oracle's, instance by instance. */
function compare(instances: Instances, expected: readonly OracleDetection[]) {
  const gaps = { score: 0, boxPx: 0, maskIou: 1 };
  expected.forEach((detection, index) => {
    gaps.score = Math.max(gaps.score, Math.abs(instances.scores[index]! - detection.score));
    detection.box.forEach((edge, side) => {
      gaps.boxPx = Math.max(gaps.boxPx, Math.abs(instances.boxesImage[index * 4 + side]! - edge));
    });
    const ours = pixelsOf(spansOf(instances, index));
    const theirs = pixelsOf(detection.spans);
    const shared = [...ours].filter((pixel) => theirs.has(pixel)).length;
    const union = ours.size + theirs.size - shared;
    gaps.maskIou = Math.min(gaps.maskIou, union === 0 ? 1 : shared / union);
  });
  return gaps;
}

describe.skipIf(numpyPython === null)(
  'onnx: what comes out is what numpy makes of the same model outputs',
  () => {
    it.each(cases)('%s on %s', async (modelPath, picturePath) => {
      const engine = await OnnxEngine.open({ modelPath, classNames: null, threads: 2 });
      const { inputWidthPx, inputHeightPx, outputs, classNames } = engine.model;
      const picture = await loadPicture(picturePath);
      const geometry = solveLetterbox(picture.widthPx, picture.heightPx, inputWidthPx, inputHeightPx);
      const frame = lend(picture);
      const input = new ArrayBuffer(4 * 3 * inputWidthPx * inputHeightPx);
      await letterboxRgbPlanar({
        frame: frame.native,
        geometry,
        filter: 'bilinear',
        yuvRange: 'full',
        output: input,
        preview: null,
      });
      frame.close();
      const outcome = await engine.run(input, geometry, defaultOptions, sharedClockMs());
      const heads = resolveHeads(outputs, { widthPx: inputWidthPx, heightPx: inputHeightPx }, { classNames });
      const [expected] = runOracle([
        {
          heads,
          tensors: engine.borrowedOutputs,
          geometry,
          options: defaultOptions,
          maxCandidates: defaultLimits.maxCandidates,
        },
      ]);
      await engine.close();
      expect(outcome.candidateCount).toBe(expected!.candidateCount);
      expect([...outcome.instances.classIds]).toEqual(expected!.detections.map(({ classId }) => classId));
      expect(outcome.instances.count).toBeGreaterThan(2);
      const gaps = compare(outcome.instances, expected!.detections);
      console.log(modelPath, picturePath, outcome.instances.count, JSON.stringify(gaps));
      expect(gaps.score).toBeLessThanOrEqual(0.001);
      expect(gaps.boxPx).toBeLessThanOrEqual(0.05);
      expect(gaps.maskIou).toBeGreaterThanOrEqual(0.995);
    });
  },
);
