import { execFileSync, spawn, spawnSync } from 'node:child_process';
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { repoPath } from '../support/frames.js';

const scratch = mkdtempSync(join(tmpdir(), 'segment-'));
const command = repoPath('bin/rdk-yolo-seg');
const model = repoPath('assets/models/shapes-seg-320.onnx');
const annotations = repoPath('assets/evalset/annotations.json');
const evaluation = repoPath('assets/evalset/images');
const names = readdirSync(evaluation).toSorted().slice(5, 8);
const pictures = join(scratch, 'pictures');

afterAll(() => rmSync(scratch, { recursive: true }));

function segment(...args: string[]) {
  const { status, stdout, stderr } = spawnSync(command, ['segment', ...args, '--model', model], {
    encoding: 'utf8',
    cwd: scratch,
  });
  return { status, stdout, stderr };
}

const readJson = (...path: string[]) => JSON.parse(readFileSync(join(scratch, ...path), 'utf8'));

interface JsonInstance {
  readonly class_id: number;
  readonly class_name: string;
  readonly score: number;
  readonly box: readonly [number, number, number, number];
  readonly segmentation: { readonly size: [number, number]; readonly counts: string };
  readonly contours: readonly { readonly hole: boolean; readonly points: readonly number[] }[];
}

/** Pixels whose centre lies in an odd number of the rings, by the definition of the even-odd rule. */
function filledPx(rings: readonly (readonly number[])[], widthPx: number, heightPx: number): Uint8Array {
  const inside = new Uint8Array(widthPx * heightPx);
  for (let y = 0; y < heightPx; y++) {
    for (let x = 0; x < widthPx; x++) {
      let crossings = 0;
      for (const ring of rings) {
        for (let at = 0; at < ring.length; at += 2) {
          const next = (at + 2) % ring.length;
          const [x1, y1, x2, y2] = [ring[at]!, ring[at + 1]!, ring[next]!, ring[next + 1]!];
          if (y1 > y + 0.5 === y2 > y + 0.5) continue;
          if (x1 + ((y + 0.5 - y1) / (y2 - y1)) * (x2 - x1) > x + 0.5) crossings++;
        }
      }
      inside[y * widthPx + x] = crossings % 2;
    }
  }
  return inside;
}

/** COCO's run lengths as its definition has them: columns, background first, differences from the third run on. */
function maskOf({ size: [heightPx, widthPx], counts }: JsonInstance['segmentation']): Uint8Array {
  const runs: number[] = [];
  for (let at = 0; at < counts.length; ) {
    let [value, shift, group] = [0, 0, 32];
    while (group & 32) {
      group = counts.charCodeAt(at++) - 48;
      value += (group & 31) * 2 ** shift;
      shift += 5;
    }
    if (group & 16) value -= 2 ** shift;
    runs.push(runs.length > 2 ? value + runs.at(-2)! : value);
  }
  const inside = new Uint8Array(widthPx * heightPx);
  let position = 0;
  runs.forEach((run, index) => {
    for (let i = 0; i < run; i++, position++) {
      inside[(position % heightPx) * widthPx + Math.floor(position / heightPx)] = index % 2;
    }
  });
  expect(position).toBe(widthPx * heightPx);
  return inside;
}

function iou(a: Uint8Array, b: Uint8Array): number {
  let [shared, either] = [0, 0];
  for (const [i, one] of a.entries()) {
    shared += one & b[i]!;
    either += one | b[i]!;
  }
  return shared / either;
}

const [first] = names as [string];
/** Of the folder with these three, in `all`. */
let ofFolder: ReturnType<typeof segment>;

beforeAll(async () => {
  mkdirSync(pictures);
  for (const name of names) copyFileSync(join(evaluation, name), join(pictures, name));
  const { data } = await sharp(join(evaluation, first)).raw().toBuffer({ resolveWithObject: true });
  const frame = nv12Of(data, 640, 360);
  writeFileSync(join(scratch, 'clip.nv12'), Buffer.concat([frame, frame]));
  makeMixedFolder();
  const forms = 'json,overlay,coco,labelme,yolo';
  ofFolder = segment('pictures', '-o', 'all', '--forms', forms, '--annotations', annotations);
});

