import { createHash } from 'node:crypto';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  rmSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { frameLayout } from '#dist/backends/replay/frameLayout.js';
import {
  framePath,
  framesPath,
  recordingPath,
  renderRecording,
} from '#dist/backends/replay/recordingFile.js';
import type { SessionOptions } from '#dist/core/ports.js';
import { packedSpec, type TensorSpec } from '#dist/core/tensor.js';
import { probeLibrary } from '#dist/native/bpu.js';
import { fakednnMagic, type InputInfo, renderModelInfo } from '../../tools/fakednn/modelInfo.mjs';

const libraryFolder = `../../native/bin/fakednn${process.env.RDK_ADDON_SUFFIX ?? ''}`;

/** fakednn, native/fakednn; the one that is sanitized where the addon is. */
export const fakednnLibrary = fileURLToPath(new URL(`${libraryFolder}/libdnn.so`, import.meta.url));

if (!existsSync(fakednnLibrary)) throw new Error(`found no ${fakednnLibrary}; remedy: npm run setup`);

/** What the vendor's side still holds, and what it was asked against its rules. */
export interface Held {
  readonly memory: number;
  readonly tasks: number;
  readonly models: number;
  readonly violations: number;
}

export const nothingHeld: Held = { memory: 0, tasks: 0, models: 0, violations: 0 };

const sidePx = 64;
const classCount = 5;

/** The outputs of a model of 64 x 64 pixels, named after what they are and the step of their grid. */
const outputs: readonly TensorSpec[] = [
  ...[8, 16, 32].flatMap((step) => [
    head(`cls${step}`, step, classCount),
    head(`box${step}`, step, 64),
    head(`mc${step}`, step, 32),
  ]),
  head('proto', 4, 32),
];

/** Allocations of one slot: the input and every output. */
export const allocationsPerSlot = 1 + outputs.length;

function head(name: string, step: number, channels: number): TensorSpec {
  return packedSpec(name, [1, sidePx / step, sidePx / step, channels]);
}

/** The logit of the one object seen in a plain picture, and the luma of the picture by it. */
const logitOf = (luma: number) => 3 + luma / 1000;
export const shownByLogit = (logit: number) => Math.round((logit - 3) * 1000);

export interface ModelShape extends Partial<InputInfo> {
  /** The output that is missing. */
  readonly without?: string;
}

/**
 * Models of native/fakednn in a folder of their own, which answer any plain picture of 128 x 128 or 64 x 64 pixels
 * with one object that tells its luma (`lumaOf`).
 */
export class Fakednn {
  readonly library = fakednnLibrary;
  readonly #folder = mkdtempSync(join(tmpdir(), 'fakednn-'));
  readonly #recording = join(this.#folder, 'plain.replay');
  #models = 0;
  #taken: Held = nothingHeld;

  constructor() {
    recordPlainPictures(this.#recording);
  }

  /** A model file with these settings of native/fakednn/README.md. */
  model(...settings: readonly string[]): string {
    return this.shapedModel({}, ...settings);
  }

  shapedModel({ without, ...input }: ModelShape, ...settings: readonly string[]): string {
    const kept = outputs.filter(({ name }) => name !== without);
    const info = renderModelInfo('plain', { widthPx: sidePx, heightPx: sidePx, ...input }, kept);
    return this.file(fakednnMagic + settings.map((line) => `${line}\n`).join('') + info);
  }

  /** A model file of this text. */
  file(text: string, suffix = '.bin'): string {
    const name = join(this.#folder, `model${this.#models++}`);
    writeFileSync(name + suffix, text);
    symlinkSync(this.#recording, `${name}.replay`);
    return name + suffix;
  }

  /** What is held and was asked since `takeHeld`. */
  held(): Held {
    const now = this.#heldInAll();
    return {
      memory: now.memory - this.#taken.memory,
      tasks: now.tasks - this.#taken.tasks,
      models: now.models - this.#taken.models,
      violations: now.violations - this.#taken.violations,
    };
  }

  /** The same, for the last time: it counts no more, so that each test answers for itself. */
  takeHeld(): Held {
    const held = this.held();
    this.#taken = this.#heldInAll();
    return held;
  }

  #heldInAll(): Held {
    const text = probeLibrary(this.library).version;
    const [memory, tasks, models, violations] = [...text.matchAll(/\d+/g)].map(Number);
    return { memory: memory!, tasks: tasks!, models: models!, violations: violations! };
  }

  options(modelPath: string, changes: Partial<SessionOptions> = {}): SessionOptions {
    return {
      modelPath,
      classNames: null,
      preprocess: { resizeMode: 'letterbox', yuvRange: 'full', scaleFilter: 'auto' },
      aim: 'age',
      tasksInFlight: 0,
      threads: 0,
      postprocessWorkers: 0,
      bpu: { dnnLibrary: this.library, modelName: '', taskTimeoutMs: 200, priority: 0 },
      ...changes,
    };
  }

  remove(): void {
    rmSync(this.#folder, { recursive: true });
  }
}

function recordPlainPictures(folder: string): void {
  mkdirSync(framesPath(folder), { recursive: true });
  const isClasses = ({ name }: TensorSpec) => name.startsWith('cls');
  // All others are zeros: behind the classes they are a hole in the file.
  const recorded = [...outputs.filter(isClasses), ...outputs.filter((spec) => !isClasses(spec))];
  const text = renderRecording({
    model: 'plain',
    form: 'nv12',
    inputWidthPx: sidePx,
    inputHeightPx: sidePx,
    preprocess: { resizeMode: 'letterbox', yuvRange: 'full', scaleFilter: 'auto' },
    classScores: 'logits',
    oneToOne: false,
    heads: null,
    classNames: Array.from({ length: classCount }, (_, index) => `class ${index}`),
    outputs: recorded,
    frames: [],
  });
  writeFileSync(recordingPath(folder), text);
  const { offsetsBytes, sizeBytes } = frameLayout(recorded);
  const record = (input: Uint8Array, luma: number) => {
    const logits = new Float32Array(offsetsBytes[3]! / 4).fill(-10);
    const middle = (sidePx / 8) ** 2 / 2;
    logits[middle * classCount + 2] = logitOf(luma);
    const path = framePath(folder, createHash('sha256').update(input).digest('hex').slice(0, 16));
    writeFileSync(path, logits);
    truncateSync(path, sizeBytes);
  };
  const pixelCount = sidePx ** 2;
  for (let luma = 0; luma < 256; luma++) {
    record(new Uint8Array(pixelCount * 1.5).fill(128).fill(luma, 0, pixelCount), luma);
  }
  // What a session runs at its opening where a model takes RGB: bytes less 128.
  record(new Uint8Array(pixelCount * 3).fill(114 - 128), 114);
}
