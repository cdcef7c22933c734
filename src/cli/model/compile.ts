import { basename } from 'node:path';
import { Command, Option } from 'commander';
import { unreadNames } from '../../backends/manifestFile.js';
import { pictureKinds } from '../../camera/pictureNames.js';
import { counted, megabytes } from '../../core/words.js';
import type { PreprocessOptions } from '../../core/ports.js';
import { compileModel } from '../../toolchain/compile/compileModel.js';
import type { CompileRequest, CompileResult } from '../../toolchain/compile/compileRequest.js';
import { precisionMissed, typeCounts } from '../../toolchain/compile/precisionTaken.js';
import { summaryAsText } from '../../toolchain/info/modelSummary.js';
import { describeCalibration } from '../../toolchain/logs/mapperSettings.js';
import type { OutputRole } from '../../model/namedHeads.js';
import { describePlacement } from '../../toolchain/logs/logReport.js';
import { interruptible } from '../../files/interruption.js';
import { calibrationMethods } from '../../toolchain/ptq/mapperChoices.js';
import type { ConversionChoices } from '../../toolchain/ptq/ptqConfig.js';
import { shellQuote } from '../../toolchain/text/shell.js';
import { parameterOption, positiveInteger } from '../flags.js';
import { packageVersion } from '../version.js';
import { CompileProgress } from './compileProgress.js';
import { addConversionOptions, conversionChoices, type ConversionFlags } from './conversionOptions.js';
import { keepFloatOption } from './keepFloat.js';
import { forceOption } from './overwrite.js';
import { checkYuvRange } from './ptq.js';
import { toolchainOption } from './toolchain.js';
import { dockerOption, makeToolRunner, type ToolFlags } from './toolRunner.js';

interface Flags
  extends PreprocessOptions,
    ToolFlags,
    ConversionFlags,
    Pick<CompileRequest, 'images' | 'output' | 'calibCount'> {
  readonly calibration: CompileRequest['calibrationType'];
  readonly keepFloat: ReadonlySet<OutputRole>;
  readonly allowCpu: boolean;
  readonly force: boolean;
}

function summaryLines(result: CompileResult, conversion: ConversionChoices): string[] {
  const { binPath, binBytes, manifestPath, htmlPath, quantisedPath, workspace, summary, classNames } = result;
  const { report, calibrationCount } = result;
  const { total, branches } = report;
  const ends = branches.flatMap(({ branch, endSimilarity }) =>
    endSimilarity === null ? [] : [{ branch, endSimilarity }],
  );
  const worst = ends.toSorted((a, b) => a.endSimilarity - b.endSimilarity)[0];
  const types = typeCounts(report.log.nodes);
  return [
    summaryAsText(summary),
    `${binPath}: ${binBytes} bytes`,
    `  ${describePlacement(report)}${types === '' ? '' : ` (${types})`}`,
    ...(total === null
      ? []
      : [
          `  estimated: ${total.fps.toFixed(1)} frames/s, ${(total.latencyUs / 1000).toFixed(2)} ms, ${megabytes(total.ddrBytes)} of DDR traffic a frame`,
        ]),
    `  calibrated with ${counted(calibrationCount, 'picture')}: ${describeCalibration(report.log.calibration)}`,
    ...(worst === undefined
      ? []
      : [`  least similar head: ${worst.branch}, cosine ${worst.endSimilarity.toFixed(4)}`]),
    ...[...report.remarks, ...precisionMissed(report.log.nodes, conversion)].map(
      (remark) => `  note: ${remark}`,
    ),
    `${manifestPath}: ${classNames === null ? `NO CLASS NAMES are known; write them there (${result.classCount})` : `${classNames.length} class names`}`,
    `${htmlPath}: every node, with its similarity`,
    `${quantisedPath}: for \`model simulate\` on this PC`,
    `${workspace}: stages and logs, for the next call; may be deleted`,
    `next, on the robot with both files beside each other: rdk-yolo-seg node --ros-args -p model.path:=${shellQuote(basename(binPath))}`,
  ];
}

async function run(modelPath: string, flags: Flags): Promise<void> {
  const { images, output, calibCount, resizeMode, yuvRange, scaleFilter } = flags;
  checkYuvRange(flags.input, yuvRange);
  const conversion = conversionChoices(flags);
  const isTerminal = process.stderr.isTTY;
  const progress = new CompileProgress({ isTerminal, write: (text) => process.stderr.write(text) });
  try {
    const result = await interruptible((signal) =>
      compileModel({
        conversion,
        modelPath,
        images,
        output,
        calibCount,
        preprocess: { resizeMode, yuvRange, scaleFilter },
        calibrationType: flags.calibration,
        keptFloat: flags.keepFloat,
        allowsCpu: flags.allowCpu,
        isForced: flags.force,
        madeBy: `rdk-yolo-seg ${packageVersion()}`,
        makeRunner: (workspace) => makeToolRunner(flags, workspace, signal),
        signal,
        onEvent: (event) => progress.show(event),
      }),
    );
    console.log(summaryLines(result, conversion).join('\n'));
    const unread = unreadNames(modelPath, result.classNames === null);
    if (unread !== null) console.error(unread);
  } finally {
    progress.close();
  }
}

/** `rdk-yolo-seg model compile`: from an ONNX export to the BPU's model, its manifest and its report. */
export function compileCommand(): Command {
  return addConversionOptions(
    new Command('compile')
      .summary("from an ONNX export to a model for the BPU, by the vendor's compiler")
      .argument('<model>', 'stock export of a YOLO segmentation model, or one with raw heads'),
  )
    .requiredOption(
      '--images <folder>',
      `pictures to calibrate with (${pictureKinds}), like those the robot will see`,
    )
    .requiredOption('-o, --output <folder>', 'folder for model, manifest, report and stages; made if missing')
    .option(
      '--calib-count <number>',
      'pictures to calibrate with, spread evenly by name',
      positiveInteger,
      50,
    )
    .addOption(keepFloatOption())
    .addOption(
      new Option('--calibration <type>', 'calibration method; percentile is max without outliers')
        .choices(calibrationMethods)
        .default('default'),
    )
    .option('--allow-cpu', 'compile also where operators would run on the CPU of the board', false)
    .addOption(parameterOption('--resize-mode', 'input.resize_mode'))
    .addOption(parameterOption('--yuv-range', 'input.yuv_range'))
    .addOption(parameterOption('--scale-filter', 'input.scale_filter'))
    .addOption(dockerOption())
    .addOption(toolchainOption())
    .addOption(forceOption())
    .action(run);
}
