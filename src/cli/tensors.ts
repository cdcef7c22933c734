import { counted } from '../core/words.js';
import { basename, join } from 'node:path';
import { Command, Option } from 'commander';
import { readManifest } from '../backends/manifestFile.js';
import { OnnxModel } from '../backends/onnx/model.js';
import { type InputForm, inputForms } from '../backends/session/inputForm.js';
import type { Nv12Picture } from '../backends/replay/picture.js';
import { type RecordSummary, recordTensors } from '../backends/replay/recordTensors.js';
import { type OutputScales, parseScales } from '../backends/replay/scales.js';
import { type PictureFit, readWholePicture } from '../camera/pictureFolder.js';
import { pictureKinds, readPictureNames } from '../camera/pictureNames.js';
import { describeLeftOut, loadFrames } from '../camera/source.js';
import { ConfigError } from '../core/errors.js';
import type { PreprocessOptions } from '../core/ports.js';
import { readTextFile } from '../files/textFile.js';
import { parameterOption, positiveInteger } from './flags.js';

interface Flags extends PreprocessOptions {
  readonly model: string;
  readonly images: string;
  readonly scales?: string;
  readonly output: string;
  readonly input: InputForm;
  readonly width?: number;
  readonly height?: number;
  readonly fit: PictureFit;
}

async function readScales(path: string): Promise<OutputScales> {
  return parseScales(await readTextFile(path), path);
}

function tellLeftOut(images: string, leftOut: string | null): void {
  const unused = describeLeftOut(images, leftOut);
  if (unused !== null) console.error(unused);
}

async function* readPictures({ images, width, height, fit, yuvRange }: Flags): AsyncGenerator<Nv12Picture> {
  if (width !== undefined && height !== undefined) {
    const { pictures, available, leftOut, ...size } = await loadFrames(images, {
      widthPx: width,
      heightPx: height,
      fit,
      yuvRange,
    });
    tellLeftOut(images, leftOut);
    if (pictures.length < available) {
      throw new ConfigError('source', `${available} pictures of ${width}x${height} do not fit into memory`, {
        available,
      });
    }
    for (const picture of pictures) yield { ...picture, ...size };
    return;
  }
  const { names, leftOut } = await readPictureNames(images);
  tellLeftOut(images, leftOut);
  for (const name of names) yield readWholePicture(join(images, name), yuvRange);
}

async function recordWith(model: OnnxModel, flags: Flags): Promise<RecordSummary> {
  const { resizeMode, yuvRange, scaleFilter } = flags;
  return recordTensors({
    path: flags.output,
    model,
    modelName: basename(flags.model),
    manifest: readManifest(flags.model),
    scales: flags.scales === undefined ? {} : await readScales(flags.scales),
    form: flags.input,
    preprocess: { resizeMode, yuvRange, scaleFilter },
    pictures: readPictures(flags),
  });
}

async function run(flags: Flags): Promise<void> {
  if ((flags.width === undefined) !== (flags.height === undefined)) {
    throw new ConfigError('arguments', '--width and --height belong together', {});
  }
  const model = await OnnxModel.open(flags.model, 0);
  try {
    const { frameCount, repeatCount, frameBytes } = await recordWith(model, flags);
    const megabytes = ((frameCount * frameBytes) / 1e6).toFixed(1);
    const repeats = repeatCount === 0 ? '' : `, ${repeatCount} repeated`;
    console.log(`${flags.output}: ${counted(frameCount, 'frame')}${repeats}, ${megabytes} MB`);
  } finally {
    await model.close();
  }
}

/** `rdk-yolo-seg tensors`: a folder NAME.replay that answers as the model did, for the pictures it was shown. */
export function tensorsCommand(): Command {
  return new Command('tensors')
    .requiredOption('--model <file>', 'ONNX model')
    .requiredOption(
      '--images <path>',
      `folder of pictures (${pictureKinds}); with a size also a file of NV12 frames`,
    )
    .requiredOption('-o, --output <folder>', 'recording to make, NAME.replay')
    .option('--scales <file>', 'JSON with the scale per channel of each integer output, by output name')
    .addOption(
      new Option('--input <form>', 'model input that is prepared: RGB planes, or NV12 as on the BPU')
        .choices([...inputForms])
        .default('rgb'),
    )
    .option('--width <pixels>', "width of the frames; without it the pictures' own", positiveInteger)
    .option('--height <pixels>', "height of the frames; without it the pictures' own", positiveInteger)
    .addOption(
      new Option('--fit <fit>', 'with a size: pictures of another shape, as `camera` fits them')
        .choices(['contain', 'cover'])
        .default('contain'),
    )
    .addOption(parameterOption('--resize-mode', 'input.resize_mode'))
    .addOption(parameterOption('--yuv-range', 'input.yuv_range'))
    .addOption(parameterOption('--scale-filter', 'input.scale_filter'))
    .action(run);
}