/** `mixed`, with one picture that can be read. */
function makeMixedFolder(): void {
  mkdirSync(join(scratch, 'mixed'));
  copyFileSync(join(evaluation, first), join(scratch, 'mixed', 'good.jpg'));
  const whole = readFileSync(join(evaluation, first));
  writeFileSync(join(scratch, 'mixed', 'cut.jpg'), whole.subarray(0, whole.length / 2));
  writeFileSync(join(scratch, 'mixed', 'empty.png'), '');
  writeFileSync(join(scratch, 'mixed', 'text.png'), 'this is no picture');
  // Reading a pipe would wait for ever.
  execFileSync('mkfifo', [join(scratch, 'mixed', 'pipe.jpg'), join(scratch, 'waits')]);
  symlinkSync(join(scratch, 'waits'), join(scratch, 'mixed', 'link.jpg'));
}

describe('pictures of a folder', () => {
  it('are all segmented, and the last line says so', () => {
    expect(ofFolder).toMatchObject({ status: 0 });
    expect(ofFolder.stdout).toMatch(
      /^all: 3 pictures with \d+ instances, [\d.]+ pictures\/s, \d+ % of the time/,
    );
    const stems = names.map((name) => name.replace('.jpg', ''));
    expect(readdirSync(join(scratch, 'all', 'json')).toSorted()).toEqual(stems.map((stem) => `${stem}.json`));
    expect(readdirSync(join(scratch, 'all', 'yolo')).toSorted()).toEqual(stems.map((stem) => `${stem}.txt`));
  });

  it('have masks that their outlines and labels fill, in boxes that hold them', () => {
    for (const name of names) {
      const stem = name.replace('.jpg', '');
      const { width, height, instances } = readJson('all', 'json', `${stem}.json`) as {
        width: number;
        height: number;
        instances: JsonInstance[];
      };
      const labelMe = readJson('all', 'labelme', `${stem}.json`) as {
        shapes: { label: string; group_id: number; points: [number, number][] }[];
        imagePath: string;
        imageWidth: number;
      };
      expect(join(scratch, 'all', 'labelme', labelMe.imagePath)).toBe(join(pictures, name));
      expect(labelMe.imageWidth).toBe(width);
      const lines = readFileSync(join(scratch, 'all', 'yolo', `${stem}.txt`), 'utf8')
        .split('\n')
        .slice(0, -1);
      expect(lines).toHaveLength(instances.length);
      for (const [i, { box, segmentation, contours, class_id, class_name }] of instances.entries()) {
        const mask = maskOf(segmentation);
        const rings = contours.map(({ points }) => points);
        expect(iou(mask, filledPx(rings, width, height))).toBeGreaterThan(0.95);
        const rows = [...mask.keys()]
          .filter((at) => mask[at] === 1)
          .map((at) => Math.floor(at / width) + 0.5);
        expect(Math.min(...rows)).toBeGreaterThanOrEqual(box[1] - 0.01);
        expect(Math.max(...rows)).toBeLessThanOrEqual(box[3] + 0.01);

        const outer = contours.filter(({ hole }) => !hole).map(({ points }) => points);
        const shapes = labelMe.shapes.filter((shape) => shape.group_id === i);
        expect(shapes.map(({ points }) => points.flat())).toEqual(
          outer.map((points) => points.map((value) => expect.closeTo(value, 1))),
        );
        expect(shapes.every(({ label }) => label === class_name)).toBe(true);
        const [labelClass, ...shares] = lines[i]!.split(' ').map(Number);
        expect(labelClass).toBe(class_id);
        const outline = shares.map((share, at) => share * (at % 2 === 0 ? width : height));
        const filled = filledPx([outline], width, height);
        expect(iou(filledPx(outer, width, height), filled)).toBeGreaterThan(0.99);
      }
    }
  });

  it('give COCO results under the numbers of the annotation file', () => {
    const truth = JSON.parse(readFileSync(annotations, 'utf8')) as {
      images: { id: number; file_name: string }[];
      categories: { id: number; name: string }[];
    };
    const results = readJson('all', 'coco', 'results.json') as {
      image_id: number;
      category_id: number;
      score: number;
      bbox: number[];
      segmentation: object;
    }[];
    const expected = names.flatMap((name) => {
      const { instances } = readJson('all', 'json', name.replace('.jpg', '.json')) as {
        instances: JsonInstance[];
      };
      return instances.map(({ class_name, box: [x1, y1, x2, y2], score, segmentation }) => ({
        image_id: truth.images.find(({ file_name }) => file_name === name)!.id,
        category_id: truth.categories.find((category) => category.name === class_name)!.id,
        score: expect.closeTo(score, 5),
        bbox: [x1, y1, x2 - x1, y2 - y1].map((value) => expect.closeTo(value, 1)),
        segmentation,
      }));
    });
    expect(expected.length).toBeGreaterThan(10);
    expect(results).toEqual(expected);
  });

  it('give overlays in their own size', async () => {
    const { width, height } = await sharp(join(scratch, 'all', 'overlay', names[0]!)).metadata();
    expect([width, height]).toEqual([640, 360]);
  });
});

