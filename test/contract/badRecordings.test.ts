import { cpSync, mkdtempSync, rmSync, statSync, truncateSync, writeFileSync } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parse, stringify } from 'yaml';
import { openSession, openSessionSync } from '#dist/backends/registry.js';
import { ConfigError, ModelContractError, type SegError } from '#dist/core/errors.js';
import { defaultOptions } from '../support/defaultOptions.js';
import { sessionOptions } from './backendContract.js';
import { leaseOf, plainPicture, repoPath } from '../support/frames.js';
import { record } from './recordings.js';

const folder = mkdtempSync(join(tmpdir(), 'bad-recordings-'));
const good = join(folder, 'good.replay');
let copies = 0;

beforeAll(async () => {
  await record(repoPath('test/fixtures/models/good.onnx'), good, [
    plainPicture(64, 32),
    plainPicture(64, 32, 200),
  ]);
});
afterAll(() => rmSync(folder, { recursive: true }));

function copy(): string {
  const path = join(folder, `copy-${copies++}.replay`);
  cpSync(good, path, { recursive: true });
  return path;
}

async function firstFrame(path: string): Promise<string> {
  return join(path, 'frames', (await readdir(join(path, 'frames'))).sort()[0]!);
}

interface Document {
  version: unknown;
  hash: unknown;
  misspelt?: number;
  input: { form: unknown; widthPx: number };
  classNames: string[];
  heads?: Partial<Record<string, string[]>>;
  outputs: { name: string; type: string; dims: number[]; strideBytes: number[]; quantisation: object }[];
  frames: { hash: string }[];
}

/** A copy whose recording.yaml was changed. */
async function edited(change: (document: Document) => void): Promise<string> {
  const path = copy();
  const file = join(path, 'recording.yaml');
  const document = parse(await readFile(file, 'utf8')) as Document;
  change(document);
  writeFileSync(file, stringify(document));
  return path;
}

async function refusal(path: string): Promise<SegError> {
  const outcome = await openSession('replay', sessionOptions(path)).catch(
    (error: unknown) => error as SegError,
  );
  if (!(outcome instanceof Error)) {
    await outcome.close();
    throw new Error(`${path} was opened`);
  }
  return outcome;
}

