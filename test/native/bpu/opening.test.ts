import { readFileSync } from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';
import os from 'node:os';
import { afterAll, afterEach, describe, expect, it, vi } from 'vitest';
import { openBpuSession, openBpuSessionSync } from '#dist/backends/bpu/open.js';
import { openSession } from '#dist/backends/registry.js';
import { BackendError, ModelContractError, SegError } from '#dist/core/errors.js';
import { closeBpuNow, openBpu } from '#dist/native/bpu.js';
import { detect, lumaOf } from './plainFrames.js';
import { allocationsPerSlot, nothingHeld, Fakednn } from '../../support/fakednn.js';

const dnn = new Fakednn();
afterAll(() => dnn.remove());
// Whatever was refused, nothing of it stays.
afterEach(() => expect(dnn.takeHeld()).toEqual(nothingHeld));

/** Of a session without workers: one frame is prepared, two are on the BPU, one is read, and there is a spare. */
const slotCount = 5;
const allocations = slotCount * allocationsPerSlot;

const textOf = (path: string) => readFileSync(path, 'utf8');

/** The model with its input twice, named y and uv. */
function withTwoInputs(text: string): string {
  return text.replace(/input\[0\]: \n(?:.*\n)*?(?=output\[0\])/, (input) => {
    const named = (index: number, name: string, type: string) =>
      input
        .replace('input[0]', `input[${index}]`)
        .replace('name: images', `name: ${name}`)
        .replace('IMG_TYPE_NV12', `IMG_TYPE_${type}`);
    return named(0, 'y', 'Y') + named(1, 'uv', 'NV12_SEPARATE');
  });
}

async function refusal(path: string): Promise<SegError> {
  try {
    await (await openBpuSession(dnn.options(path))).close();
  } catch (error) {
    expect(error).toBeInstanceOf(SegError);
    return error as SegError;
  }
  throw new Error(`${path} was opened`);
}

async function modelRefusal(path: string): Promise<string> {
  const error = await refusal(path);
  expect(error).toBeInstanceOf(ModelContractError);
  return error.message;
}

