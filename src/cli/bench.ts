import { join } from 'node:path';
import { Command } from 'commander';
import { backendNames } from '../backends/registry.js';
import { runBench } from '../bench/bench.js';
import { renderReport } from '../bench/report.js';
import { parseTaskCounts } from '../bench/taskCounts.js';
import { memoryLimitBytes, type SizedPicture } from '../camera/frames.js';
import { readWholePicture } from '../camera/pictureFolder.js';
import { pictureKinds, readPictureNames } from '../camera/pictureNames.js';
import { bundledScenes } from '../camera/bundledScenes.js';
import { describeLeftOut } from '../camera/source.js';
import { toPostprocessOptions, toSessionOptions } from '../config/options.js';
import { interruptible } from '../files/interruption.js';
import { ParameterStore } from '../config/store.js';
import type { PreprocessOptions } from '../core/ports.js';
import { checkWritable, writeFileAtomically } from '../files/atomicFile.js';
import { parameterOption, positiveInteger, renamedOption } from './flags.js';

interface Flags extends PreprocessOptions {
  readonly model: string;
  readonly backend: string;
  readonly tasks: string;
  readonly frames: number;
  readonly images: string;
  readonly workers: number;
  readonly dnnLibrary: string;
  readonly json?: string;
}

/** The first pictures of a folder, as many as frames and memory allow. */
async function readPictures({ images, frames, yuvRange }: Flags): Promise<SizedPicture[]> {
  const pictures: SizedPicture[] = [];
  let bytes = 0;
  const { names, leftOut } = await readPictureNames(images);
  const unused = describeLeftOut(images, leftOut);
  if (unused !== null) console.error(unused);
  for (const name of names.slice(0, frames)) {
    const picture = await readWholePicture(join(images, name), yuvRange);
    bytes += picture.nv12.length;
    if (pictures.length > 0 && bytes > memoryLimitBytes) break;
    pictures.push(picture);
  }
  return pictures;
}

/** Redraws one line, on a terminal only. */
function showProgress(text: string): void {
  if (process.stderr.isTTY) process.stderr.write(`\r\x1b[K${text}`);
}

async function run(flags: Flags): Promise<void> {
  const { model, backend, frames, json, resizeMode, yuvRange, scaleFilter } = flags;
  const taskCounts = parseTaskCounts(flags.tasks);
  // Before the measurement, which would be lost otherwise.
  if (json !== undefined) await checkWritable(json);
  const { values } = new ParameterStore();
  const { bpu } = toSessionOptions(values, model);
  const pictures = await readPictures(flags);
  const measure = (signal: AbortSignal) =>
    runBench({
      backend,
      session: {
        modelPath: model,
        aim: 'age',
        classNames: null,
        preprocess: { resizeMode, yuvRange, scaleFilter },
        threads: 0,
        postprocessWorkers: flags.workers,
        bpu: { ...bpu, dnnLibrary: flags.dnnLibrary },
      },
      taskCounts,
      frames,
      pictures,
      options: ({ classNames }) => toPostprocessOptions(values, classNames),
      signal,
      onProgress: (tasks, done) => {
        // A terminal is written to synchronously: rarely, or it becomes part of what is measured.
        if (done % 16 === 0) showProgress(`${tasks} in flight: ${done} of ${frames} frames`);
      },
    });
  try {
    const report = await interruptible(measure);
    showProgress('');
    console.log(renderReport(report));
    if (json !== undefined) {
      await writeFileAtomically(json, `${JSON.stringify(report, null, 2)}\n`);
    }
  } finally {
    showProgress('');
  }
}

/** `rdk-yolo-seg bench`: latency and rate of a model, as the board's own tool measures them; see docs/bench.md. */
export function benchCommand(): Command {
  return new Command('bench')
    .requiredOption('--model <file>', 'model to measure')
    .option('--tasks <range>', 'tasks in flight: 4, 1..8 or 1,2,4', '1..4')
    .addOption(renamedOption('--threads <range>', '--tasks'))
    .option('--frames <count>', 'frames for each number of tasks', positiveInteger, 200)
    .option('--backend <name>', `auto, ${backendNames.join(', ')}`, 'auto')
    .option('--images <folder>', `folder of pictures (${pictureKinds}), each in its own size`, bundledScenes)
    .option('--json <file>', 'write the same figures to a file')
    .addOption(parameterOption('--workers', 'postprocess.workers'))
    .addOption(parameterOption('--dnn-library', 'backend.dnn_library'))
    .addOption(parameterOption('--resize-mode', 'input.resize_mode'))
    .addOption(parameterOption('--yuv-range', 'input.yuv_range'))
    .addOption(parameterOption('--scale-filter', 'input.scale_filter'))
    .action(run);
}
