import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { create } from '@bufbuild/protobuf';
import { type GraphProto, StringStringEntryProtoSchema, ValueInfoProtoSchema } from 'onnx-buf';
import { describe, expect, it } from 'vitest';
import { readOnnxFileInfo } from '#dist/backends/onnx/modelFile.js';
import type { PostprocessOptions } from '#dist/core/result.js';
import type { TensorView } from '#dist/core/tensor.js';
import type { HeadRole } from '#dist/model/headLayout.js';
import { resolveHeads } from '#dist/model/heads.js';
import { type CutOptions, cutHeads } from '#dist/toolchain/onnx/cutHeads.js';
import { openModel } from '../../oracle/models.mjs';
import { numpyPython, type OracleCase, type OracleDetection, runOracle } from '../../oracle/oracle.js';
import { changedModel, decodeModel, exportPath, readModel, repoPath, testFolder } from './exports.js';

const data = process.env.RDK_YOLO_SEG_DATA;
if (numpyPython === null) console.log('skipped: no python3 with numpy (cut heads against the stock outputs)');
if (data === undefined) console.log('skipped: RDK_YOLO_SEG_DATA not set (cut heads of YOLOv8n-seg)');

const seed: CutOptions = { order: 'seed', anyOpset: false };
const wide = repoPath('test/fixtures/pictures/wide.jpg');

interface Export {
  readonly path: string;
  readonly picture: string;
  readonly classCount: number;
  readonly scoreThreshold?: number;
  readonly anyOpset?: boolean;
  /** Model pixels per cell of its levels where they are not 8, 16 and 32. */
  readonly steps?: readonly number[];
}

const made = (name: string, classCount: number, rest: Partial<Export> = {}): Export => ({
  path: exportPath(name),
  picture: wide,
  classCount,
  // They are random, and quiet on grey as a trained model is.
  scoreThreshold: 0.02,
  ...rest,
});
const exports: Export[] = [
  made('v8-3-classes-160x96', 3),
  made('v8-80-classes-64x64-opset17', 80),
  made('v8-2-classes-96x160-opset12', 2),
  made('v8-4-classes-96x64-opset19', 4),
  made('v11-1-class-128x64-numbered', 1),
  made('v9-64-classes-64x96-rows-first', 64),
  made('p6-2-classes-128x64', 2, { steps: [8, 16, 32, 64] }),
  made('p2-2-classes-64x32-opset17', 2, { steps: [4, 8, 16, 32] }),
  made('two-levels-3-classes-64x96', 3, { steps: [8, 16] }),
  made('two-coarse-levels-3-classes-96x64', 3, { steps: [16, 32] }),
  made('five-levels-2-classes-128x256', 2, { steps: [8, 16, 32, 64, 128] }),
  made('attention-3-classes-64x96-opset18', 3),
  made('32-classes-32-coefficients', 32),
  made('8-bins-16-coefficients-shape-anchors', 5),
  made('no-distributions', 1),
  made('v26-3-classes-64x96-end-to-end', 3, { scoreThreshold: 0.253 }),
  {
    path: repoPath('assets/models/shapes-seg-stock.onnx'),
    picture: repoPath('test/fixtures/pictures/hd.jpg'),
    classCount: 5,
  },
  ...(data === undefined ? [] : ['bus.jpg', 'zidane.jpg']).map((name) => ({
    path: join(data!, 'models/yolov8n-seg-ultra-w8.onnx'),
    picture: join(data!, 'images', name),
    classCount: 80,
    // Its weights are quantised per channel, which opset 11 cannot say.
    anyOpset: true,
  })),
];

const isStock = (tensors: readonly TensorView[]) => tensors.some(({ spec }) => spec.dims.length === 3);

/** What a manifest says of a cut model: levels that end early are read by it alone. */
function rolesAt(steps: readonly number[]): ReadonlyMap<string, HeadRole> {
  const roles = ['cls', 'box', 'coef'] as const;
  return new Map(steps.flatMap((step) => roles.map((role) => [`${role}${step}`, role] as const)));
}

