import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { create } from '@bufbuild/protobuf';
import { type GraphProto, type NodeProto, NodeProtoSchema } from 'onnx-buf';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openSession } from '#dist/backends/registry.js';
import type { FrameResult } from '#dist/core/result.js';
import { defaultOptions } from '../support/defaultOptions.js';
import {
  changedModel,
  readModel,
  type Step,
  withDivision,
  withSigmoid,
  withSteps,
} from '../unit/toolchain/exports.js';
import { sessionOptions } from './backendContract.js';
import { writeFakeModel } from '../../tools/fakednn/record.mjs';
import { fakednnLibrary } from '../support/fakednn.js';
import { type HeadPlan, headsModel } from './headsModel.js';
import { leaseOf, loadPicture, type Nv12Picture, plainPicture, repoPath } from '../support/frames.js';
import { record } from './recordings.js';

const folder = mkdtempSync(join(tmpdir(), 'class-scores-'));
afterAll(() => rmSync(folder, { recursive: true }));

const plain = repoPath('assets/models/shapes-seg-320.onnx');
const classHeads = readModel(plain)
  .graph.output.map(({ name }) => name)
  .slice(6, 9);
const inFolder = () => mkdtempSync(join(folder, 'model-'));
const bpu = { dnnLibrary: fakednnLibrary, modelName: '', taskTimeoutMs: 5000, priority: 0 };

async function detect(modelPath: string, picture: Nv12Picture): Promise<FrameResult> {
  const session = await openSession('auto', { ...sessionOptions(modelPath), bpu });
  try {
    const frame = leaseOf(picture);
    const prepared = await session.prepare(frame, null);
    frame.close();
    return await session.run(prepared, defaultOptions);
  } finally {
    await session.close();
  }
}

let picture: Nv12Picture;
let expected: FrameResult;
beforeAll(async () => {
  picture = await loadPicture(repoPath('test/fixtures/pictures/wide.jpg'));
  expected = await detect(plain, picture);
  expect(expected.instances.count).toBeGreaterThanOrEqual(5);
  expect(Math.max(...expected.instances.scores)).toBeGreaterThan(0.9);
});

/** The same objects with the same scores, but for the rounding of one more operator in 32-bit floats. */
function expectAlike(found: FrameResult): void {
  expect(found.instances.count).toBe(expected.instances.count);
  expect([...found.instances.classIds]).toEqual([...expected.instances.classIds]);
  for (const [at, score] of expected.instances.scores.entries()) {
    expect(Math.abs(found.instances.scores[at]! - score)).toBeLessThan(1e-4);
  }
}

function info(path: string) {
  const args = ['model', 'info', path, '--dnn-library', fakednnLibrary];
  return spawnSync(repoPath('bin/rdk-yolo-seg'), args, { encoding: 'utf8' });
}

