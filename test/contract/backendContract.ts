import { readFileSync } from 'node:fs';
import { basename } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { ClosedError, FrameError } from '#dist/core/errors.js';
import type { BackendSession, PreparedFrame, SessionOptions } from '#dist/core/ports.js';
import { stageNames } from '#dist/core/result.js';
import { defaultOptions } from '../support/defaultOptions.js';
import { type ExpectedObject, expectWithin, measureGaps, type Tolerance } from './found.js';
import { leaseOf, loadPicture, type Nv12Picture, plainPicture, repoPath } from '../support/frames.js';

export function sessionOptions(modelPath: string, changes: Partial<SessionOptions> = {}): SessionOptions {
  return {
    modelPath,
    classNames: null,
    preprocess: { resizeMode: 'letterbox', yuvRange: 'full', scaleFilter: 'bilinear' },
    aim: 'age',
    tasksInFlight: 2,
    threads: 1,
    postprocessWorkers: 0,
    bpu: { dnnLibrary: '', modelName: '', taskTimeoutMs: 1000, priority: 0 },
    ...changes,
  };
}

/** What a backend brings so that the suite can run on it. */
export interface BackendRunner<Session extends BackendSession> {
  readonly name: string;
  /** Models made from the shapes weights, by input size. */
  readonly models: readonly { readonly path: string; readonly sizePx: 320 | 640 }[];
  /** How far what it finds may be from what the float model finds; more where integers stand for the floats. */
  readonly tolerance?: Required<Tolerance>;
  /** What the stage `infer` takes at least on the smallest model; 0 where nothing is computed. */
  readonly leastInferMs: number;
  open(options: SessionOptions): Promise<Session>;
  /** Model inputs that are out of the pool. */
  inputsInUse(session: Session): number;
}

type Expected = Readonly<Record<string, Readonly<Record<string, readonly ExpectedObject[]>>>>;

const expectedObjects = JSON.parse(
  readFileSync(repoPath('test/fixtures/pictures/expected.json'), 'utf8'),
) as Expected;