describe('other inputs', () => {
  it('of NV12 frames and turned pictures find what the picture shows', async () => {
    mkdirSync(join(scratch, 'others'));
    const upright = sharp(join(evaluation, first));
    // Stored on its side, with EXIF's note that it is to be turned by a quarter.
    await upright
      .clone()
      .rotate(270)
      .withMetadata({ orientation: 6 })
      .jpeg({ quality: 98 })
      .toFile(join(scratch, 'others', 'turned.jpg'));
    await upright
      .clone()
      .png()
      .toFile(join(scratch, 'others', 'plain.png'));
    const ended = segment(
      'others',
      'clip.nv12',
      '--width',
      '640',
      '--height',
      '360',
      '-o',
      'else',
      '--forms',
      'json',
    );
    expect(ended).toMatchObject({ status: 0 });
    const wanted = (readJson('all', 'json', first.replace('.jpg', '.json')) as { instances: JsonInstance[] })
      .instances;
    const files = ['turned', 'plain', 'clip_000000', 'clip_000001'];
    expect(readdirSync(join(scratch, 'else', 'json')).toSorted()).toEqual(
      files.map((name) => `${name}.json`).toSorted(),
    );
    for (const name of files) {
      const found = readJson('else', 'json', `${name}.json`) as {
        width: number;
        height: number;
        instances: JsonInstance[];
      };
      expect([found.width, found.height]).toEqual([640, 360]);
      const sure = found.instances.filter(({ score }) => score > 0.5);
      for (const { class_name, box } of wanted.filter(({ score }) => score > 0.6)) {
        const near = sure.filter(
          (other) =>
            other.class_name === class_name && other.box.every((side, i) => Math.abs(side - box[i]!) < 3),
        );
        expect(near).toHaveLength(1);
      }
    }
  });

  it('that cannot be read are told, the others are segmented, and it ends with 2', () => {
    const { status, stdout, stderr } = segment('mixed', '-o', 'mixed-out', '--forms', 'json');
    expect(status).toBe(2);
    expect(stdout).toContain('1 picture with');
    expect(stderr).toMatch(/^mixed\/cut\.jpg: picture: /m);
    expect(stderr).toMatch(/^source: mixed\/empty\.png is empty$/m);
    expect(stderr).toMatch(/mixed\/text\.png cannot be decoded/);
    expect(stderr).toMatch(/mixed\/link\.jpg cannot be read: it is a pipe, expected a file/);
    expect(stderr).toContain('1 pipe or device (pipe.jpg)');
    expect(stderr).toContain('4 of 5 pictures could not be segmented');
    expect(readdirSync(join(scratch, 'mixed-out', 'json'))).toEqual(['good.json']);
  });

  it('of which none can be read leave no folder, as a model that is not there does', () => {
    mkdirSync(join(scratch, 'unreadable'));
    writeFileSync(join(scratch, 'unreadable', 'text.png'), 'this is no picture');
    const none = segment('unreadable', '-o', 'no-results', '--forms', 'json,overlay');
    expect(none).toMatchObject({ status: 2, stdout: '' });
    expect(none.stderr).toMatch(/1 of 1 picture could not be segmented$/m);
    const args = ['segment', join(evaluation, first), '-o', 'no-results', '--model', 'absent.onnx'];
    expect(spawnSync(command, args, { cwd: scratch }).status).toBe(2);
    expect(readdirSync(scratch)).not.toContain('no-results');
  });

  it('whose results would have too long a name are refused before anything is done', () => {
    const name = `${'n'.repeat(251)}.jpg`;
    mkdirSync(join(scratch, 'long'));
    copyFileSync(join(evaluation, first), join(scratch, 'long', name));
    const { status, stderr } = segment('long', '-o', 'long-out');
    expect(status).toBe(2);
    expect(stderr).toContain('has a name of 251 bytes, of which results take at most 250 and their ending');
    expect(readdirSync(scratch)).not.toContain('long-out');
  });

  it('of a model whose classes nobody names are segmented, which is told once', () => {
    const model = repoPath('test/fixtures/models/no-metadata.onnx');
    const args = ['segment', join(evaluation, first), '-o', 'nameless-out', '--model', model];
    const { stderr } = spawnSync(command, args, { cwd: scratch, encoding: 'utf8' });
    expect(stderr.match(/classes: nobody names them/g)).toHaveLength(1);
  });

  it.each([
    ['nothing of the name', ['absent'], /absent does not exist/],
    ['a file of another kind', [annotations], /neither a picture \(.*\), nor a file of NV12 frames/],
    ['NV12 without a size', ['clip.nv12'], /give --width and --height/],
    [
      'NV12 of another size',
      ['clip.nv12', '--width', '640', '--height', '480'],
      /expected a multiple of 460800/,
    ],
    ['half a size', ['clip.nv12', '--width', '640'], /belong together/],
    [
      'two of one name',
      ['pictures', join(evaluation, names[0]!)],
      /would both give results named 1000005_640x360/,
    ],
    ['one picture twice', [join(evaluation, names[0]!), join(evaluation, names[0]!)], /is given twice/],
    ['COCO results without numbers', ['pictures', '--forms', 'coco'], /--annotations FILE belong together/],
    [
      'a picture that is not annotated',
      ['mixed', '--forms', 'coco', '--annotations', annotations],
      /does not list 5 of 5 pictures/,
    ],
    [
      'names that are no categories',
      ['pictures', '--forms', 'coco', '--annotations', annotations, '--class-names', 'a,b,c,d,e'],
      /has 0 categories named "a"/,
    ],
    [
      'an unknown form',
      ['pictures', '--forms', 'json,xml'],
      /expected some of json, coco, overlay, labelme, yolo/,
    ],
    ['a threshold out of range', ['pictures', '--score', '2'], /expected a number from 0.001 to 0.999/],
  ])('%s are refused before anything is written', (_, args, why) => {
    const { status, stdout, stderr } = segment(...args, '-o', 'refused');
    expect({ status, stdout }).toEqual({ status: 2, stdout: '' });
    expect(stderr).toMatch(why);
    expect(existsSync(join(scratch, 'refused', 'json'))).toBe(false);
  });
});

