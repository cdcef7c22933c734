import { spawnSync } from 'node:child_process';
import { copyFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll } from 'vitest';
import { ensurePycocotools } from '../../scripts/pycocotools.mjs';
import { repoPath } from '../support/frames.js';

// Runs of `eval` on some pictures of the evaluation set; each test file has a folder of its own.

export const scratch = mkdtempSync(join(tmpdir(), 'eval-'));
export const command = repoPath('bin/rdk-yolo-seg');
export const model = repoPath('assets/models/shapes-seg-320.onnx');
export const pictures = join(scratch, 'pictures');
export const pictureCount = 8;
export const classNames = ['ball', 'crate', 'cone', 'barrel', 'pallet'];
/** A Python with pycocotools, once tests run. */
export let python = '';

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
export interface CocoDocument {
  images: Image[];
  categories: { id: number; name: string }[];
  annotations: Annotation[];
}

interface Kind {
  readonly ap: number;
  readonly ap50: number;
  readonly lines: readonly string[];
}
export interface Figures {
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

/** The first pictures of the evaluation set; ids have gaps, and categories stand in another order than classes and ids. */
export function subset(): CocoDocument {
  const whole = JSON.parse(readFileSync(repoPath('assets/evalset/annotations.json'), 'utf8')) as CocoDocument;
  const idOf = (id: number) => 900 - 70 * ((id * 3) % 7);
  const images = whole.images.slice(0, pictureCount);
  const ids = new Set(images.map(({ id }) => id));
  return {
    images: images.map((image) => ({ ...image, id: image.id * 1000 })),
    categories: whole.categories.map(({ id, name }) => ({ id: idOf(id), name })).toReversed(),
    annotations: whole.annotations
      .filter(({ image_id }) => ids.has(image_id))
      .map((one) => ({ ...one, image_id: one.image_id * 1000, category_id: idOf(one.category_id) })),
  };
}

export function writeTruth(
  name: string,
  change: (document: CocoDocument) => unknown = (same) => same,
): string {
  const document = subset();
  const path = join(scratch, name);
  writeFileSync(path, JSON.stringify(change(document) ?? document));
  return path;
}

export function args(truth: string, out: string, ...more: string[]): string[] {
  const given = more.includes('--model') ? [] : ['--model', model];
  const images = more.includes('--images') ? [] : ['--images', pictures];
  const chosen = more.includes('--python') ? [] : ['--python', python];
  return ['eval', ...images, '--annotations', truth, ...given, '-o', join(scratch, out), ...chosen, ...more];
}

export function evaluate(truth: string, out: string, ...more: string[]) {
  return spawnSync(command, args(truth, out, ...more), { encoding: 'utf8', cwd: scratch });
}

export const readFigures = (out: string) =>
  JSON.parse(readFileSync(join(scratch, out, 'figures.json'), 'utf8')) as Figures;

/** What does not depend on when and where it ran. */
export function lasting({ models }: Figures) {
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
