import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { resolveHeads } from '#dist/model/heads.js';
import { defaultLimits, Postprocessor } from '#dist/postprocess/postprocess.js';
import { openModel } from '../../oracle/models.mjs';
import { numpyPython, type OracleCase, runOracle } from '../../oracle/oracle.js';
import { defaultOptions } from './build.js';
import { expectLikeOracle } from './compareOracle.js';

const dataFolder = process.env.RDK_YOLO_SEG_DATA;
const missing =
  dataFolder === undefined || dataFolder === ''
    ? 'RDK_YOLO_SEG_DATA not set'
    : numpyPython === null
      ? 'no python3 with numpy'
      : null;

const skipped = missing === null ? '' : ` (skipped: ${missing})`;

describe.skipIf(missing !== null)(`real models on real pictures${skipped}`, () => {
  const folder = dataFolder ?? '';
  const pictures = () =>
    readdirSync(join(folder, 'coco24/images')).map((name) => join(folder, 'coco24/images', name));

  /** Post-processes pictures as given and checks every result with the oracle; returns how many objects there were. */
  async function compare(
    model: string,
    picturePaths: readonly string[],
    classCount?: number,
  ): Promise<number> {
    const session = await openModel(join(folder, 'models', model));
    const input = { widthPx: session.inputWidthPx, heightPx: session.inputHeightPx };
    let postprocessor: Postprocessor | undefined;
    let objects = 0;
    for (let first = 0; first < picturePaths.length; first += 6) {
      const cases: OracleCase[] = [];
      for (const path of picturePaths.slice(first, first + 6)) {
        const { tensors, geometry } = await session.run(path);
        const specs = tensors.map((view) => view.spec);
        postprocessor ??= new Postprocessor(resolveHeads(specs, input, { classCount }));
        const { heads } = postprocessor;
        cases.push({ heads, tensors, geometry, options: defaultOptions, ...defaultLimits });
      }
      const expected = runOracle(cases);
      cases.forEach(({ tensors, geometry, options }, index) => {
        const { instances } = postprocessor!.run(tensors, geometry, options);
        expectLikeOracle(instances, expected[index], picturePaths[first + index]);
        objects += instances.count;
      });
    }
    await session.close();
    return objects;
  }

  it('ten raw heads: 24 pictures as the oracle has them', { timeout: 180_000 }, async () => {
    expect(await compare('yolov8n-seg-rdk-w8.onnx', pictures())).toBeGreaterThan(100);
  });

  it('stock export: four pictures as the oracle has them', { timeout: 60_000 }, async () => {
    expect(await compare('yolov8n-seg-ultra-w8.onnx', pictures().slice(0, 4), 80)).toBeGreaterThan(5);
  });

  it('finds the bus, the four persons and the skateboard', { timeout: 60_000 }, async () => {
    const session = await openModel(join(folder, 'models/yolov8n-seg-rdk-w8.onnx'));
    const { tensors, geometry } = await session.run(join(folder, 'images/bus.jpg'));
    const specs = tensors.map((view) => view.spec);
    const postprocessor = new Postprocessor(resolveHeads(specs, { widthPx: 640, heightPx: 640 }));
    const { instances } = postprocessor.run(tensors, geometry, defaultOptions);
    expect([...instances.classIds].sort((a, b) => a - b)).toEqual([0, 0, 0, 0, 5, 36]);
    expect(instances.classIds[0]).toBe(5);
    expect(instances.scores[0]).toBeCloseTo(0.869, 1);
    await session.close();
  });
});