/** The suite every backend passes: the rules of the BackendSession port and the shapes model's results. */
export function describeBackend<Session extends BackendSession>(runner: BackendRunner<Session>): void {
  const small = runner.models[0]!.path;
  const opened: Session[] = [];
  const open = async (modelPath = small, changes: Partial<SessionOptions> = {}) => {
    const session = await runner.open(sessionOptions(modelPath, changes));
    opened.push(session);
    return session;
  };
  // Loading takes longer than most tests: those that leave the session whole share one.
  let session: Session;
  beforeAll(async () => {
    session = await runner.open(sessionOptions(small));
  });
  afterAll(() => session.close());
  afterEach(async () => {
    await Promise.all(opened.splice(0).map((one) => one.close()));
  });

  async function detect(target: Session, picture: Nv12Picture, options = defaultOptions, sequence = 0) {
    const frame = leaseOf(picture, sequence);
    const prepared = await target.prepare(frame, null);
    frame.close();
    return target.run(prepared, options);
  }

  describe(`${runner.name}: results`, () => {
    for (const { path, sizePx } of runner.models) {
      for (const [picture, objects] of Object.entries(expectedObjects[sizePx]!)) {
        it(`${basename(path)} finds the objects of ${picture}.jpg with their masks`, async () => {
          const target = await open(path);
          const result = await detect(
            target,
            await loadPicture(repoPath(`test/fixtures/pictures/${picture}.jpg`)),
          );
          const gaps = measureGaps(result, target.model.classNames, objects, 0.6);
          expectWithin(gaps, runner.tolerance ?? { score: 0.06, boxPx: 6, maskIou: 0.94 });
          expect(result.instances.count).toBeLessThanOrEqual(objects.length + 2);
        });
      }
    }

    it('reports header, model, times of all stages and candidates', async () => {
      const result = await detect(session, plainPicture(640, 360), defaultOptions, 7);
      expect(result.header).toMatchObject({ sequence: 7, frameId: 'camera', stampNs: 231_000_000n });
      for (const stage of stageNames) expect(result.stageTimesMs[stage], stage).toBeGreaterThanOrEqual(0);
      expect(result.stageTimesMs.infer).toBeGreaterThan(runner.leastInferMs);
      expect(result.candidateCount).toBeGreaterThanOrEqual(result.candidatesCut);
      expect(session.model).toMatchObject({
        path: small,
        backend: runner.name,
        inputWidthPx: 320,
        inputHeightPx: 320,
        classNames: ['ball', 'crate', 'cone', 'barrel', 'pallet'],
      });
      expect(session.model.headForm).not.toBe('');
    });

    it('follows options frame by frame', async () => {
      const picture = await loadPicture(repoPath('test/fixtures/pictures/wide.jpg'));
      const all = await detect(session, picture);
      const crate = session.model.classNames.indexOf('crate');
      const crates = await detect(session, picture, { ...defaultOptions, classes: [crate] });
      const one = await detect(session, picture, { ...defaultOptions, maxDetections: 1 });
      const none = await detect(session, picture, { ...defaultOptions, scoreThreshold: 0.999 });
      expect(all.instances.count).toBeGreaterThan(crates.instances.count);
      expect([...new Set(crates.instances.classIds)]).toEqual([crate]);
      expect([one.instances.count, none.instances.count]).toEqual([1, 0]);
    });

    it('takes class names from the options', async () => {
      const named = await open(small, { classNames: ['a', 'b', 'c', 'd', 'e'] });
      expect(named.model.classNames).toEqual(['a', 'b', 'c', 'd', 'e']);
    });

    it('handles sources of changing size', async () => {
      for (const [widthPx, heightPx] of [
        [1280, 720],
        [640, 480],
        [1280, 720],
      ] as const) {
        const frame = leaseOf(plainPicture(widthPx, heightPx));
        const prepared = await session.prepare(frame, null);
        expect(prepared.geometry).toMatchObject({ sourceWidthPx: widthPx, sourceHeightPx: heightPx });
        frame.close();
        session.discard(prepared);
      }
    });

    it('takes a preview of about the size asked for', async () => {
      const frame = leaseOf(plainPicture(640, 360, 200));
      const prepared = await session.prepare(frame, { widthPx: 321, heightPx: 181 });
      frame.close();
      expect(prepared.preview).toMatchObject({ widthPx: 320, heightPx: 180 });
      expect([...new Uint8Array(prepared.preview!.rgba).subarray(0, 4)]).toEqual([200, 200, 200, 255]);
      session.discard(prepared);
    });
  });

  describe(`${runner.name}: rules of the port`, () => {
    it('prepare does not close the frame', async () => {
      const frame = leaseOf(plainPicture(640, 360));
      session.discard(await session.prepare(frame, null));
      expect(frame.closedCount).toBe(0);
      frame.close();
    });

    it('answers 50 frames, each with its own header, in any order, with all inputs back in the pool', async () => {
      const picture = plainPicture(640, 360);
      const answered: number[] = [];
      const inFlight = new Set<Promise<void>>();
      for (let sequence = 0; sequence < 50; sequence++) {
        if (inFlight.size >= session.framesInFlight) await Promise.race(inFlight);
        const frame = leaseOf(picture, sequence);
        const prepared = await session.prepare(frame, null);
        frame.close();
        const work = session.run(prepared, defaultOptions).then(({ header }) => {
          answered.push(header.sequence);
          inFlight.delete(work);
        });
        inFlight.add(work);
      }
      await Promise.all(inFlight);
      expect(answered.sort((a, b) => a - b)).toEqual(Array.from({ length: 50 }, (_, sequence) => sequence));
      expect(runner.inputsInUse(session)).toBe(0);
    });

    it('takes a prepared frame exactly once', async () => {
      const frame = leaseOf(plainPicture(640, 360));
      const prepared = await session.prepare(frame, null);
      frame.close();
      await session.run(prepared, defaultOptions);
      await expect(session.run(prepared, defaultOptions)).rejects.toBeInstanceOf(ClosedError);
      expect(() => session.discard(prepared)).toThrow(ClosedError);
      expect(runner.inputsInUse(session)).toBe(0);
    });

    it('rejects pixels that changed under the lease as overwritten and goes on', async () => {
      const picture = plainPicture(640, 360);
      const frame = leaseOf(picture);
      picture.bytes.fill(77);
      const error = await session
        .prepare(frame, { widthPx: 64, heightPx: 36 })
        .catch((reason: unknown) => reason);
      frame.close();
      expect(error).toBeInstanceOf(FrameError);
      expect(error).toMatchObject({ code: 'overwritten' });
      expect(runner.inputsInUse(session)).toBe(0);
      await detect(session, picture);
    });

    it('rejects a frame of odd size as the frame’s own fault', async () => {
      const frame = leaseOf(plainPicture(640, 360));
      const odd = { ...frame, header: { ...frame.header, widthPx: 641 } };
      await expect(session.prepare(odd, null)).rejects.toMatchObject({ name: 'FrameError', code: 'size' });
      frame.close();
      expect(runner.inputsInUse(session)).toBe(0);
    });

    it('refuses more frames than agreed instead of growing', async () => {
      const frame = leaseOf(plainPicture(640, 360));
      const prepared: PreparedFrame[] = [];
      for (let count = 0; count <= session.framesInFlight; count++) {
        prepared.push(await session.prepare(frame, null));
      }
      await expect(session.prepare(frame, null)).rejects.toMatchObject({ code: 'too_many_in_flight' });
      frame.close();
      for (const one of prepared) session.discard(one);
      expect(runner.inputsInUse(session)).toBe(0);
    });
  });

  describe(`${runner.name}: close`, () => {
    it('finishes what is in flight, refuses what comes later and may be called twice', async () => {
      const own = await open();
      const picture = plainPicture(640, 360);
      const [first, second] = [
        await own.prepare(leaseOf(picture, 0), null),
        await own.prepare(leaseOf(picture, 1), null),
      ];
      const ended: string[] = [];
      const running = own.run(first!, defaultOptions).finally(() => ended.push('run'));
      const closing = own.close().finally(() => ended.push('close'));
      await expect(own.run(second!, defaultOptions)).rejects.toBeInstanceOf(ClosedError);
      await expect(own.prepare(leaseOf(picture), null)).rejects.toBeInstanceOf(ClosedError);
      expect((await running).header.sequence).toBe(0);
      await closing;
      expect(ended).toEqual(['run', 'close']);
      await own.close();
      expect(runner.inputsInUse(own)).toBe(0);
    });

    it('lets a prepared frame be discarded afterwards', async () => {
      const own = await open();
      const prepared = await own.prepare(leaseOf(plainPicture(640, 360)), null);
      await own.close();
      own.discard(prepared);
      expect(runner.inputsInUse(own)).toBe(0);
    });

    it('rejects a prepare that was reading meanwhile', async () => {
      const own = await open();
      const preparing = own.prepare(leaseOf(plainPicture(1920, 1080)), null);
      const closing = own.close();
      await expect(preparing).rejects.toBeInstanceOf(ClosedError);
      await closing;
      expect(runner.inputsInUse(own)).toBe(0);
    });

    it('can be opened and closed again and again', async () => {
      for (let round = 0; round < 4; round++) {
        const own = await open();
        await detect(own, plainPicture(640, 360));
        await own.close();
      }
    });
  });
}
