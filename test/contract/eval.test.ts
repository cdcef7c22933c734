import { execFileSync, spawn } from 'node:child_process';
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { basename, join } from 'node:path';
import sharp from 'sharp';
import { beforeAll, describe, expect, it } from 'vitest';
import { viewFrame } from '#dist/backends/replay/frameLayout.js';
import { recordedHeads } from '#dist/backends/replay/heads.js';
import { framePath, readRecording } from '#dist/backends/replay/recordingFile.js';
import { solveLetterbox } from '#dist/core/geometry.js';
import { protocols } from '#dist/evaluate/protocols.js';
import { numpyPython, runOracle } from '../oracle/oracle.js';
import { repoPath } from '../support/frames.js';
import {
  args,
  classNames,
  command,
  evaluate,
  lasting,
  model,
  pictureCount,
  pictures,
  python,
  readFigures,
  scratch,
  subset,
  writeTruth,
} from './evalRuns.js';

const statNames = ['ap', 'ap50', 'ap75', 'ap_small', 'ap_medium', 'ap_large'];
const arNames = ['ar_1', 'ar_10', 'ar_100', 'ar_small', 'ar_medium', 'ar_large'];

if (numpyPython === null) console.log('skipped: no python3 with numpy (eval against numpy)');

describe('a recorded model, on the same tensors as numpy', () => {
  const recording = join(scratch, 'shapes.replay');

  /** The figures that pycocotools gives for what the numpy oracle finds. */
  function expected(truth: string, protocol: (typeof protocols)[keyof typeof protocols]) {
    const { recording: recorded, layout } = readRecording(recording);
    const heads = recordedHeads(recorded, recorded.classNames);
    const { images, categories } = subset();
    const cases = images.map(({ file_name, width, height }) => {
      const hash = recorded.frames.find(({ source }) => basename(source) === file_name)!.hash;
      const bytes = Uint8Array.from(readFileSync(framePath(recording, hash)));
      return {
        heads,
        tensors: viewFrame(bytes.buffer, recorded.outputs, layout),
        geometry: solveLetterbox(width, height, recorded.inputWidthPx, recorded.inputHeightPx),
        options: {
          ...protocol,
          nms: 'auto' as const,
          classes: null,
          classAgnosticNms: false,
          contourTolerancePx: null,
        },
        maxCandidates: protocol.everyClass ? 30_000 : 2048,
      };
    });
    const detections = runOracle(cases).flatMap((result, index) =>
      result.detections.map(({ classId, ...one }) => ({
        ...one,
        image_id: images[index]!.id,
        category_id: categories.find(({ name }) => name === classNames[classId])!.id,
      })),
    );
    const path = join(scratch, 'detections.json');
    writeFileSync(path, JSON.stringify(detections));
    const text = execFileSync(python, [repoPath('test/oracle/coco_ap.py'), truth, path], {
      encoding: 'utf8',
    });
    return JSON.parse(text) as { bbox: number[]; segm: number[] };
  }

  beforeAll(() => {
    execFileSync(command, ['tensors', '--model', model, '--images', pictures, '-o', recording], {
      stdio: 'ignore',
    });
  }, 120_000);

  it.skipIf(numpyPython === null).each(['ultralytics', 'node', 'zoo'] as const)(
    'has the AP that numpy and pycocotools give by the protocol %s',
    (protocol) => {
      const truth = writeTruth('truth.json');
      const { status, stderr } = evaluate(
        truth,
        `replay-${protocol}`,
        '--model',
        recording,
        '--protocol',
        protocol,
      );
      expect({ status, stderr }).toMatchObject({ status: 0 });
      const [figures] = readFigures(`replay-${protocol}`).models;
      const { bbox, segm } = expected(truth, protocols[protocol]);
      const names = [...statNames, ...arNames];
      for (const [kind, stats] of [
        ['box', bbox],
        ['mask', segm],
      ] as const) {
        names.forEach((name, index) => {
          const value = figures![kind][name];
          if (stats[index] === -1) expect(value, `${kind} ${name}`).toBeNull();
          else expect(Math.abs(value! - stats[index]!), `${kind} ${name}`).toBeLessThan(0.002);
        });
      }
      expect(bbox[0]).toBeGreaterThan(0.4);
    },
    120_000,
  );
});

