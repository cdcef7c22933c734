import { execFileSync, spawn, spawnSync } from 'node:child_process';
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { viewFrame } from '#dist/backends/replay/frameLayout.js';
import { recordedHeads } from '#dist/backends/replay/heads.js';
import { framePath, readRecording } from '#dist/backends/replay/recordingFile.js';
import { solveLetterbox } from '#dist/core/geometry.js';
import { protocols } from '#dist/evaluate/protocols.js';
import { ensurePycocotools } from '../../scripts/pycocotools.mjs';
import { numpyPython, runOracle } from '../oracle/oracle.js';
import { repoPath } from '../support/frames.js';

const scratch = mkdtempSync(join(tmpdir(), 'eval-'));
const command = repoPath('bin/rdk-yolo-seg');
const model = repoPath('assets/models/shapes-seg-320.onnx');
const pictures = join(scratch, 'pictures');
const pictureCount = 8;
const classNames = ['ball', 'crate', 'cone', 'barrel', 'pallet'];
let python = '';

interface Image {
  id: number;
  file_name: string;
  width: number;
  height: number;
}
interface Annotation {
  id: number;
  image_id: number;
  category_id: number;
  [key: string]: unknown;
}
interface CocoDocument {
  images: Image[];
  categories: { id: number; name: string }[];
  annotations: Annotation[];
}

interface Kind {
  readonly ap: number;
  readonly ap50: number;
  readonly lines: readonly string[];
}
interface Figures {
  readonly pictures: number;
  readonly objects: number;
  readonly skipped: readonly { readonly file_name: string }[];
  readonly models: readonly {
    readonly name: string;
    readonly backend: string;
    readonly results: string;
    readonly box: Kind & Readonly<Record<string, number>>;
    readonly mask: Kind & Readonly<Record<string, number>>;
    readonly classes: readonly {
      readonly name: string;
      readonly objects: number;
      readonly mask: { readonly ap: number };
    }[];
    readonly confusion: readonly {
      readonly object: string | null;
      readonly found: string | null;
      readonly count: number;
    }[];
    readonly mistakes: readonly { readonly image_id: number; readonly count: number }[];
  }[];
}

const statNames = ['ap', 'ap50', 'ap75', 'ap_small', 'ap_medium', 'ap_large'];
const arNames = ['ar_1', 'ar_10', 'ar_100', 'ar_small', 'ar_medium', 'ar_large'];

/** The first pictures of the evaluation set, their ids and those of the categories with gaps and out of order. */
function subset(): CocoDocument {
  const whole = JSON.parse(readFileSync(repoPath('assets/evalset/annotations.json'), 'utf8')) as CocoDocument;
  const idOf = (id: number) => 900 - 70 * id;
  const images = whole.images.slice(0, pictureCount);
  const ids = new Set(images.map(({ id }) => id));
  return {
    images: images.map((image) => ({ ...image, id: image.id * 1000 })),
    categories: whole.categories.map(({ id, name }) => ({ id: idOf(id), name })),
    annotations: whole.annotations
      .filter(({ image_id }) => ids.has(image_id))
      .map((one) => ({ ...one, image_id: one.image_id * 1000, category_id: idOf(one.category_id) })),
  };
}

function writeTruth(name: string, change: (document: CocoDocument) => unknown = (same) => same): string {
  const document = subset();
  const path = join(scratch, name);
  writeFileSync(path, JSON.stringify(change(document) ?? document));
  return path;
}

function args(truth: string, out: string, ...more: string[]): string[] {
  const given = more.includes('--model') ? [] : ['--model', model];
  const images = more.includes('--images') ? [] : ['--images', pictures];
  const chosen = more.includes('--python') ? [] : ['--python', python];
  return ['eval', ...images, '--annotations', truth, ...given, '-o', join(scratch, out), ...chosen, ...more];
}

function evaluate(truth: string, out: string, ...more: string[]) {
  return spawnSync(command, args(truth, out, ...more), { encoding: 'utf8', cwd: scratch });
}

const readFigures = (out: string) =>
  JSON.parse(readFileSync(join(scratch, out, 'figures.json'), 'utf8')) as Figures;

/** What does not depend on when and where it ran. */
function lasting({ models }: Figures) {
  return models.map(({ box, mask, classes, confusion, mistakes }) => ({
    box,
    mask,
    classes,
    confusion,
    mistakes,
  }));
}

beforeAll(async () => {
  python = await ensurePycocotools();
  mkdirSync(pictures);
  for (const { file_name } of subset().images) {
    copyFileSync(repoPath(`assets/evalset/images/${file_name}`), join(pictures, file_name));
  }
}, 300_000);
afterAll(() => rmSync(scratch, { recursive: true }));

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
  }, 60_000);

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

