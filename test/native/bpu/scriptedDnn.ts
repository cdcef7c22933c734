import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { BpuSession } from '#dist/backends/bpu/session.js';
import type { FrameHeader, FrameLease } from '#dist/core/frame.js';
import type { SessionOptions } from '#dist/core/ports.js';
import type { FrameResult, PostprocessOptions } from '#dist/core/result.js';
import { probeLibrary } from '#dist/native/bpu.js';
import { closeFrame, wrapNv12 } from '#dist/native/core.js';

/** What the vendor's side still holds, and what it was asked against its rules. */
export interface Held {
  readonly memory: number;
  readonly tasks: number;
  readonly models: number;
  readonly violations: number;
}

export const nothingHeld: Held = { memory: 0, tasks: 0, models: 0, violations: 0 };

/** The scripted libdnn.so of scripted_dnn.cc and its "models", in a folder of its own. */
export class ScriptedDnn {
  readonly #folder = mkdtempSync(join(tmpdir(), 'scripted-dnn-'));
  readonly library = join(this.#folder, 'libdnn.so');
  #models = 0;
  #forgotten: Held = nothingHeld;

  constructor() {
    const source = fileURLToPath(new URL('./scripted_dnn.cc', import.meta.url));
    const include = fileURLToPath(new URL('../../../native', import.meta.url));
    const flags = ['-std=c++17', '-O1', '-shared', '-fPIC', '-Wall', '-Wextra', '-Werror'];
    execFileSync('c++', [...flags, `-I${include}`, source, '-o', this.library]);
  }

  /** A model file of these instructions. */
  model(...instructions: readonly string[]): string {
    const path = join(this.#folder, `model${this.#models++}.bin`);
    writeFileSync(path, `size 64 64\n${instructions.join('\n')}\n`);
    return path;
  }

  /** A file of these bytes beside the models. */
  file(name: string, bytes: string): string {
    const path = join(this.#folder, name);
    writeFileSync(path, bytes);
    return path;
  }

  held(): Held {
    const now = this.#heldInAll();
    return {
      memory: now.memory - this.#forgotten.memory,
      tasks: now.tasks - this.#forgotten.tasks,
      models: now.models - this.#forgotten.models,
      violations: now.violations,
    };
  }

  /** What was leaked on purpose counts no more. */
  forget(): void {
    this.#forgotten = this.#heldInAll();
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
      tasksInFlight: 0,
      threads: 0,
      postprocessWorkers: 0,
      bpu: { dnnLibrary: this.library, modelName: '', taskTimeoutMs: 200 },
      ...changes,
    };
  }

  remove(): void {
    rmSync(this.#folder, { recursive: true });
  }
}

export const postprocessOptions: PostprocessOptions = {
  scoreThreshold: 0.25,
  iouThreshold: 0.7,
  maxDetections: 100,
  classes: null,
  classAgnosticNms: false,
  contourTolerancePx: null,
};

const [widthPx, heightPx] = [128, 128];

/** A frame whose every Y is `luma`, which the scripted model turns into a score. */
export function plainFrame(luma: number, sequence = 0): FrameLease {
  const bytes = new Uint8Array(widthPx * heightPx * 1.5).fill(128);
  bytes.fill(luma, 0, widthPx * heightPx);
  const native = wrapNv12(bytes, {
    widthPx,
    heightPx,
    yStrideBytes: widthPx,
    uvStrideBytes: widthPx,
    uvOffsetBytes: widthPx * heightPx,
  });
  const header: FrameHeader = { stampNs: 0n, frameId: 'camera', sequence, widthPx, heightPx };
  return {
    header,
    yStrideBytes: widthPx,
    uvStrideBytes: widthPx,
    takenMs: performance.now(),
    loaned: false,
    native,
    close: () => void closeFrame(native),
  };
}

/** The luma of the frame a result was made from. */
export function lumaOf({ instances }: FrameResult): number {
  const score = instances.scores[0]!;
  return Math.round((Math.log(score / (1 - score)) - 3) * 1000);
}

export async function detect(session: BpuSession, luma: number, sequence = 0): Promise<FrameResult> {
  const frame = plainFrame(luma, sequence);
  try {
    return await session.run(await session.prepare(frame, null), postprocessOptions);
  } finally {
    frame.close();
  }
}
