import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { stringify } from 'yaml';
import type { LoadedManifest } from '#dist/backends/manifestFile.js';
import { openSession, openSessionSync } from '#dist/backends/registry.js';
import { openReplaySession } from '#dist/backends/replay/open.js';
import type { BackendSession } from '#dist/core/ports.js';
import { defaultOptions } from '../support/defaultOptions.js';
import { describeBackend, sessionOptions } from './backendContract.js';
import { type HeadPlan, headsModel } from './headsModel.js';
import { leaseOf, loadPicture, type Nv12Picture, plainPicture, repoPath } from '../support/frames.js';
import { record } from './recordings.js';
import { watchedPipeline } from './watchedPipeline.js';

const folder = mkdtempSync(join(tmpdir(), 'replay-'));
const smallModel = repoPath('assets/models/shapes-seg-320.onnx');
const stockModel = repoPath('assets/models/shapes-seg-stock.onnx');
const small = join(folder, 'shapes-seg-320.replay');
const stock = join(folder, 'shapes-seg-stock.replay');
const nv12 = join(folder, 'nv12.replay');
const shapes = (name: string) => loadPicture(repoPath(`test/fixtures/pictures/${name}.jpg`));
/** What becomes of a plain picture whose bytes, chroma too, were all overwritten by 77. */
const overwritten: Nv12Picture = { ...plainPicture(640, 360), bytes: new Uint8Array(640 * 540).fill(77) };

// Made here and not committed: the last bits of the letterbox, and with them the hashes, differ between CPUs.
beforeAll(async () => {
  const [wide, portrait, hd] = await Promise.all([shapes('wide'), shapes('portrait'), shapes('hd')]);
  await record(smallModel, small, [wide, portrait, hd, plainPicture(640, 360), overwritten]);
  await record(stockModel, stock, [hd]);
  await record(smallModel, nv12, [wide], { form: 'nv12' });
}, 60_000);
afterAll(() => rmSync(folder, { recursive: true }));

describeBackend({
  name: 'replay',
  models: [
    { path: small, sizePx: 320 },
    { path: stock, sizePx: 640 },
  ],
  leastInferMs: 0,
  open: openReplaySession,
  inputsInUse: (session) => session.inputsInUse,
});

async function detect(session: BackendSession, picture: Nv12Picture) {
  const frame = leaseOf(picture);
  const prepared = await session.prepare(frame, null);
  frame.close();
  return session.run(prepared, defaultOptions);
}

describe('replay: what was recorded', () => {
  it('gives the very instances of the model that was recorded', async () => {
    const picture = await shapes('wide');
    const [onnx, replay] = await Promise.all(
      [smallModel, small].map((path) => openSession('auto', sessionOptions(path, { threads: 2 }))),
    );
    const expected = await detect(onnx!, picture);
    const found = await detect(replay!, picture);
    expect(found.instances).toEqual(expected.instances);
    expect(found.instances.count).toBeGreaterThanOrEqual(5);
    expect(replay!.model.outputs).toEqual(onnx!.model.outputs);
    expect(replay!.model.classNames).toEqual(onnx!.model.classNames);
    await Promise.all([onnx!.close(), replay!.close()]);
  });

  it('answers by content, not by order: pictures alternate', async () => {
    const session = await openReplaySession(sessionOptions(small));
    const counts: number[] = [];
    for (const picture of [await shapes('hd'), plainPicture(640, 360), await shapes('hd')]) {
      counts.push((await detect(session, picture)).instances.count);
    }
    expect(counts[0]).toBeGreaterThan(2);
    expect(counts).toEqual([counts[0], 0, counts[0]]);
    await session.close();
  });

  it('keeps frames in flight at once apart', async () => {
    const session = await openReplaySession(sessionOptions(small));
    const pictures = [await shapes('hd'), plainPicture(640, 360), await shapes('portrait')];
    const alone: number[] = [];
    for (const picture of pictures) alone.push((await detect(session, picture)).instances.count);
    const together = await Promise.all(pictures.map((picture) => detect(session, picture)));
    expect(together.map(({ instances }) => instances.count)).toEqual(alone);
    await session.close();
  });

  it('takes NV12 as a model of the BPU does, with nearly the scores of the RGB model', async () => {
    const picture = await shapes('wide');
    const [rgb, asBpu] = await Promise.all(
      [small, nv12].map((path) => openReplaySession(sessionOptions(path))),
    );
    const expected = await detect(rgb!, picture);
    const found = await detect(asBpu!, picture);
    expect(found.instances.classIds).toEqual(expected.instances.classIds);
    found.instances.scores.forEach((score, index) => {
      expect(Math.abs(score - expected.instances.scores[index]!)).toBeLessThan(0.05);
    });
    await Promise.all([rgb!.close(), asBpu!.close()]);
  });

  it('opens synchronously, by suffix or by name', async () => {
    for (const backend of ['auto', 'replay']) {
      const session = openSessionSync(backend, sessionOptions(`${small}/`));
      expect(session.model.backend).toBe('replay');
      expect((await detect(session, plainPicture(640, 360))).instances.count).toBe(0);
      await session.close();
    }
  });
});