describe('an evaluation', () => {
  let truth: string;

  beforeAll(() => {
    truth = writeTruth('truth.json');
    expect(evaluate(truth, 'whole')).toMatchObject({ status: 0 });
  }, 60_000);

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

  it('comes to the same after an interruption', { timeout: 60_000 }, async () => {
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
      document.categories[0]!.name = '<i>ball</i>';
      // A wrong object, so that the picture is shown.
      document.annotations.push({
        ...document.annotations[0]!,
        id: 9999,
        image_id: document.images[0]!.id,
        category_id: 550,
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

describe('what cannot be evaluated is refused before anything runs', () => {
  type Change = (document: CocoDocument) => unknown;
  const cases: readonly (readonly [what: string, change: Change, message: RegExp, ...more: string[]])[] = [
    [
      'captions',
      ({ images }) => ({ images, annotations: [{ id: 1, image_id: images[0]!.id, caption: 'a ball' }] }),
      /it holds captions of whole pictures.*expected instances_/,
    ],
    [
      'a panoptic segmentation',
      ({ images, categories }) => ({
        images,
        categories,
        annotations: [{ image_id: images[0]!.id, file_name: 'a.png', segments_info: [] }],
      }),
      /it holds a panoptic segmentation/,
    ],
    [
      'boxes without masks',
      ({ annotations }) => {
        annotations[1]!.segmentation = [];
      },
      /annotations\[1\]\.segmentation: expected polygons or run lengths, found nothing/,
    ],
    [
      'another list of categories',
      ({ categories }) => {
        categories[0]!.name = 'person';
      },
      /classes without a category: "ball"; categories without a class: "person"/,
    ],
    [
      'a picture that is listed twice',
      ({ images }) => {
        images[1]!.file_name = images[0]!.file_name;
      },
      /images\[1\]\.file_name: ".*" is that of images\[0\] too/,
    ],
    [
      'a missing picture',
      ({ images }) => {
        images[2]!.file_name = 'gone.jpg';
      },
      /1 of 8 pictures that .* lists cannot be read from .*gone\.jpg.*--skip-missing/,
    ],
    [
      'annotations for another size',
      ({ images }) => {
        images[0]!.width = 1281;
      },
      /is \d+x\d+, its annotations are for 1281x\d+/,
    ],
    [
      'a Python that is not there',
      () => undefined,
      /no-python cannot run pycocotools.*pip install pycocotools==/,
      '--python',
      'no-python',
    ],
    ['an empty folder', () => undefined, /no picture among the 0 entries/, '--images', 'empty'],
  ];

  it.each(cases)('%s', (what, change, message, ...more) => {
    mkdirSync(join(scratch, 'empty'), { recursive: true });
    const truth = writeTruth('refused.json', (document) => change(document) ?? document);
    const { status, stderr } = evaluate(truth, `refused ${what}`, ...more);
    expect(stderr).toMatch(message);
    expect(stderr.trim().split('\n')).toHaveLength(1);
    expect(status).toBe(2);
    expect(existsSync(join(scratch, `refused ${what}`, 'results'))).toBe(false);
  });

  it('leaves missing and broken pictures out when that is asked for, and says so', () => {
    const broken = subset().images[3]!.file_name;
    const bytes = readFileSync(join(pictures, broken));
    writeFileSync(join(pictures, 'broken.png'), bytes.subarray(0, 20));
    const truth = writeTruth('gaps.json', ({ images }) => {
      images[2]!.file_name = 'gone.jpg';
      images[3]!.file_name = 'broken.png';
    });
    const { status, stderr } = evaluate(truth, 'gaps', '--skip-missing');
    rmSync(join(pictures, 'broken.png'));
    expect(status).toBe(0);
    expect(stderr).toMatch(/gone\.jpg is left out: is not there/);
    const figures = readFigures('gaps');
    expect(figures.pictures).toBe(pictureCount - 2);
    expect(figures.skipped.map(({ file_name }) => file_name)).toEqual(['gone.jpg', 'broken.png']);
    // What is left is judged as if the others had never been listed.
    const left = writeTruth('left.json', (document) => {
      const images = document.images.filter((_, index) => index !== 2 && index !== 3);
      const ids = new Set(images.map(({ id }) => id));
      return {
        ...document,
        images,
        annotations: document.annotations.filter((one) => ids.has(one.image_id)),
      };
    });
    expect(evaluate(left, 'left')).toMatchObject({ status: 0 });
    expect(lasting(figures)).toEqual(lasting(readFigures('left')));
  });
});