/** What numpy makes of all outputs of a model for a picture. */
async function oracleCase(path: string, one: Export): Promise<OracleCase> {
  const model = await openModel(path);
  const { geometry, tensors } = await model.run(one.picture);
  await model.close();
  const heads = resolveHeads(
    tensors.map(({ spec }) => spec),
    { widthPx: model.inputWidthPx, heightPx: model.inputHeightPx },
    {
      classCount: one.classCount,
      roles: one.steps === undefined || isStock(tensors) ? undefined : rolesAt(one.steps),
    },
  );
  const options: PostprocessOptions = {
    scoreThreshold: one.scoreThreshold ?? 0.25,
    everyClass: false,
    iouThreshold: 0.7,
    nms: 'auto',
    maxDetections: 6,
    classes: null,
    classAgnosticNms: false,
    contourTolerancePx: null,
  };
  return { heads, tensors, geometry, options, maxCandidates: 2048 };
}

/** The outputs of a cut model for a picture. */
async function outputsOf({ bytes }: { readonly bytes: Uint8Array }): Promise<object> {
  const path = join(testFolder(), 'cut.onnx');
  writeFileSync(path, bytes);
  const model = await openModel(path);
  const { tensors } = await model.run(wide);
  await model.close();
  return tensors.map(({ spec: { name, dims }, data }) => ({ name, dims, data }));
}

/** Leaves dimensions of the input open: pictures, height and width, as `dynamic=True` does. */
function openSize(graph: GraphProto, axes: readonly number[] = [0, 2, 3]): void {
  const type = graph.input[0]!.type!.value;
  if (type.case !== 'tensorType') throw new Error('not a tensor');
  for (const axis of axes) type.value.shape!.dim[axis]!.value = { case: 'dimParam', value: `side${axis}` };
}

const areaOf = ({ spans }: OracleDetection) => spans.reduce((sum, [, x1, x2]) => sum + x2 - x1, 0);