describe('class heads that hold probabilities', () => {
  it('of an .onnx are told by their operator and give the scores of the logits', async () => {
    const path = withSigmoid(plain, inFolder(), classHeads);
    expectAlike(await detect(path, picture));
    expect(info(path).stdout).toMatch(/class heads hold probabilities\n[\s\S]*this node can run it/);
  });

  it('of a recording too', async () => {
    const recording = join(inFolder(), 'sigmoid.replay');
    await record(withSigmoid(plain, inFolder(), classHeads), recording, [picture]);
    expectAlike(await detect(recording, picture));
  });

  it('beside heads that hold logits are refused', async () => {
    const path = withSigmoid(plain, inFolder(), classHeads.slice(0, 1));
    await expect(detect(path, picture)).rejects.toMatchObject({ code: 'class_scores' });
    await expect(detect(path, picture)).rejects.toThrow(
      `${classHeads[0]} by Sigmoid, ${classHeads[1]} by Conv`,
    );
  });

  const advised =
    /hold values of [\d.e-]+ to [\d.e-]+ on an empty grey picture: read as logits, (\d+) of \1 cells .*class_scores: probabilities/;

  it('roughly, by a HardSigmoid, are told by their values', async () => {
    const path = withSteps(plain, inFolder(), classHeads, [['HardSigmoid']]);
    await expect(detect(path, picture)).rejects.toThrow(advised);
  });

  it.each<readonly [string, readonly Step[]]>([
    ['Sigmoid + 0', [['Sigmoid'], ['Add', 0]]],
    ['0.5 tanh(x / 2) + 0.5', [['Mul', 0.5], ['Tanh'], ['Mul', 0.5], ['Add', 0.5]]],
  ])('by %s are told by their values, and read as the manifest says', async (_name, steps) => {
    const path = withSteps(plain, inFolder(), classHeads, steps);
    await expect(detect(path, picture)).rejects.toMatchObject({ code: 'class_scores' });
    await expect(detect(path, picture)).rejects.toThrow(advised);
    expect(info(path).stdout).toMatch(/this node cannot run it: .*class_scores: probabilities/);
    writeFileSync(path.replace('.onnx', '.yaml'), 'class_scores: probabilities\n');
    expectAlike(await detect(path, picture));
  });

  it('by a Sigmoid twice are refused, whatever the manifest says', async () => {
    const path = withSteps(plain, inFolder(), classHeads, [['Sigmoid'], ['Sigmoid']]);
    const reason =
      /hold values of 0\.5 to 0\.5\d* on an empty grey picture: read as probabilities, (\d+) of \1 cells .*no class probabilities: check .* \(a Sigmoid too many\)/;
    await expect(detect(path, picture)).rejects.toThrow(reason);
    writeFileSync(path.replace('.onnx', '.yaml'), 'class_scores: probabilities\n');
    await expect(detect(path, picture)).rejects.toThrow(reason);
  });

  it('twice through a Sigmoid, which no operator tells, are not advised to be read as such', async () => {
    const path = withSteps(plain, inFolder(), classHeads, [['Sigmoid'], ['Sigmoid'], ['Add', 0]]);
    await expect(detect(path, picture)).rejects.toThrow(/no class logits: check .* \(a Sigmoid too many\)/);
    await expect(detect(path, picture)).rejects.not.toThrow('class_scores: probabilities');
  });

  describe('of a .bin', () => {
    const compiled = async () => {
      const place = inFolder();
      const path = join(place, 'model.bin');
      const sigmoid = withSigmoid(plain, inFolder(), classHeads);
      await record(sigmoid, join(place, 'model.replay'), [plainPicture(320, 320), picture], { form: 'nv12' });
      await writeFakeModel(path);
      return path;
    };

    it('are refused by their values with both readings, by node and model info alike', async () => {
      const path = await compiled();
      const reason =
        /hold values of [\d.e-]+ to 0\.\d+ on an empty grey picture: read as logits, 2100 of 2100 cells .* they may be probabilities already/;
      await expect(detect(path, picture)).rejects.toMatchObject({ code: 'class_scores' });
      await expect(detect(path, picture)).rejects.toThrow(reason);
      const told = info(path);
      expect(told.status).toBe(1);
      expect(told.stdout).toMatch(reason);
    });

    it('are read as what the manifest says, and give the scores of the logits', async () => {
      const path = await compiled();
      writeFileSync(
        path.replace('.bin', '.yaml'),
        'class_scores: probabilities\nclass_names: [a, b, c, d, e]\n',
      );
      expectAlike(await detect(path, picture));
      expect(info(path).stdout).toMatch(/classes: 5: a, b, c, d, e\nthis node can run it/);
    });

    it('that hold logits are not read as probabilities, whatever the manifest says', async () => {
      const place = inFolder();
      const path = join(place, 'model.bin');
      await record(plain, join(place, 'model.replay'), [plainPicture(320, 320), picture], { form: 'nv12' });
      await writeFakeModel(path);
      writeFileSync(join(place, 'model.yaml'), 'class_scores: probabilities\n');
      await expect(detect(path, picture)).rejects.toThrow(/expected probabilities of 0 to 1/);
    });

    it('with names of another number are refused by node and model info alike', async () => {
      const path = await compiled();
      writeFileSync(path.replace('.bin', '.yaml'), 'class_scores: probabilities\nclass_names: [a, b]\n');
      await expect(detect(path, picture)).rejects.toThrow(/2 classes +\| 5 classes/);
      expect(info(path).stdout).toMatch(/2 classes +\| 5 classes/);
    });
  });
});

describe('class heads that hold logits', () => {
  it('by another operator than a Conv are read as such', async () => {
    expectAlike(await detect(withSteps(plain, inFolder(), classHeads, [['Add', 0]]), picture));
    expectAlike(await detect(withSteps(plain, inFolder(), classHeads, [['Mul', 1]]), picture));
  });

  it('cannot hold what is no number', async () => {
    const path = withSteps(plain, inFolder(), classHeads, [['Log']]);
    await expect(detect(path, picture)).rejects.toThrow(
      /hold values that are no numbers \(NaN\) on an empty grey/,
    );
  });
});