it('a picture of another size than its annotations say has no COCO results, and is told', async () => {
  const folder = join(scratch, 'sizes');
  mkdirSync(folder);
  const [kept, changed] = names as [string, string];
  copyFileSync(join(evaluation, kept), join(folder, kept));
  const whole = sharp(join(evaluation, changed));
  const { width, height } = await whole.metadata();
  await whole.resize(width / 2, height / 2).toFile(join(folder, changed));
  const flags = ['--forms', 'coco', '--annotations', annotations];
  const { status, stderr } = segment('sizes', '-o', 'sizes-out', ...flags);
  expect(status).toBe(2);
  expect(stderr).toContain(
    `ground_truth: sizes/${changed} is ${width / 2}x${height / 2}, its annotations are for ${width}x${height}`,
  );
  const { images } = JSON.parse(readFileSync(annotations, 'utf8')) as {
    images: { id: number; file_name: string }[];
  };
  const results = readJson('sizes-out', 'coco', 'results.json') as { image_id: number }[];
  const ids = new Set(results.map(({ image_id: id }) => id));
  expect([...ids]).toEqual([images.find(({ file_name }) => file_name === kept)!.id]);
});

describe('names', () => {
  it('as long as results can have are taken', () => {
    mkdirSync(join(scratch, 'longest'));
    const stem = 'n'.repeat(250);
    copyFileSync(join(evaluation, names[0]!), join(scratch, 'longest', `${stem}.jpg`));
    expect(segment('longest', '-o', 'longest-out', '--forms', 'json')).toMatchObject({ status: 0 });
    expect(readdirSync(join(scratch, 'longest-out', 'json'))).toEqual([`${stem}.json`]);
  });

  it('that an annotation file gives to two pictures are refused with both', () => {
    const truth = JSON.parse(readFileSync(annotations, 'utf8'));
    const [first] = truth.images.filter(({ file_name }: { file_name: string }) => file_name === names[0]);
    const images = [
      { ...first, file_name: `a/${names[0]}` },
      { ...first, id: 9999, file_name: `b/${names[0]}` },
    ];
    writeFileSync(join(scratch, 'twice.json'), JSON.stringify({ ...truth, images, annotations: [] }));
    const picture = join(evaluation, names[0]!);
    const { status, stderr } = segment(
      picture,
      '-o',
      'twice',
      '--forms',
      'coco',
      '--annotations',
      'twice.json',
    );
    expect(status).toBe(2);
    expect(stderr).toContain(
      `lists a/${names[0]} and b/${names[0]}: which of them ${names[0]} is cannot be told`,
    );
  });
});

