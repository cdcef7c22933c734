import { counted } from '../../core/words.js';
import { Command, InvalidArgumentError, Option } from 'commander';
import type { InputSize } from '../../backends/session/inputForm.js';
import { pictureKinds } from '../../camera/pictureNames.js';
import { describeLeftOut } from '../../camera/source.js';
import type { PreprocessOptions } from '../../core/ports.js';
import type { CalibrationReport } from '../../toolchain/calibration/calibrationReport.js';
import { type CalibrationType, calibrationTypes } from '../../toolchain/calibration/calibrationRequest.js';
import { makeCalibrationSet } from '../../toolchain/calibration/calibrationSet.js';
import { type PtqInput, ptqInputs } from '../../toolchain/ptq/mapperChoices.js';
import { shellQuote } from '../../toolchain/text/shell.js';
import { calledAs } from '../calledAs.js';
import { parameterOption, positiveInteger } from '../flags.js';
import { forceOption } from './overwrite.js';

interface Flags extends PreprocessOptions {
  readonly images: string;
  readonly output: string;
  readonly count: number;
  readonly size: InputSize;
  readonly type: CalibrationType;
  readonly input: PtqInput;
  readonly force: boolean;
}

function modelSize(text: string): InputSize {
  const [inputWidthPx, inputHeightPx, ...rest] = text.split('x').map(Number);
  const isSide = (sidePx: number | undefined): sidePx is number =>
    sidePx !== undefined && Number.isInteger(sidePx) && sidePx >= 32 && sidePx <= 8192 && sidePx % 32 === 0;
  if (rest.length > 0 || !isSide(inputWidthPx) || !isSide(inputHeightPx)) {
    throw new InvalidArgumentError('expected WIDTHxHEIGHT in multiples of 32, up to 8192.');
  }
  return { inputWidthPx, inputHeightPx };
}

function describe(flags: Flags, report: CalibrationReport): string {
  const { files, available, leftOut, fileBytes, channelMeans, reportPath } = report;
  const unused = describeLeftOut(flags.images, leftOut);
  const few =
    files.length < flags.count
      ? [
          `fewer than the ${flags.count} asked for: the folder has ${available}; add pictures of the place it will run`,
        ]
      : [];
  return [
    `${flags.output}: ${files.length} of ${counted(available, 'picture')}, ${fileBytes} bytes each, ${flags.type} RGB NCHW ${flags.size.inputWidthPx}x${flags.size.inputHeightPx}`,
    ...(unused === null ? [] : [unused]),
    ...few,
    `means of R, G, B: ${channelMeans.map((mean) => mean.toFixed(1)).join(', ')} of 255`,
    `what was used: ${reportPath}`,
    `next: ${calledAs()} model ptq MODEL.onnx --calib ${shellQuote(flags.output)} (cal_data_type ${flags.type})`,
  ].join('\n');
}

/** `rdk-yolo-seg model calib`: pictures as hb_mapper calibrates with, letterboxed as the node does it. */
export function calibCommand(): Command {
  return new Command('calib')
    .summary("make the calibration set for hb_mapper out of pictures, letterboxed as the node's frames")
    .requiredOption('--images <folder>', `folder of pictures (${pictureKinds}) like those the robot will see`)
    .requiredOption(
      '-o, --output <folder>',
      'calibration set to make; hb_mapper expects a name that ends in _f32 (float32)',
    )
    .option('--count <number>', 'pictures to use, spread evenly over the folder by name', positiveInteger, 50)
    .addOption(
      new Option('--size <WxH>', 'model input, width x height')
        .argParser(modelSize)
        .default({ inputWidthPx: 640, inputHeightPx: 640 }, '640x640'),
    )
    .addOption(
      new Option('--type <type>', 'element type of the files')
        .choices([...calibrationTypes])
        .default('float32'),
    )
    .addOption(
      new Option('--input <form>', 'what the compiled model is fed with, as for `model ptq`')
        .choices(ptqInputs)
        .default('nv12'),
    )
    .addOption(parameterOption('--resize-mode', 'input.resize_mode'))
    .addOption(parameterOption('--yuv-range', 'input.yuv_range'))
    .addOption(parameterOption('--scale-filter', 'input.scale_filter'))
    .addOption(forceOption())
    .action(async (flags: Flags) => {
      const { images, output, count, size, type, input, resizeMode, yuvRange, scaleFilter } = flags;
      const report = await makeCalibrationSet({
        images,
        path: output,
        isForced: flags.force,
        count,
        size,
        type,
        form: input === 'nv12' ? 'nv12' : 'rgb',
        preprocess: { resizeMode, yuvRange, scaleFilter },
      });
      console.log(describe(flags, report));
    });
}
