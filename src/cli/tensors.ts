import { basename } from 'node:path';
import { Command, Option } from 'commander';
import { readManifest } from '../backends/manifestFile.js';
import { OnnxModel } from '../backends/onnx/model.js';
import { type InputForm, inputForms } from '../backends/session/inputForm.js';
import { type RecordSummary, recordTensors } from '../backends/replay/recordTensors.js';
import { type OutputScales, parseScales } from '../backends/replay/scales.js';
import { readTextFile } from '../files/textFile.js';
import {
  addPictureOptions,
  checkPictureFlags,
  describeRecording,
  type PictureFlags,
  readPictures,
} from './recordPictures.js';

interface Flags extends PictureFlags {
  readonly model: string;
  readonly scales?: string;
  readonly output: string;
  readonly input: InputForm;
}

async function readScales(path: string): Promise<OutputScales> {
  return parseScales(await readTextFile(path), path);
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
  checkPictureFlags(flags);
  const model = await OnnxModel.open(flags.model, 0);
  try {
    console.log(describeRecording(flags.output, await recordWith(model, flags)));
  } finally {
    await model.close();
  }
}

/** `rdk-yolo-seg tensors`: a folder NAME.replay that answers as the model did, for the pictures it was shown. */
export function tensorsCommand(): Command {
  return addPictureOptions(new Command('tensors'))
    .requiredOption('--model <file>', 'ONNX model')
    .requiredOption('-o, --output <folder>', 'recording to make, NAME.replay')
    .option('--scales <file>', 'JSON with the scale per channel of each integer output, by output name')
    .addOption(
      new Option('--input <form>', 'model input that is prepared: RGB planes, or NV12 as on the BPU')
        .choices([...inputForms])
        .default('rgb'),
    )
    .action(run);
}