describe('heads that are taken for class heads', () => {
  const classes = { channels: 64, bias: -8 };
  const distributions = { channels: 64, bias: 0 };
  const distances = { channels: 4, bias: 3 };
  const coefs = { channels: 32, bias: 0 };
  const steps = [8, 16, 32];
  const open = (heads: readonly HeadPlan[], manifest: string) => {
    const path = headsModel(inFolder(), heads);
    if (manifest !== '') writeFileSync(path.replace('.onnx', '.yaml'), manifest);
    return detect(path, picture);
  };
  const byRole = (...plans: readonly Omit<HeadPlan, 'step'>[]) =>
    plans.flatMap((plan) => steps.map((step) => ({ ...plan, step })));

  it('and are distances of YOLO26-seg are refused by both readings, else by their values', async () => {
    const heads = steps.flatMap((step) => [distances, classes, coefs].map((plan) => ({ ...plan, step })));
    await expect(open(heads, '')).rejects.toThrow(
      /ambiguous: 2 readings of the heads fit, 4 classes .*, 16 DFL bins .*, or 64 classes .*, boxes of 4 distances/,
    );
    await expect(open(heads, 'class_count: 4\n')).rejects.toThrow(
      /read as logits, (\d+) of \1 cells .*These are no class logits: check .* which head is which/,
    );
  });

  it('by the only usual order that fits, and are distributions of boxes are refused by their values', async () => {
    await expect(open(byRole(coefs, classes, distributions), 'class_count: 64\n')).rejects.toThrow(
      /These are no class logits: check .* which head is which/,
    );
    const { instances } = await open(byRole(coefs, distributions, classes), 'class_count: 64\n');
    expect(instances.count).toBe(0);
  });
});

it('rows of a stock export that went through a Sigmoid twice are refused', async () => {
  const stock = repoPath('assets/models/shapes-seg-stock.onnx');
  const path = changedModel(stock, inFolder(), ({ graph }) => {
    const sigmoid = scoreSigmoid(graph);
    const again = { opType: 'Sigmoid', name: 'again', input: ['once'], output: [...sigmoid.output] };
    sigmoid.output = ['once'];
    graph.node.splice(graph.node.indexOf(sigmoid) + 1, 0, create(NodeProtoSchema, again));
  });
  await expect(detect(path, picture)).rejects.toThrow(
    /the class rows of output0 hold values of 0\.5 to .* read as probabilities, (\d+) of \1 cells/,
  );
});

/** The Sigmoid behind the class scores of the stock export. */
function scoreSigmoid(graph: GraphProto): NodeProto {
  const makerOf = (name: string) => graph.node.find(({ output }) => output.includes(name))!;
  const rows = makerOf('output0');
  const inputs = [...rows.input, ...makerOf(rows.input[0]!).input];
  const found = graph.node.filter(
    ({ opType, output }) => opType === 'Sigmoid' && inputs.includes(output[0]!),
  );
  expect(found).toHaveLength(1);
  return found[0]!;
}

it('rows of a stock export that hold logits are refused', async () => {
  const stock = repoPath('assets/models/shapes-seg-stock.onnx');
  const path = changedModel(stock, inFolder(), ({ graph }) => {
    scoreSigmoid(graph).opType = 'Identity';
  });
  await expect(detect(path, picture)).rejects.toThrow(
    /the class rows of output0 hold values of -[\d.]+ to -[\d.]+ on an empty grey picture; expected probabilities of 0 to 1/,
  );
});

describe('a model that divides by 255 itself', () => {
  it('gets 0..255 and finds the same', async () => {
    const path = withDivision(plain, inFolder());
    expectAlike(await detect(path, picture));
  });

  it('by a factor that is neither of bytes nor of 0..1 is refused', async () => {
    const path = changedModel(withDivision(plain, inFolder()), inFolder(), ({ graph }) => {
      graph.initializer.at(-1)!.floatData = [10];
    });
    await expect(detect(path, picture)).rejects.toThrow(
      /Before Conv \/model\.0\/conv\/Conv comes Div scaled: from black to white a picture of 0\.\.1 is 0\.100 there, one of 0\.\.255 25\.5;/,
    );
  });
});