describe('model heads', () => {
  it.skipIf(numpyPython === null).each(exports)(
    'numpy decodes the ten outputs of $path to what it decodes the stock outputs to',
    async (one) => {
      const cut = await cutHeads(one.path, { ...seed, anyOpset: one.anyOpset ?? false });
      const path = join(testFolder(), 'cut.onnx');
      writeFileSync(path, cut.bytes);
      const cases = [await oracleCase(one.path, one), await oracleCase(path, one)];
      const isEndToEnd = one.path.includes('end-to-end');
      expect(cases.map(({ heads }) => heads.kind)).toEqual([isEndToEnd ? 'results' : 'stock', 'raw']);
      expect(cases.every(({ heads }) => (heads.oneToOneBy !== null) === isEndToEnd)).toBe(true);
      const [stock, ours] = runOracle(cases);
      expect(ours!.candidateCount).toBe(stock!.candidateCount);
      expect(ours!.detections.length).toBe(stock!.detections.length);
      expect(ours!.detections.length).toBeGreaterThan(2);
      for (const [at, expected] of stock!.detections.entries()) {
        const found = ours!.detections[at]!;
        expect(found.classId).toBe(expected.classId);
        expect(Math.abs(found.score - expected.score)).toBeLessThan(1e-3);
        for (const [side, edge] of expected.box.entries()) {
          expect(Math.abs(found.box[side]! - edge)).toBeLessThan(1e-3 * Math.max(1, Math.abs(edge) / 100));
        }
        // A pixel whose logit is 0 within rounding may fall to either side.
        expect(Math.abs(areaOf(found) - areaOf(expected))).toBeLessThanOrEqual(2 + areaOf(expected) / 1000);
      }
    },
  );

  it('names and orders the outputs as asked for, prototype last, channels last', async () => {
    const path = exportPath('v8-3-classes-160x96');
    const shapes = (outputs: readonly { name: string; dims: readonly number[] }[]) =>
      outputs.map(({ name, dims }) => `${name} ${dims.join('x')}`);
    expect(shapes((await cutHeads(path, seed)).outputs)).toEqual([
      'coef8 1x12x20x32',
      'coef16 1x6x10x32',
      'coef32 1x3x5x32',
      'box8 1x12x20x64',
      'box16 1x6x10x64',
      'box32 1x3x5x64',
      'cls8 1x12x20x3',
      'cls16 1x6x10x3',
      'cls32 1x3x5x3',
      'proto 1x24x40x32',
    ]);
    expect(shapes((await cutHeads(path, { ...seed, order: 'zoo' })).outputs)).toEqual([
      'cls8 1x12x20x3',
      'box8 1x12x20x64',
      'coef8 1x12x20x32',
      'cls16 1x6x10x3',
      'box16 1x6x10x64',
      'coef16 1x6x10x32',
      'cls32 1x3x5x3',
      'box32 1x3x5x64',
      'coef32 1x3x5x32',
      'proto 1x24x40x32',
    ]);
  });

  it('an open number of pictures alone: one, of the size the input tells', async () => {
    const path = changedModel(exportPath('v8-3-classes-160x96'), testFolder(), ({ graph }) => {
      openSize(graph, [0]);
    });
    expect((await cutHeads(path, seed)).changes).toEqual([
      'its open input was fixed at 160x96, at which it was exported',
    ]);
  });

  it('half floats: what the same weights give in 32-bit floats, bit for bit, with no cast left', async () => {
    const half = await cutHeads(exportPath('half-2-classes-64x64-opset17'), seed);
    const rounded = await cutHeads(exportPath('half-rounded'), seed);
    expect(half.changes).toEqual(['its half floats were made 32-bit floats, with the same weights']);
    expect(decodeModel(half.bytes).graph.node.map(({ opType }) => opType)).not.toContain('Cast');
    expect(await outputsOf(half)).toEqual(await outputsOf(rounded));
  });

  it.each(['v8-80-classes-64x64-opset17', 'attention-3-classes-64x96-opset18'])(
    'an open input size: what the export of the size in its metadata gives, with the sizes stored: %s',
    async (name) => {
      const fixed = await cutHeads(exportPath(name), { order: 'seed', anyOpset: true });
      const [height, width] = fixed.outputs[0]!.dims.slice(1, 3).map((cells) => cells * 8);
      const path = changedModel(exportPath(name), testFolder(), (model) => {
        openSize(model.graph);
        const imgsz = { key: 'imgsz', value: `[${height}, ${width}]` };
        model.metadataProps.push(create(StringStringEntryProtoSchema, imgsz));
      });
      const open = await cutHeads(path, seed);
      expect(open.changes).toEqual([
        `its open input was fixed at ${width}x${height}, at which it was exported`,
      ]);
      const kinds = decodeModel(open.bytes).graph.node.map(({ opType }) => opType);
      expect(kinds).not.toContain('Shape');
      expect(await outputsOf(open)).toEqual(await outputsOf(fixed));
    },
  );

  it('of nodes that stand before what they read, in an order in which they can run', async () => {
    const path = changedModel(exportPath('v8-3-classes-160x96'), testFolder(), ({ graph }) => {
      graph.node.reverse();
    });
    const { bytes, worstDifference } = await cutHeads(path, seed);
    expect(worstDifference).toBeLessThan(1e-3);
    const { graph } = decodeModel(bytes);
    const made = new Set([...graph.input, ...graph.initializer].map(({ name }) => name));
    for (const { input, output } of graph.node) {
      expect([...made]).toEqual(expect.arrayContaining(input.filter((name) => name !== '')));
      for (const name of output) made.add(name);
    }
  });

  it.each(exports.slice(0, 8))(
    'calls the prototypes of $path so, wherever they have their channels',
    async (one) => {
      const path = join(testFolder(), 'cut.onnx');
      writeFileSync(path, (await cutHeads(one.path, seed)).bytes);
      const names = (role: string) => (one.steps ?? [8, 16, 32]).map((step) => `${role}${step}`);
      expect(readModel(path).graph.output.map(({ name }) => name)).toEqual([
        ...['coef', 'box', 'cls'].flatMap(names),
        'proto',
      ]);
    },
  );

  it('calls the heads of an end-to-end export one-to-one, by which NMS is off', async () => {
    const cut = await cutHeads(exportPath('v26-3-classes-64x96-end-to-end'), { ...seed, order: 'zoo' });
    expect(cut.outputs.slice(0, 3).map(({ name }) => name)).toEqual([
      ...['one2one_cls8', 'one2one_box8', 'one2one_coef8'],
    ]);
    expect(cut.form).toMatch(/boxes of 4 distances.*; NMS off by auto, one-to-one heads by names$/);
    expect(cut.leftOut).toEqual([]);
  });

  it.each(exports.slice(0, 8))('leaves nothing unused in $path and keeps names and metadata', async (one) => {
    const path = join(testFolder(), 'cut.onnx');
    writeFileSync(path, (await cutHeads(one.path, seed)).bytes);
    const [before, after] = [readModel(one.path), readModel(path)];
    const read = new Set([
      ...after.graph.node.flatMap((node) => node.input),
      ...after.graph.output.map(({ name }) => name),
    ]);
    for (const node of after.graph.node) expect(node.output.some((name) => read.has(name))).toBe(true);
    for (const { name } of after.graph.initializer) expect(read).toContain(name);
    const stockNodes = new Set(before.graph.node.map(({ name }) => name));
    const added = after.graph.node.filter(({ name }) => !stockNodes.has(name));
    expect(new Set(added.map(({ opType }) => opType))).toEqual(new Set(['Transpose']));
    const convs = after.graph.node.filter(({ opType }) => opType === 'Conv').length;
    expect(convs).toBeGreaterThanOrEqual(9 + 4);
    expect(readOnnxFileInfo(path).metadata).toEqual(readOnnxFileInfo(one.path).metadata);
    expect(after.producerName).toBe(before.producerName);
  });

  it('leaves out outputs beside the two, wherever they stand', async () => {
    const path = exportPath('v8-3-classes-160x96');
    const plain = await cutHeads(path, seed);
    const conv = readModel(path).graph.node.find(({ name }) => name === plain.outputs[0]!.from)!;
    const map = create(ValueInfoProtoSchema, { name: conv.output[0] });
    const more = changedModel(path, testFolder(), ({ graph }) => graph.output.splice(1, 0, map));
    const cut = await cutHeads(more, seed);
    expect([plain.leftOut, cut.leftOut]).toEqual([[], [conv.output[0]]]);
    expect(Buffer.compare(cut.bytes, plain.bytes)).toBe(0);
  });

  it('leaves out all nine heads where an export gives them too: eleven outputs', async () => {
    const path = exportPath('v8-3-classes-160x96');
    const plain = await cutHeads(path, seed);
    const convs = new Map(readModel(path).graph.node.map((node) => [node.name, node.output[0]!]));
    const heads = plain.outputs.slice(0, 9).map(({ from }) => convs.get(from)!);
    const infos = heads.map((name) => create(ValueInfoProtoSchema, { name }));
    const more = changedModel(path, testFolder(), ({ graph }) => graph.output.push(...infos));
    const cut = await cutHeads(more, seed);
    expect(cut.leftOut).toEqual(heads);
    expect(Buffer.compare(cut.bytes, plain.bytes)).toBe(0);
  });

  it.each([
    [
      'class_count: 5\n',
      /class names and class count do not agree[\s\S]*5 names \(class count given\) \| 3 names/,
    ],
    ['class_names: [a, b]\n', /4 \+ 2 \+ \d+ features/],
    ['nc: 2\nnames: [a, b]\n', /4 \+ 2 \+ \d+ features/],
  ])('beside a manifest of other classes is refused: %j', async (manifest, message) => {
    const folder = testFolder();
    const path = join(folder, 'model.onnx');
    writeFileSync(path, readFileSync(exportPath('v8-3-classes-160x96')));
    writeFileSync(join(folder, 'model.yaml'), manifest);
    await expect(cutHeads(path, seed)).rejects.toThrow(message);
    writeFileSync(join(folder, 'model.yaml'), 'class_names: [a, b, c]\n');
    expect((await cutHeads(path, seed)).form).toContain('3 classes');
  });

  it('makes the same bytes of the same file', async () => {
    const path = exportPath('v11-1-class-128x64-numbered');
    const [first, second] = [await cutHeads(path, seed), await cutHeads(path, seed)];
    expect(Buffer.compare(first.bytes, second.bytes)).toBe(0);
  });

  it('writes opset 12 as 11, because no operator that is left changed between them', async () => {
    const cut = await cutHeads(exportPath('v8-2-classes-96x160-opset12'), seed);
    expect([cut.opsetBefore, cut.opsetAfter, cut.isVendorForm]).toEqual([12, 11, true]);
  });

  it('writes opset 17 as 11 with the form of Split that 11 has, IR 10 as 9', async () => {
    const path = changedModel(exportPath('v8-80-classes-64x64-opset17'), testFolder(), (model) => {
      model.irVersion = 10n;
    });
    const copy = join(testFolder(), 'cut.onnx');
    writeFileSync(copy, (await cutHeads(path, seed)).bytes);
    const { graph, irVersion, opsetImport } = readModel(copy);
    expect([irVersion, opsetImport.map(({ version }) => version)]).toEqual([9n, [11n]]);
    const splits = graph.node.filter(({ opType }) => opType === 'Split');
    expect(splits.length).toBeGreaterThan(0);
    for (const { input, attribute } of splits) {
      expect(input).toHaveLength(1);
      expect(attribute.find(({ name }) => name === 'split')?.ints.length).toBe(2);
    }
  });

  it.each([19, 20, 22])('writes a Resize of opset %i as 11 has it', async (opset) => {
    const path = changedModel(exportPath('v8-4-classes-96x64-opset19'), testFolder(), (model) => {
      model.opsetImport[0]!.version = BigInt(opset);
    });
    const copy = join(testFolder(), 'cut.onnx');
    writeFileSync(copy, (await cutHeads(path, seed)).bytes);
    const { graph, opsetImport } = readModel(copy);
    expect(opsetImport.map(({ version }) => version)).toEqual([11n]);
    const [resize, ...others] = graph.node.filter(({ opType }) => opType === 'Resize');
    expect(others).toEqual([]);
    expect(resize!.input).not.toContain('');
    expect(resize!.attribute.map(({ name }) => name).sort()).toEqual([
      ...['coordinate_transformation_mode', 'mode', 'nearest_mode'],
    ]);
  });

  it('writes raw heads that hb_mapper does not read yet so that it does, and their values are the same', async () => {
    const stock = changedModel(exportPath('v8-80-classes-64x64-opset17'), testFolder(), (model) => {
      model.irVersion = 9n;
    });
    const folder = testFolder();
    const ready = join(folder, 'ready.onnx');
    writeFileSync(ready, (await cutHeads(stock, seed)).bytes);
    await expect(cutHeads(ready, seed)).rejects.toMatchObject({ code: 'already_cut' });
    const tooNew = changedModel(ready, folder, (model) => {
      model.irVersion = 10n;
    });
    const again = await cutHeads(tooNew, seed);
    expect(again).toMatchObject({ leftOut: [], worstDifference: null, isVendorForm: true });
    expect(Buffer.compare(again.bytes, readFileSync(ready))).toBe(0);
  });
});