describe('a model file', () => {
  it.each<[string, () => string, string]>([
    ['a foreign file', () => dnn.file('ELF'), 'hbDNNInitializeFromFiles: INVALID_MODEL (-6000002)'],
    [
      'a model of another chip that does not load',
      () => dnn.model('march: bernoulli2'),
      'hbDNNInitializeFromFiles: INCOMPATIBLE_MODEL (-6000014)',
    ],
    [
      'a model of another chip that loads and cannot run',
      () => dnn.model('core_ms: 5', 'fault: hbDNNWaitTaskDone 1 -6000012'),
      'first inference of plain failed: slot 0: hbDNNWaitTaskDone: RUN_TASK_FAILED (-6000012)',
    ],
    [
      'a .hbm of another chip',
      () => dnn.file(textOf(dnn.model('march: nash-e')), '.hbm'),
      'INCOMPATIBLE_MODEL (-6000014); expected a model compiled for the RDK X5 (march bayes-e); most .hbm files are ' +
        'for other chips, such as the RDK S100',
    ],
    [
      'an input of Y and UV apart',
      () => dnn.shapedModel({ type: 'NV12_SEPARATE' }),
      'tensor images: input type NV12_SEPARATE (Y and UV apart) is not supported; compile the model for input_type_rt',
    ],
    [
      'an input for Y and another for UV',
      () => dnn.file(withTwoInputs(textOf(dnn.model()))),
      'plain has 2 inputs (y Y [1, 3, 64, 64], uv NV12_SEPARATE [1, 3, 64, 64]); expected one picture, NV12 or RGB: ' +
        'inputs apart for Y and UV are not supported',
    ],
    ['an odd width', () => dnn.shapedModel({ widthPx: 65 }), 'input of 65x64 pixels; expected even sizes'],
    ['an odd height', () => dnn.shapedModel({ heightPx: 63 }), 'input of 64x63 pixels; expected even sizes'],
    [
      'a pitch below the width',
      () => dnn.shapedModel({ pitchBytes: 48 }),
      'aligned shape [1, 3, 64, 48] for valid shape',
    ],
    [
      'rows the BPU cannot step over',
      () => dnn.shapedModel({ pitchBytes: 72 }),
      'rows of 72 bytes; expected a multiple of 16',
    ],
    [
      'an unknown kind of quantisation',
      () => dnn.file(textOf(dnn.model()).replace(/(name: cls16\n(?:.*\n)*?quanti type: )NONE/, '$1UNKNOWN')),
      'tensor cls16: quantisation type 3; expected 0 (none), 1 (shift) or 2 (scale)',
    ],
    [
      'a missing head',
      () => dnn.shapedModel({ without: 'box16' }),
      'downsample 16 has not exactly three heads',
    ],
    ['a missing prototype', () => dnn.shapedModel({ without: 'proto' }), 'no output is a mask prototype'],
  ])('is refused: %s', async (_name, path, text) => {
    expect(await modelRefusal(path())).toContain(text);
  });

  it('may be a .hbm, as some of the RDK X5 are', async () => {
    const session = await openSession('auto', dnn.options(dnn.file(textOf(dnn.model()), '.hbm')));
    expect(session.model.backend).toBe('bpu');
    await session.close();
  });

  it('gives scales and shifts only where its kind of quantisation has them', () => {
    const data = (kind: string) =>
      `quanti type: ${kind}\nscale data: 1,2,\nzero point data: 3,4,\nshift data: 5,6,\nquantizeAxis: 3\n`;
    let count = 0;
    const kinds = ['NONE', 'SHIFT', 'SCALE'];
    // The first is the input's.
    const text = textOf(dnn.model()).replace(/quanti type: NONE\n/g, (line) =>
      count++ === 0 || count > 4 ? line : data(kinds[count - 2]!),
    );
    const options = {
      libraryPath: dnn.library,
      modelName: '',
      slotCount: 1,
      taskCount: 1,
      taskTimeoutMs: 200,
      priority: 0,
    };
    const { id, outputs } = openBpu({ ...options, modelPath: dnn.file(text) });
    const none = { scales: [], zeroPoints: [], shifts: [] };
    expect(outputs.slice(0, 3)).toMatchObject([
      { ...none, quantiType: 0 },
      { ...none, quantiType: 1, shifts: [5, 6] },
      { ...none, quantiType: 2, scales: [1, 2], zeroPoints: [3, 4] },
    ]);
    closeBpuNow(id, 1000);
  });

  it('is refused wherever it is cut', async () => {
    const lines = textOf(dnn.model('core_ms: 1')).trimEnd().split('\n');
    expect(lines.length).toBeGreaterThan(100);
    for (let kept = 0; kept < lines.length; kept++) {
      expect(await modelRefusal(dnn.file(lines.slice(0, kept).join('\n')))).not.toBe('');
      expect(dnn.held(), `${kept} lines`).toEqual(nothingHeld);
    }
  });
});