describe('replay: what was not recorded', () => {
  it('fails the frame by hash and number of recorded frames and serves the next one', async () => {
    const session = await openReplaySession(sessionOptions(small));
    const error = await detect(session, plainPicture(640, 360, 99)).catch((reason: unknown) => reason);
    expect(error).toMatchObject({ name: 'SegError' });
    expect(error).toMatchObject({ code: 'unknown_input', details: { recordedFrames: 5 } });
    expect((error as Error).message).toMatch(
      /^input [0-9a-f]{16} is not among the 5 recorded frames of .*: it is of another picture, or of one in another size or fit /,
    );
    expect((error as Error).message).not.toContain('prepared with');
    expect(session.inputsInUse).toBe(0);
    expect((await detect(session, plainPicture(640, 360))).instances.count).toBe(0);
    await session.close();
  });

  it('names the preparation where it differs from the recorded one', async () => {
    const preprocess = { resizeMode: 'stretch', yuvRange: 'full', scaleFilter: 'bilinear' } as const;
    const session = await openReplaySession(sessionOptions(small, { preprocess }));
    await expect(detect(session, await shapes('wide'))).rejects.toThrow(
      'they were prepared with letterbox, full, bilinear, this one with stretch, full, bilinear',
    );
    await session.close();
  });

  it('ends the pipeline instead of passing for a frame without objects', async () => {
    const session = await openReplaySession(sessionOptions(small));
    const { pipeline, errors, published } = watchedPipeline(session);
    pipeline.offer(leaseOf(plainPicture(640, 360, 99)));
    await vi.waitFor(() => expect(errors).toHaveLength(1));
    expect(errors[0]).toMatchObject({ code: 'unknown_input' });
    expect([pipeline.state, published]).toEqual(['dead', []]);
    await pipeline.close();
    await session.close();
  });
});

/** Coefficients, classes and boxes of levels with so many pixels a cell. */
function plansOf(classes: number, steps: readonly number[]): HeadPlan[] {
  return steps.flatMap((step) => [
    { step, channels: 32, bias: 0 },
    { step, channels: classes, bias: -0.5 },
    { step, channels: 64, bias: 0 },
  ]);
}

/** The manifest of such a model: `o0` holds coefficients, `o1` classes, `o2` boxes, `o3` coefficients and so on. */
function manifestOf(classes: number, levels: number): LoadedManifest {
  const roles = Array.from({ length: 3 * levels }, (_, at) => {
    return [`o${at}`, (['coef', 'cls', 'box'] as const)[at % 3]!] as const;
  });
  const classNames = Array.from({ length: classes }, (_, id) => `thing ${id}`);
  return { classNames, classScores: 'logits', roles: new Map(roles) };
}

describe('replay: heads that only the manifest tells apart', () => {
  it.each<[string, number, readonly number[]]>([
    ['a P2 model, whose prototype shares the grid of a level', 2, [4, 8, 16, 32]],
    ['a P6 model with as many classes as coefficients', 32, [8, 16, 32, 64]],
    ['two coarse levels left out', 3, [8, 16]],
  ])('%s gives the very instances of the model', async (_, classes, steps) => {
    const place = mkdtempSync(join(folder, 'place-'));
    const path = headsModel(place, plansOf(classes, steps));
    const manifest = manifestOf(classes, steps.length);
    const recording = join(place, 'heads.replay');
    const bright = plainPicture(64, 64, 250);
    await record(path, recording, [bright], { manifest });
    writeFileSync(
      path.replace('.onnx', '.yaml'),
      stringify({
        class_names: manifest.classNames,
        class_scores: 'logits',
        heads: {
          classes: namesOf(manifest, 'cls'),
          boxes: namesOf(manifest, 'box'),
          coefficients: namesOf(manifest, 'coef'),
        },
      }),
    );
    const [onnx, replay] = await Promise.all(
      [path, recording].map((one) => openSession('auto', sessionOptions(one, { threads: 2 }))),
    );
    const expected = await detect(onnx!, bright);
    const found = await detect(replay!, bright);
    expect(found.instances).toEqual(expected.instances);
    expect(found.instances.count).toBeGreaterThan(0);
    expect(replay!.model.classNames).toEqual(manifest.classNames);
    await Promise.all([onnx!.close(), replay!.close()]);
  });

  it('does not write what the outputs tell themselves, so that older readers take the recording', () => {
    const text = (path: string) => readFileSync(join(path, 'recording.yaml'), 'utf8');
    for (const path of [small, stock, nv12]) expect(text(path)).not.toContain('heads:');
  });
});

function namesOf({ roles }: LoadedManifest, role: string): string[] {
  return [...roles!].filter(([, one]) => one === role).map(([name]) => name);
}
