import { execFileSync } from 'node:child_process';
import {
  copyFileSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { create } from '@bufbuild/protobuf';
import { NodeProtoSchema, StringStringEntryProtoSchema, TensorProto_DataLocation } from 'onnx-buf';
import { describe, expect, it } from 'vitest';
import type { SegError } from '#dist/core/errors.js';
import { cutHeads } from '#dist/toolchain/onnx/cutHeads.js';
import { changedModel, exportPath, testFolder } from './exports.js';
import { model } from './modelCommand.js';

const good = exportPath('v8-3-classes-160x96');

async function refusal(path: string, anyOpset = false): Promise<SegError> {
  const outcome = await cutHeads(path, { order: 'seed', anyOpset }).catch(
    (error: unknown) => error as SegError,
  );
  if (!(outcome instanceof Error)) throw new Error(`${path} was cut`);
  return outcome;
}

/** Moves the weights of a model into files beside it. */
function externalModel(folder: string, location = 'weights.bin'): string {
  const parts: Uint8Array[] = [];
  let offsetBytes = 0;
  const path = changedModel(good, folder, ({ graph }) => {
    for (const tensor of graph.initializer.filter(({ dims }) => dims.length === 4)) {
      const entries = { location, offset: `${offsetBytes}`, length: `${tensor.rawData.length}` };
      parts.push(tensor.rawData);
      offsetBytes += tensor.rawData.length;
      tensor.rawData = new Uint8Array(0);
      tensor.dataLocation = TensorProto_DataLocation.EXTERNAL;
      tensor.externalData = Object.entries(entries).map(([key, value]) =>
        create(StringStringEntryProtoSchema, { key, value }),
      );
    }
  });
  writeFileSync(join(folder, 'weights.bin'), Buffer.concat(parts));
  return path;
}

describe('model heads refuses, with what was found', () => {
  it('outputs of which two may be the prototype', async () => {
    const path = changedModel(good, testFolder(), ({ graph }) => {
      const [, proto] = graph.output;
      const same = { opType: 'Identity', input: [proto!.name], output: ['masks'], name: 'same' };
      graph.node.push(create(NodeProtoSchema, same));
      graph.output.push({ ...proto!, name: 'masks' });
    });
    const error = await refusal(path);
    expect(error).toMatchObject({ name: 'ModelContractError', code: 'heads' });
    expect(error.message).toMatch(/exactly two outputs[\s\S]*output1 \[[\s\S]*masks \[/);
  });

  it('a model that was cut before', async () => {
    const path = join(testFolder(), 'cut.onnx');
    writeFileSync(path, (await cutHeads(good, { order: 'zoo', anyOpset: false })).bytes);
    const error = await refusal(path);
    expect(error.code).toBe('already_cut');
    expect(error.message).toContain('10 NHWC heads at 8/16/32 on 160x96: 3 classes');
  });

  it('detection, pose and classification models', async () => {
    const detection = await refusal(exportPath('detection'));
    expect(detection.code).toBe('heads');
    expect(detection.message).toContain('output0 [1, 8, 84]');
    expect(detection.message).toContain('detection, pose or oriented box model: there is no mask prototype');
    for (const task of ['detect', 'pose', 'classify']) {
      const labelled = changedModel(good, testFolder(), ({ metadataProps }) => {
        metadataProps.find(({ key }) => key === 'task')!.value = task;
      });
      expect(await refusal(labelled)).toMatchObject({ code: 'wrong_task', details: { found: task } });
    }
  });

  it('finished results without the rows they were taken from', async () => {
    const path = changedModel(
      exportPath('v26-3-classes-64x96-end-to-end'),
      testFolder(),
      ({ metadataProps }) => {
        metadataProps.find(({ key }) => key === 'names')!.value = "{0: 'a', 1: 'b', 2: 'c', 3: 'd'}";
      },
    );
    const error = await refusal(path);
    expect(error.code).toBe('result_rows');
    expect(error.message).toMatch(
      /behind the finished results output0 no tensor has the rows of all cells \(126, or .*\) with 4 \+ 4 \+ 32 values/,
    );
  });

  it('finished results of more classes than are named', async () => {
    const path = changedModel(
      exportPath('v26-3-classes-64x96-end-to-end'),
      testFolder(),
      ({ metadataProps }) => {
        metadataProps.find(({ key }) => key === 'names')!.value = "{0: 'a'}";
      },
    );
    const error = await refusal(path);
    expect(error.code).toBe('class_scores');
    expect(error.message).toMatch(
      /the class column of output0 holds [12] in row \d+ on an empty grey picture; expected class ids of 0 to 0/,
    );
  });

  it('an export whose decoding is not the one of YOLOv8', async () => {
    const error = await refusal(exportPath('levels-coarse-first'));
    expect(error.code).toBe('decoding');
    expect(error.message).toMatch(/cell \d+ of made-up heads gives box -?[\d.]+, the export -?[\d.]+/);
  });

  it('a model whose heads are not three per level', async () => {
    // The coefficients of the finest level come from the next one's head: eight convolutions are left.
    const path = changedModel(good, testFolder(), ({ graph }) => {
      const of = (level: number) =>
        graph.node.find(({ opType, name }) => opType === 'Conv' && name.includes(`cv4.${level}.2`))!
          .output[0]!;
      const [fine, middle] = [of(0), of(1)];
      const reader = graph.node.find(({ input }) => input.includes(fine))!;
      graph.node.splice(graph.node.indexOf(reader), 0, {
        ...graph.node.find(({ opType }) => opType === 'ConvTranspose' || opType === 'Concat')!,
        opType: 'Concat',
        name: 'four',
        input: [middle, middle, middle, middle],
        output: ['four'],
      });
      reader.input[0] = 'four';
    });
    const error = await refusal(path);
    expect(error.code).toBe('head_convolutions');
    expect(error.message).toContain('expected 3, 3, 3; found 2, 3, 3');
  });

  it.each([
    [1, 'it takes grey pictures of one channel; train it with three (channels: 3)'],
    [4, 'it takes 4 channels; expected one input float32 [1, 3, height, width]'],
  ] as const)('an input of %i channels', async (channels, says) => {
    const path = changedModel(good, testFolder(), ({ graph }) => {
      const type = graph.input[0]!.type!.value;
      if (type.case !== 'tensorType') throw new Error('not a tensor');
      const { dim } = type.value.shape!;
      dim[1]!.value = { case: 'dimValue', value: BigInt(channels) };
      const stem = graph.node.find(({ opType }) => opType === 'Conv')!;
      const weights = graph.initializer.find(({ name }) => name === stem.input[1])!;
      const floats = Number(weights.dims[0]) * channels * Number(weights.dims[2]) * Number(weights.dims[3]);
      weights.dims[1] = BigInt(channels);
      weights.rawData = new Uint8Array(4 * floats);
    });
    const error = await refusal(path);
    expect(error.code).toBe('model_input');
    expect(error.message).toContain(says);
  });

  it('dynamic shapes whose size nothing tells', async () => {
    const path = changedModel(good, testFolder(), ({ graph }) => {
      const type = graph.input[0]!.type!.value;
      if (type.case !== 'tensorType') throw new Error('not a tensor');
      type.value.shape!.dim[2]!.value = { case: 'dimParam', value: 'height' };
    });
    const error = await refusal(path);
    expect(error.code).toBe('model_input_dynamic');
    expect(error.message).toContain('height');
  });

  it('operators nobody knows', async () => {
    const path = changedModel(good, testFolder(), ({ graph }) => {
      graph.node.find(({ opType }) => opType === 'Sigmoid')!.opType = 'Sigmoidal';
    });
    const error = await refusal(path);
    expect(error.code).toBe('model_not_loadable');
    expect(error.message).toContain('Sigmoidal');
  });

  it('truncated and damaged files', async () => {
    const folder = testFolder();
    const bytes = readFileSync(good);
    const path = join(folder, 'part.onnx');
    writeFileSync(path, bytes.subarray(0, bytes.length - 300));
    expect((await refusal(path)).code).toBe('model_truncated');
    const damaged = Buffer.from(bytes);
    damaged.fill(0xff, 200, 260);
    writeFileSync(path, damaged);
    expect((await refusal(path)).code).toBe('model_not_onnx');
    expect((await refusal(join(folder, 'none.onnx'))).code).toBe('model_missing');
  });

  it('weights outside the file that are missing, cut off or not beside it', async () => {
    const folder = testFolder();
    const path = externalModel(folder);
    const alone = join(testFolder(), 'alone.onnx');
    copyFileSync(path, alone);
    const missing = await refusal(alone);
    expect(missing.code).toBe('external_data');
    expect(missing.message).toMatch(/keeps \d+ tensors .*weights\.bin, which does not exist/);
    const weights = readFileSync(join(folder, 'weights.bin'));
    writeFileSync(join(folder, 'weights.bin'), weights.subarray(0, weights.length - 5));
    expect((await refusal(path)).message).toContain(`which has ${weights.length - 5} bytes`);
    const elsewhere = externalModel(testFolder(), '../weights.bin');
    expect((await refusal(elsewhere)).message).toContain('expected a file beside the model');
  });

  it('weights outside the file that a link leads elsewhere for, or that are a pipe', async () => {
    const folder = testFolder();
    const path = externalModel(folder);
    const outside = join(testFolder(), 'elsewhere.bin');
    const weights = join(folder, 'weights.bin');
    renameSync(weights, outside);
    symlinkSync(outside, weights);
    expect((await refusal(path)).message).toContain(`leads to ${outside}; expected a file below`);
    rmSync(weights);
    execFileSync('mkfifo', [weights]);
    expect((await refusal(path)).message).toContain(
      'weights.bin, which cannot be read: it is a pipe, expected a file',
    );
  });

  it('but reads weights that lie beside the file', async () => {
    const options = { order: 'seed', anyOpset: false } as const;
    const [inside, outside] = [
      await cutHeads(good, options),
      await cutHeads(externalModel(testFolder()), options),
    ];
    expect(Buffer.compare(inside.bytes, outside.bytes)).toBe(0);
  });
});

describe('rdk-yolo-seg model heads', () => {
  const run = (...args: string[]) => model('heads', ...args);

  it('writes the file and says what is in it', () => {
    const folder = testFolder();
    const path = join(folder, 'out.onnx');
    const { status, stdout } = run(good, '-o', path);
    expect(status).toBe(0);
    expect(stdout).toContain('coef8   [1, 12, 20, 32]  from /model.22/cv4.0.2');
    expect(readdirSync(folder)).toEqual(['out.onnx']);
  });

  it('leaves an older file as it is when it fails, and nothing beside it', () => {
    const folder = testFolder();
    const path = join(folder, 'out.onnx');
    writeFileSync(path, 'older');
    const { status, stderr } = run(exportPath('detection'), '-o', path);
    expect(status).toBe(2);
    expect(stderr).toContain('there is no mask prototype');
    expect(readFileSync(path, 'utf8')).toBe('older');
    expect(readdirSync(folder)).toEqual(['out.onnx']);
  });

  it('does not write over a file of another content, unless forced', () => {
    const folder = testFolder();
    const path = join(folder, 'out.onnx');
    expect(run(good, '-o', path).status).toBe(0);
    const written = readFileSync(path);
    // The same again changes nothing, so it is no harm.
    expect(run(good, '-o', path).status).toBe(0);
    writeFileSync(path, 'by hand');
    const refused = run(good, '-o', path);
    expect(refused).toMatchObject({ status: 2, stdout: '' });
    expect(refused.stderr).toMatch(/out\.onnx exists already and differs; nothing was written: .*--force/);
    expect(readFileSync(path, 'utf8')).toBe('by hand');
    expect(run(good, '-o', path, '--force').status).toBe(0);
    expect(readFileSync(path)).toEqual(written);
  });

  it('says of weights of PyTorch what they are and how they are exported', () => {
    const path = join(testFolder(), 'yolov8n-seg.pt');
    writeFileSync(path, 'PK\x03\x04archive');
    for (const output of [['-o', join(testFolder(), 'out.onnx')], []]) {
      const { status, stderr } = run(path, ...output);
      expect(status).toBe(2);
      expect(stderr).toContain(`are weights of PyTorch, no ONNX file; export them first`);
      expect(stderr).toContain(`yolo export model=${path} format=onnx opset=11`);
    }
  });

  it('asks for the file to write, if there is one to read', () => {
    expect(run(good)).toMatchObject({ status: 2, stdout: '', stderr: expect.stringMatching(/-o, --output/) });
    expect(run('none.onnx').stderr).toContain('none.onnx does not exist');
  });

  it('does not write over the model itself, nor into a folder that is not there', () => {
    const folder = testFolder();
    const path = join(folder, 'model.onnx');
    copyFileSync(good, path);
    expect(run(path, '-o', join(folder, '../', folder.split('/').at(-1)!, 'model.onnx'))).toMatchObject({
      status: 2,
      stderr: expect.stringContaining('is the input itself'),
    });
    expect(run(path, '-o', join(folder, 'none/out.onnx'))).toMatchObject({
      status: 2,
      stderr: expect.stringContaining('cannot write'),
    });
  });
});