describe('a call of the library', () => {
  it.each([
    ['hbDNNInitializeFromFiles', -6000003, 'cannot be loaded: hbDNNInitializeFromFiles: MODEL_NUMBER_EXCEED'],
    ['hbDNNGetModelNameList', -6000004, 'hbDNNGetModelNameList: INVALID_PACKED_DNN_HANDLE (-6000004)'],
    ['hbDNNGetModelHandle', -6000001, 'model plain: hbDNNGetModelHandle: INVALID_ARGUMENT (-6000001)'],
    ['hbDNNGetInputCount', -6000005, 'inputs of plain: hbDNNGetInputCount: INVALID_DNN_HANDLE (-6000005)'],
    ['hbDNNGetInputName', -6000005, 'input 0 of plain: hbDNNGetInputName: '],
    ['hbDNNGetInputTensorProperties', -6000005, 'input 0 of plain: hbDNNGetInputTensorProperties: '],
    ['hbDNNGetOutputCount', -6000005, 'outputs of plain: hbDNNGetOutputCount: '],
    ['hbDNNGetOutputName', -6000005, 'output 0 of plain: hbDNNGetOutputName: '],
    ['hbDNNGetOutputTensorProperties', -6000005, 'output 0 of plain: hbDNNGetOutputTensorProperties: '],
  ])('that fails, %s, is named with its status', async (call, status, text) => {
    const error = await refusal(dnn.model(`fault: ${call} 1 ${status}`));
    expect(error).toBeInstanceOf(ModelContractError);
    expect(error.message).toContain(text);
    expect(error.details).toMatchObject({ call, status });
  });

  it.each([
    ['hbDNNInitializeFromFiles 1 0', /^model .*\.bin: hbDNNInitializeFromFiles gave nothing$/],
    ['hbDNNGetModelNameList 1 null', /^names of the models in .*\.bin: hbDNNGetModelNameList gave nothing$/],
    ['hbDNNGetModelHandle 1 0', /^model plain: hbDNNGetModelHandle gave nothing$/],
    ['hbDNNGetInputName 1 0', /^input 0 of plain: hbDNNGetInputName gave nothing$/],
    ['hbDNNGetOutputName 3 0', /^output 2 of plain: hbDNNGetOutputName gave nothing$/],
  ])('that succeeds and gives nothing, %s, is named', async (fault, text) => {
    expect(await modelRefusal(dnn.model(`fault: ${fault}`))).toMatch(text);
  });

  it('that fails, and the model with it cannot be given back: both are told', async () => {
    const faults = ['fault: hbDNNGetInputCount 1 -6000005', 'fault: hbDNNRelease 1 -6000013'];
    expect(await modelRefusal(dnn.model(...faults))).toBe(
      'inputs of plain: hbDNNGetInputCount: INVALID_DNN_HANDLE (-6000005); ' +
        'hbDNNRelease: MODEL_IS_RUNNING (-6000013)',
    );
    expect(dnn.takeHeld()).toEqual({ ...nothingHeld, models: 1 });
  });

  it('that fails for the last output leaves nothing of those before', async () => {
    const text = await modelRefusal(dnn.model('fault: hbDNNGetOutputTensorProperties 10 -6000005'));
    expect(text).toContain('output 9 of plain');
  });
});

describe('a first inference', () => {
  it.each([
    // What the model may be to blame for; a chip's own status is tried above.
    ['hbDNNInfer', -6000002, 'ModelContractError', 'bpu_model'],
    ['hbDNNInfer', -6000007, 'BackendError', 'bpu_memory'],
    ['hbDNNInfer', -6000009, 'BackendError', 'bpu_busy'],
    ['hbDNNWaitTaskDone', -6000011, 'BackendError', 'bpu_dead'],
    ['hbSysFlushMem.INVALIDATE', -6000129, 'BackendError', 'bpu_dead'],
  ])('whose %s answers %i is a %s %s', async (call, status, name, code) => {
    const error = await refusal(dnn.model(`fault: ${call} 1 ${status}`));
    expect(error).toMatchObject({ name, code, details: { call: call.replace(/\..*/, ''), status } });
    expect(error.message).toMatch(/^first inference of plain failed: slot 0: /);
  });

  it('of a model for which there is no memory is not tried', async () => {
    const error = await refusal(dnn.model('fault: hbDNNInitializeFromFiles 1 -6000007'));
    expect(error).toMatchObject({ name: 'BackendError', code: 'bpu_memory' });
  });
});

describe('memory', () => {
  it('that is refused is told by slot, tensor and size; what came before is given back', async () => {
    for (let at = 1; at <= allocations; at++) {
      const error = await refusal(dnn.model(`fault: hbSysAllocCachedMem ${at} -6000130`));
      expect(error).toBeInstanceOf(BackendError);
      expect(error.code).toBe('bpu_memory');
      const slot = Math.floor((at - 1) / allocationsPerSlot);
      expect(error.message).toMatch(
        new RegExp(
          `^memory of slot ${slot} for (in|out)put \\w+, \\d+ bytes: ` +
            'hbSysAllocCachedMem: SYS_OUT_OF_MEMORY \\(-6000130\\)$',
        ),
      );
      expect(error.details).toMatchObject({ call: 'hbSysAllocCachedMem', status: -6000130 });
      expect(dnn.held(), `allocation ${at}`).toEqual(nothingHeld);
    }
    // There is no further one.
    const session = await openBpuSession(
      dnn.options(dnn.model(`fault: hbSysAllocCachedMem ${allocations + 1} -6000130`)),
    );
    await session.close();
  });

  it.each([
    ['of the first tensor', 1, 'memory of slot 0 for input images, 6144 bytes'],
    ['of the last tensor', allocations, `memory of slot ${slotCount - 1} for output proto, 32768 bytes`],
    ['of the first input', allocations + 1, 'first inference of plain'],
  ])('that cannot be cleaned is refused: %s', async (_name, at, text) => {
    const error = await refusal(dnn.model(`fault: hbSysFlushMem.CLEAN ${at} -6000129`));
    expect(error).toMatchObject({ name: 'BackendError', code: 'bpu_memory' });
    expect(error.message).toBe(`${text}: hbSysFlushMem: SYS_INVALID_ARGUMENT (-6000129)`);
  });
});

