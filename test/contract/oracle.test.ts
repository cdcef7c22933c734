import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { OnnxEngine } from '#dist/backends/onnx/engine.js';
import { sharedClockMs } from '#dist/backends/session/time.js';
import { solveLetterbox } from '#dist/core/geometry.js';
import { resolveHeads } from '#dist/model/heads.js';
import { letterboxRgbPlanar } from '#dist/native/core.js';
import { defaultLimits } from '#dist/postprocess/postprocess.js';
import { defaultOptions } from '../support/defaultOptions.js';
import { numpyPython, runOracle } from '../oracle/oracle.js';
import { leaseOf, loadPicture, repoPath } from '../support/frames.js';
import { expectLikeOracle } from './oracleGaps.js';

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

describe.skipIf(numpyPython === null)(
  'onnx: what comes out is what numpy makes of the same model outputs',
  () => {
    it.each(cases)('%s on %s', async (modelPath, picturePath) => {
      const engine = await OnnxEngine.open({ modelPath, classNames: null, threads: 2 });
      const { inputWidthPx, inputHeightPx, outputs, classNames } = engine.model;
      const picture = await loadPicture(picturePath);
      const geometry = solveLetterbox(picture.widthPx, picture.heightPx, inputWidthPx, inputHeightPx);
      const frame = leaseOf(picture);
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
      expect(outcome.instances.count).toBeGreaterThan(2);
      const gaps = expectLikeOracle(outcome.instances, expected!.detections);
      console.log(modelPath, picturePath, outcome.instances.count, JSON.stringify(gaps));
    });
  },
);
