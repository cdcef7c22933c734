import { Command } from 'commander';
import type { Nv12Picture } from '../../backends/replay/picture.js';
import { checkRecordingPath } from '../../backends/replay/recordTensors.js';
import { interruptible } from '../../files/interruption.js';
import { quantisedPathOf, simulateModel } from '../../toolchain/simulate/simulateModel.js';
import { shellQuote } from '../../toolchain/text/shell.js';
import { calledAs } from '../calledAs.js';
import {
  addPictureOptions,
  checkPictureFlags,
  describeRecording,
  type PictureFlags,
  readPictures,
} from '../recordPictures.js';
import { toolchainOption } from './toolchain.js';
import { dockerOption, makeToolRunner, type ToolFlags } from './toolRunner.js';

interface Flags extends PictureFlags, ToolFlags {
  readonly output: string;
}

/** Tells of each picture when it is asked for: a picture takes seconds. */
async function* told(pictures: AsyncIterable<Nv12Picture>): AsyncGenerator<Nv12Picture> {
  let number = 0;
  for await (const picture of pictures) {
    console.error(`picture ${++number}: ${picture.name}`);
    yield picture;
  }
}

async function run(modelPath: string, flags: Flags): Promise<void> {
  checkPictureFlags(flags);
  // What is wrong with these is told before the tools start, or are installed.
  quantisedPathOf(modelPath);
  checkRecordingPath(flags.output);
  const { output, resizeMode, yuvRange, scaleFilter } = flags;
  const summary = await interruptible((signal) =>
    simulateModel({
      modelPath,
      output,
      preprocess: { resizeMode, yuvRange, scaleFilter },
      pictures: told(readPictures(flags)),
      makeRunner: (folder) => makeToolRunner(flags, folder, signal),
      signal,
    }),
  );
  console.log(describeRecording(output, summary));
  console.log(`next: ${calledAs()} node --ros-args -p model.path:=${shellQuote(output)}`);
}

/** `rdk-yolo-seg model simulate`: what a compiled model gives on the BPU, recorded for pictures. */
export function simulateCommand(): Command {
  return addPictureOptions(new Command('simulate'))
    .summary("record what a compiled model would give on the BPU, by the vendor's runtime on this PC")
    .argument('<model>', 'compiled model NAME.bin with NAME_quantized_model.onnx beside it')
    .requiredOption('-o, --output <folder>', 'recording to make, NAME.replay')
    .addOption(dockerOption())
    .addOption(toolchainOption())
    .action(run);
}