it('memory at an address the BPU cannot read is refused', async () => {
  const error = await refusal(dnn.model('fault: hbSysAllocCachedMem 12 skewed'));
  expect(error).toMatchObject({ name: 'BackendError', code: 'bpu_memory' });
  expect(error.message).toMatch(
    /^memory of slot 1 for input images, 6144 bytes: physical address 0x[0-9a-f]+8; expected a multiple of 16$/,
  );
});

describe('the first inference', () => {
  const timedOut =
    'first inference of plain failed: slot 0: hbDNNWaitTaskDone: TIMEOUT (-6000008) after 10000 ms; ' +
    'the BPU hangs, or another process holds it';

  it('that never ends is the fault of the BPU, which keeps its memory and the model', async () => {
    const error = await refusal(dnn.model('fault: hbDNNInfer 1 hang', 'fault: hbDNNWaitTaskDone 1 -6000008'));
    expect(error).toMatchObject({ name: 'BackendError', code: 'bpu_timeout' });
    expect(error.message).toBe(`${timedOut}; it is still on the BPU and keeps 72848 bytes and the model`);
    expect(dnn.takeHeld()).toEqual({ memory: allocationsPerSlot, tasks: 1, models: 1, violations: 0 });
  });

  it('that ends after its time limit leaves nothing behind', async () => {
    const error = await refusal(dnn.model('core_ms: 100', 'fault: hbDNNWaitTaskDone 1 -6000008'));
    expect(error).toMatchObject({ name: 'BackendError', code: 'bpu_timeout', message: timedOut });
  });

  it('that times out and cannot be released keeps its memory for good', async () => {
    const error = await refusal(
      dnn.model('fault: hbDNNWaitTaskDone 1 -6000008', 'fault: hbDNNReleaseTask 1 -6000011'),
    );
    expect(error.message).toBe(`${timedOut}; its 72848 bytes are never freed`);
    expect(dnn.takeHeld()).toEqual({ ...nothingHeld, memory: allocationsPerSlot, models: 1 });
  });

  it('that another process forbids is not the fault of the model', async () => {
    const error = await refusal(dnn.model('fault: hbDNNInfer 1 -6000016'));
    expect(error).toMatchObject({ name: 'BackendError', code: 'bpu_busy' });
    expect(error.message).toMatch(/MULTI_PROGRESS_USE_ERROR \(-6000016\); another process uses the BPU$/);
  });

  it('works synchronously, with workers', async () => {
    const session = openBpuSessionSync(dnn.options(dnn.model(), { postprocessWorkers: 2 }));
    expect(lumaOf(await detect(session, 90))).toBe(90);
    expect(session.postprocess).toEqual({ workers: 2, choice: null });
    await session.close();
  });

  it.each(['awaited', 'synchronous'])('chooses workers where that is left to it (%s)', async (way) => {
    const cores = vi.spyOn(os, 'availableParallelism').mockReturnValue(8);
    syncBuiltinESMExports();
    const options = dnn.options(dnn.model(), { postprocessWorkers: -1 });
    const session = way === 'awaited' ? await openBpuSession(options) : openBpuSessionSync(options);
    cores.mockRestore();
    syncBuiltinESMExports();
    // Frames of 64 x 64 take any machine far less than the 5.5 ms that one worker has for them.
    const choice = expect.stringMatching(/^a made-up frame takes one \d+\.\d\d ms; .* half of 8 cores$/);
    expect(session.postprocess).toEqual({ workers: 1, choice });
    expect(session).toMatchObject({ inputsInFlight: 3, framesInFlight: 4 });
    // Slots are there for as many as it might have taken: four.
    expect(dnn.held().memory).toBe((slotCount + 3) * allocationsPerSlot);
    expect(lumaOf(await detect(session, 90))).toBe(90);
    await session.close();
  });
});