describe('an evaluation', { timeout: 120_000 }, () => {
  let truth: string;

  beforeAll(() => {
    truth = writeTruth('truth.json');
    expect(evaluate(truth, 'whole')).toMatchObject({ status: 0 });
  }, 120_000);

  it('tells the twelve figures of boxes and of masks in the words of pycocotools', () => {
    const { stdout } = evaluate(truth, 'whole');
    const { box, mask } = readFigures('whole').models[0]!;
    expect(box.lines).toHaveLength(12);
    for (const line of [...box.lines, ...mask.lines]) {
      expect(line).toMatch(/^Average (Precision|Recall) /);
      expect(stdout).toContain(line);
    }
    expect(Number(mask.lines[0]!.split('=').at(-1))).toBeCloseTo(mask.ap, 2);
  });

  it('has figures of every class under its own name, whatever the numbers of the categories', () => {
    const { annotations, categories } = subset();
    const { models, objects } = readFigures('whole');
    expect(objects).toBe(annotations.length);
    for (const { name, objects: count, mask } of models[0]!.classes) {
      const { id } = categories.find((one) => one.name === name)!;
      expect(count).toBe(annotations.filter(({ category_id }) => category_id === id).length);
      expect(mask.ap, name).toBeGreaterThan(0.3);
    }
  });

  it('counts every object once in the confusion', () => {
    const { models } = readFigures('whole');
    const { confusion, mistakes } = models[0]!;
    const sum = (of: typeof confusion) => of.reduce((total, { count }) => total + count, 0);
    expect(sum(confusion.filter(({ object }) => object !== null))).toBe(subset().annotations.length);
    const wrong = sum(confusion.filter(({ object, found }) => object !== found));
    expect(mistakes.reduce((total, { count }) => total + count, 0)).toBe(wrong);
  });

  it('is shown as one page without anything from elsewhere', () => {
    const page = readFileSync(join(scratch, 'whole', 'report.html'), 'utf8');
    expect(page).not.toMatch(/<script|<link|https?:|@import|url\(/);
    const pages = [...page.matchAll(/<img alt="[^"]*" src="data:image\/jpeg;base64,([^"]+)">/g)];
    const wrong = readFigures('whole').models[0]!.mistakes.filter(({ count }) => count > 0).length;
    expect(pages).toHaveLength(2 * wrong);
  });

  it('goes on where it was, and does changed pictures again', async () => {
    const again = evaluate(truth, 'whole');
    expect(again.stdout).toContain(`0 pictures done, ${pictureCount} were done already`);
    const { file_name } = subset().images[0]!;
    const copy = join(scratch, 'changed');
    mkdirSync(copy);
    for (const name of readdirSync(pictures)) copyFileSync(join(pictures, name), join(copy, name));
    const { data, info } = await sharp(join(pictures, file_name))
      .negate()
      .raw()
      .toBuffer({ resolveWithObject: true });
    const { width, height, channels } = info;
    await sharp(data, { raw: { width, height, channels } }).jpeg().toFile(join(copy, file_name));
    const changed = evaluate(truth, 'whole', '--images', copy);
    expect(changed.stdout).toContain(
      `1 picture done, 1 of them again because their files are others now, ${pictureCount - 1} were done already`,
    );
  });

  it('keeps results of other options apart', () => {
    const stretched = evaluate(truth, 'whole', '--resize-mode', 'stretch');
    expect(stretched.stdout).toContain(`${pictureCount} pictures done`);
    expect(readdirSync(join(scratch, 'whole', 'results'))).toHaveLength(2);
  });

  it('comes to the same after an interruption', async () => {
    const child = spawn(command, args(truth, 'interrupted', '--backend', 'onnx'), { cwd: scratch });
    const results = join(scratch, 'interrupted', 'results');
    const started = () =>
      existsSync(results) &&
      readdirSync(results, { recursive: true, encoding: 'utf8' }).some((name) => /\/\d+\.json$/.test(name));
    const exit = new Promise((resolve) => {
      child.on('close', (code) => resolve(code));
    });
    await expect.poll(started, { timeout: 30_000, interval: 5 }).toBe(true);
    child.kill('SIGINT');
    expect(await exit).toBe(130);
    expect(existsSync(join(scratch, 'interrupted', 'figures.json'))).toBe(false);
    expect(evaluate(truth, 'interrupted')).toMatchObject({ status: 0 });
    expect(evaluate(truth, 'in-one-go')).toMatchObject({ status: 0 });
    expect(lasting(readFigures('interrupted'))).toEqual(lasting(readFigures('in-one-go')));
  });

  it('compares models side by side', () => {
    const other = join(scratch, 'other.onnx');
    copyFileSync(model, other);
    const { status, stdout } = evaluate(truth, 'two', '--model', model, '--model', other);
    expect(status).toBe(0);
    expect(readFigures('two').models.map(({ name }) => name)).toEqual(['shapes-seg-320', 'other']);
    expect(stdout).toMatch(/shapes-seg-320 .*\n {2}other /);
    const page = readFileSync(join(scratch, 'two', 'report.html'), 'utf8');
    expect(page).toContain('against shapes-seg-320');
    expect(page).toContain('mask difference');
  });

  it('writes names as text, whatever they hold', () => {
    const name = '<b>&"x".jpg';
    copyFileSync(join(pictures, subset().images[0]!.file_name), join(pictures, name));
    const odd = writeTruth('odd.json', (document) => {
      document.images[0]!.file_name = name;
      const ball = document.categories.find((category) => category.name === 'ball')!;
      ball.name = '<i>ball</i>';
      // A wrong object, so that the picture is shown.
      document.annotations.push({
        ...document.annotations[0]!,
        id: 9999,
        image_id: document.images[0]!.id,
        category_id: ball.id,
      });
    });
    const names = ['<i>ball</i>', ...classNames.slice(1)].join(',');
    const { status, stderr } = evaluate(odd, 'odd', '--class-names', names);
    rmSync(join(pictures, name));
    expect({ status, stderr }).toMatchObject({ status: 0 });
    const page = readFileSync(join(scratch, 'odd', 'report.html'), 'utf8');
    expect(page).toContain('&lt;b&gt;&amp;&quot;x&quot;.jpg');
    expect(page).toContain('&lt;i&gt;ball&lt;/i&gt;');
    expect(page).not.toMatch(/<b>|<i>/);
  });
});