describe('bad recordings', () => {
  it('a copy of the sound one opens: the faults below are what is refused', async () => {
    const session = await openSession('auto', sessionOptions(await edited(() => {})));
    expect(session.model).toMatchObject({ classNames: ['ball', 'crate'], backend: 'replay' });
    await session.close();
  });

  it.each([
    ['a path with nothing there', join(folder, 'none.replay'), 'model_missing', 'does not exist'],
    ['a file', repoPath('package.json'), 'model_unreadable', 'is not a folder'],
  ])('%s', async (_name, path, code, text) => {
    const error = await refusal(path);
    expect(error).toBeInstanceOf(ConfigError);
    expect(error.code).toBe(code);
    expect(error.message).toContain(text);
  });

  it.each<[string, (path: string, frame: string) => void, string, string]>([
    [
      'without recording.yaml',
      (path) => rmSync(join(path, 'recording.yaml')),
      'recording_incomplete',
      'recording.yaml',
    ],
    [
      'with something else for YAML',
      (path) => writeFileSync(join(path, 'recording.yaml'), '{ ['),
      'recording_invalid',
      'not YAML',
    ],
    [
      'with an empty recording.yaml',
      (path) => writeFileSync(join(path, 'recording.yaml'), ''),
      'recording_invalid',
      'document: ',
    ],
    [
      'with a frame that is missing',
      (_path, frame) => rmSync(frame),
      'recording_incomplete',
      'listed but missing',
    ],
  ])('%s', async (_name, spoil, code, text) => {
    const path = copy();
    spoil(path, await firstFrame(path));
    const error = await refusal(path);
    expect(error).toBeInstanceOf(ModelContractError);
    expect(error.code).toBe(code);
    expect(error.message).toContain(text);
  });

  it('with a frame that lacks a byte: found and expected', async () => {
    const path = copy();
    const frame = await firstFrame(path);
    const expectedBytes = statSync(frame).size;
    truncateSync(frame, expectedBytes - 1);
    const error = await refusal(path);
    expect(error).toMatchObject({
      code: 'recording_size',
      details: { path: frame, foundBytes: expectedBytes - 1, expectedBytes },
    });
    expect(error.message).toContain(`has ${expectedBytes - 1} bytes; its outputs take ${expectedBytes}`);
  });

  it.each<[string, (document: Document) => void, string, string]>([
    ['version 2', (one) => (one.version = 2), 'recording_version', 'has version 2; expected 1'],
    ['no version', (one) => delete one.version, 'recording_invalid', 'version'],
    ['another hash', (one) => (one.hash = 'md5'), 'recording_invalid', 'hash: '],
    ['an unknown input form', (one) => (one.input.form = 'yuyv'), 'recording_invalid', 'input.form: '],
    ['an unknown key', (one) => (one.misspelt = 1), 'recording_invalid', 'misspelt'],
    ['a half dimension', (one) => (one.outputs[0]!.dims[1] = 1.5), 'recording_invalid', 'outputs.0.dims.1: '],
    [
      'a frame outside of the folder',
      (one) => (one.frames[0]!.hash = '../x'),
      'recording_invalid',
      'frames.0',
    ],
    ['no frames', (one) => (one.frames = []), 'recording_invalid', 'frames: '],
    ['a stride too few', (one) => one.outputs[0]!.strideBytes.pop(), 'recording_invalid', '2 strides'],
    [
      'integers without scales',
      (one) => (one.outputs[0]!.type = 's32'),
      'recording_invalid',
      'without scale or shift',
    ],
    [
      'scales of the wrong number',
      (one) => {
        one.outputs[0]!.type = 's32';
        one.outputs[0]!.quantisation = { kind: 'scale', scales: [1, 2], zeroPoints: [], axis: 1 };
      },
      'recording_invalid',
      '2 scales; expected 1 or',
    ],
    [
      'outputs larger than any model has',
      ({ outputs: [first] }) => {
        first!.dims = [1, 64 * 1024, 64 * 1024, 1];
        first!.strideBytes = [2 ** 34, 2 ** 18, 4, 4];
      },
      'recording_invalid',
      'bytes; at most 536870912 are read',
    ],
    ['a dimension too large', (one) => (one.outputs[0]!.dims[2]! *= 2), 'recording_invalid', 'overlaps'],
    ['a dimension too small', (one) => (one.outputs[1]!.dims[1] = 1), 'recording_size', 'its outputs take'],
    ['an input size that is none', (one) => (one.input.widthPx = 33), 'heads', 'multiples of 32'],
    [
      'heads that are none of its outputs',
      (one) => (one.heads = { classes: ['x'], boxes: ['y'], coefficients: ['z'] }),
      'recording_invalid',
      'heads: x is no output; they are ',
    ],
    [
      'heads with an output twice',
      (one) => (one.heads = { classes: ['x'], boxes: ['x'], coefficients: ['z'] }),
      'recording_invalid',
      'heads: names an output twice',
    ],
    [
      'heads without a kind',
      (one) => (one.heads = { classes: ['x'], boxes: ['y'] }),
      'recording_invalid',
      'heads.coefficients: ',
    ],
    ['a class name too many', (one) => one.classNames.push('extra'), 'heads', '3'],
  ])('with %s', async (_name, change, code, text) => {
    const error = await refusal(await edited(change));
    expect(error).toBeInstanceOf(ModelContractError);
    expect(error.code).toBe(code);
    expect(error.message).toContain(text);
  });

  it('is the same when opened synchronously', async () => {
    const path = await edited((one) => (one.version = 2));
    expect(() => openSessionSync('auto', sessionOptions(path))).toThrow(ModelContractError);
    expect(() => openSessionSync('auto', sessionOptions(join(folder, 'none.replay')))).toThrow(ConfigError);
  });

  it.each<[string, (frame: string) => void, RegExp]>([
    ['deleted', (frame) => rmSync(frame), /does not exist/],
    ['cut short', (frame) => truncateSync(frame, 100), /ended after 100 of \d+ bytes/],
  ])('a frame %s after opening fails its run and no other', async (_name, spoil, text) => {
    const path = copy();
    const session = await openSession('auto', sessionOptions(path));
    const sources = [plainPicture(64, 32), plainPicture(64, 32, 200)];
    const run = async (index: number) => {
      const frame = leaseOf(sources[index]!);
      const prepared = await session.prepare(frame, null);
      frame.close();
      return session.run(prepared, defaultOptions);
    };
    const document = parse(await readFile(join(path, 'recording.yaml'), 'utf8')) as Document;
    spoil(join(path, 'frames', `${document.frames[0]!.hash}.bin`));
    const error = await run(0).catch((reason: unknown) => reason);
    expect(error).toMatchObject({ name: 'SegError', code: 'recording_read' });
    expect((error as Error).message).toMatch(text);
    expect((await run(1)).candidateCount).toBeGreaterThanOrEqual(0);
    await session.close();
  });
});
