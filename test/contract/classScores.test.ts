import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openSession } from '#dist/backends/registry.js';
import type { FrameResult } from '#dist/core/result.js';
import { defaultOptions } from '../defaultOptions.js';
import { changedModel, readModel, withDivision, withSigmoid } from '../unit/toolchain/exports.js';
import { sessionOptions } from './backendContract.js';
import { fakednnLibrary, writeFakeModel } from './fakednnModel.js';
import { lend, loadPicture, type Nv12Picture, plainPicture, repoPath } from './frames.js';
import { record } from './recordings.js';

const folder = mkdtempSync(join(tmpdir(), 'class-scores-'));
afterAll(() => rmSync(folder, { recursive: true }));

const plain = repoPath('assets/models/shapes-seg-320.onnx');
const classHeads = readModel(plain)
  .graph.output.map(({ name }) => name)
  .slice(6, 9);
const inFolder = () => mkdtempSync(join(folder, 'model-'));
const bpu = { dnnLibrary: fakednnLibrary, modelName: '', taskTimeoutMs: 5000 };

async function detect(modelPath: string, picture: Nv12Picture): Promise<FrameResult> {
  const session = await openSession('auto', { ...sessionOptions(modelPath), bpu });
  try {
    const frame = lend(picture);
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

  it('by another operator are told by their values', async () => {
    const path = changedModel(withSigmoid(plain, inFolder(), classHeads), inFolder(), ({ graph }) => {
      for (const node of graph.node.filter(({ name }) => name.endsWith('_sigmoid')))
        node.opType = 'HardSigmoid';
    });
    await expect(detect(path, picture)).rejects.toThrow(
      /hold values of 0 to [\d.]+ on an empty grey picture: read as logits, (\d+) of \1 cells .*class_scores: probabilities/,
    );
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

it('rows of a stock export that hold logits are refused', async () => {
  const stock = repoPath('assets/models/shapes-seg-stock.onnx');
  const path = changedModel(stock, inFolder(), ({ graph }) => {
    const rows = graph.node.find(({ output }) => output.includes('output0'))!;
    const sigmoids = graph.node.filter(
      ({ opType, output }) => opType === 'Sigmoid' && rows.input.includes(output[0]!),
    );
    const joined = graph.node.find(({ output }) => output.includes(rows.input[0]!))!;
    const scores = [
      ...sigmoids,
      ...graph.node.filter(({ opType, output }) => opType === 'Sigmoid' && joined.input.includes(output[0]!)),
    ];
    expect(scores).toHaveLength(1);
    scores[0]!.opType = 'Identity';
  });
  await expect(detect(path, picture)).rejects.toThrow(
    /the class rows of output0 hold values of -[\d.]+ to -[\d.]+ on a grey picture; expected probabilities/,
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