describe('a run that is interrupted', () => {
  it('ends with the signal, its files whole', async () => {
    mkdirSync(join(scratch, 'many'));
    for (let i = 0; i < 300; i++)
      copyFileSync(join(evaluation, names[i % 3]!), join(scratch, 'many', `${i}.jpg`));
    const process = spawn(command, ['segment', 'many', '-o', 'interrupted', '--model', model], {
      cwd: scratch,
    });
    const json = join(scratch, 'interrupted', 'json');
    const ended = new Promise<number | null>((resolve) => process.on('close', resolve));
    while (!existsSync(json) || readdirSync(json).length < 5)
      await new Promise((resolve) => setTimeout(resolve, 20));
    process.kill('SIGINT');
    expect(await ended).toBe(130);
    const written = readdirSync(json);
    expect(written.length).toBeLessThan(300);
    expect(
      written.every((name) => name.endsWith('.json') && JSON.parse(readFileSync(join(json, name), 'utf8'))),
    ).toBe(true);
  });
});

/** NV12 by BT.601 in full range, chroma of each block from its mean. */
function nv12Of(rgb: Buffer, widthPx: number, heightPx: number): Buffer {
  const nv12 = Buffer.alloc((widthPx * heightPx * 3) / 2);
  for (let y = 0; y < heightPx; y++) {
    for (let x = 0; x < widthPx; x++) {
      const [r, g, b] = rgb.subarray((y * widthPx + x) * 3) as unknown as [number, number, number];
      nv12[y * widthPx + x] = Math.round(0.299 * r + 0.587 * g + 0.114 * b);
      if (y % 2 === 1 || x % 2 === 1) continue;
      const uv = widthPx * heightPx + (y / 2) * widthPx + x;
      nv12[uv] = Math.round(Math.min(255, 128 - 0.168736 * r - 0.331264 * g + 0.5 * b));
      nv12[uv + 1] = Math.round(Math.min(255, 128 + 0.5 * r - 0.418688 * g - 0.081312 * b));
    }
  }
  return nv12;
}
