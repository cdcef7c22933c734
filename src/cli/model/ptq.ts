import { readdir, stat } from 'node:fs/promises';
import { basename, join, relative, resolve, sep } from 'node:path';
import { Command, Option } from 'commander';
import { describeInputRange } from '../../backends/onnx/inputRange.js';
import { ConfigError } from '../../core/errors.js';
import { yuvRanges } from '../../core/ports.js';
import { counted } from '../../core/words.js';
import { readFault, shownPath } from '../../files/fault.js';
import { makeOutputFolder } from '../../files/folders.js';
import { readSampleForm } from '../../toolchain/calibration/calibrationReport.js';
import { checkSampleValues } from '../../toolchain/calibration/sampleValues.js';
import { checkRawModel, type RawModel } from '../../toolchain/onnx/rawModel.js';
import {
  calibrationMethodsOrNone,
  marches,
  nodeMarch,
  type SampleType,
} from '../../toolchain/ptq/mapperChoices.js';
import { checkPrecision } from '../../toolchain/ptq/precision.js';
import {
  namePtq,
  type PtqChoices,
  type PtqModel,
  ptqAsYaml,
  ptqSettings,
} from '../../toolchain/ptq/ptqConfig.js';
import { type PtqNames, ptqCommands, ptqScript } from '../../toolchain/ptq/ptqScript.js';
import { shellCommand, shellQuote } from '../../toolchain/text/shell.js';
import { calledAs } from '../calledAs.js';
import { addConversionOptions, conversionChoices, type ConversionFlags } from './conversionOptions.js';
import { forceOption, writeNewFiles } from './overwrite.js';
import { logNames } from '../../toolchain/text/vendorFiles.js';

interface Flags extends ConversionFlags, Pick<PtqChoices, 'march' | 'yuvRange'> {
  readonly calibration: PtqChoices['calibrationType'];
  readonly calib: string;
  readonly output: string;
  readonly force: boolean;
}

interface Samples {
  readonly count: number;
  readonly type: SampleType;
}

/**
 * Counts the samples and tells their element type by their size; null if the folder does not exist yet.
 *
 * The size alone may mislead: 320x320 as float32 are as many bytes as 640x640 as uint8. So the set's report is
 * asked too. Throws ConfigError `calibration_samples` for a folder without samples or with samples of another size
 * or range.
 */
async function findSamples(folder: string, { widthPx, heightPx }: RawModel): Promise<Samples | null> {
  const names = await readdir(folder).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return null;
    throw new ConfigError('calibration_samples', `${shownPath(folder)} ${readFault(error, 'folder')}`, {
      folder,
    });
  });
  if (names === null) return null;
  const reported = await readSampleForm(folder);
  if (reported !== null && (reported.widthPx !== widthPx || reported.heightPx !== heightPx)) {
    const size = `${reported.widthPx}x${reported.heightPx}`;
    throw new ConfigError(
      'calibration_samples',
      `${folder} holds samples of ${size}, as ${folder}.yaml says; expected ${widthPx}x${heightPx}`,
      { folder, found: size, expected: `${widthPx}x${heightPx}` },
    );
  }
  const sizes = await Promise.all(
    names.map(async (name) => ({ name, bytes: (await stat(join(folder, name))).size })),
  );
  const values = 3 * heightPx * widthPx;
  const elementBytes = sizes[0]?.bytes === values ? 1 : 4;
  const odd = sizes.find(({ bytes }) => bytes !== values * elementBytes);
  if (sizes.length > 0 && odd === undefined) {
    const type = elementBytes === 1 ? 'uint8' : 'float32';
    await checkSampleValues(folder, names, type);
    return { count: sizes.length, type };
  }
  const found = odd === undefined ? 'no file' : `${odd.name} with ${odd.bytes} bytes`;
  const each = `${values * 4} bytes each (3 x ${heightPx} x ${widthPx} float32) or ${values} (uint8)`;
  throw new ConfigError('calibration_samples', `${folder} holds ${found}; expected samples of ${each}`, {
    folder,
    found,
    values,
  });
}

/** Seen from `folder`, with `./` before a path inside it as the vendor's samples have. */
function seenFrom(folder: string, path: string): string {
  const seen = relative(folder, resolve(path));
  return seen.startsWith('..') ? seen : `./${seen}`;
}

/** The nearest folder above all of them. */
function sharedFolder(paths: readonly string[]): string {
  const [first = [], ...others] = paths.map((path) => resolve(path).split(sep));
  const length = first.findIndex((part, index) => others.some((other) => other[index] !== part));
  return first.slice(0, length < 0 ? first.length : length).join(sep) || sep;
}

/** How to run the script in the docker, if one folder can be mounted there that holds all it needs. */
function dockerLines(script: string, needed: readonly string[]): string[] {
  const shared = sharedFolder([script, ...needed]);
  if (shared === sep) {
    return ['model, samples and output share no folder that could be mounted; copy them below one'];
  }
  const mount = shellQuote(`${shared}:/workspace`);
  const inside = shellQuote(join('/workspace', relative(shared, resolve(script))));
  return [
    'or all of it at once (OE_IMAGE is the docker image):',
    `docker run --rm -v ${mount} "$OE_IMAGE" sh ${inside}`,
  ];
}

function sampleLines(flags: Flags, model: RawModel, samples: Samples | null): string[] {
  if (flags.calibration === 'skip') return ['no calibration samples: the result is good for timing only'];
  if (samples !== null)
    return [`${counted(samples.count, 'calibration sample')} in ${flags.calib}, ${samples.type}`];
  const range = flags.yuvRange === 'full' ? [] : ['--yuv-range', flags.yuvRange];
  const form = ['--size', `${model.widthPx}x${model.heightPx}`, '--input', flags.input, ...range];
  return [
    `missing: calibration samples in ${flags.calib}; make them with`,
    `${calledAs()} ${shellCommand(['model', 'calib', '--images', 'PICTURES', ...form, '-o', flags.calib])}`,
  ];
}

/** Throws ConfigError `arguments` for a range of luma where the input has none. */
export function checkYuvRange(input: PtqChoices['input'], yuvRange: PtqChoices['yuvRange']): void {
  if (input === 'nv12' || yuvRange === 'full') return;
  throw new ConfigError('arguments', `--yuv-range ${yuvRange} goes with --input nv12, found ${input}`, {});
}

async function run(modelPath: string, flags: Flags): Promise<void> {
  const { input, march, yuvRange, calibration, calib, output } = flags;
  checkYuvRange(input, yuvRange);
  const checked = await checkRawModel(modelPath);
  const conversion = conversionChoices(flags);
  checkPrecision(conversion, march, checked.nodes);
  const samples = calibration === 'skip' ? null : await findSamples(calib, checked);
  const choices: PtqChoices = {
    ...conversion,
    march,
    yuvRange,
    calibrationType: calibration,
    sampleType: samples?.type ?? 'float32',
  };
  const model: PtqModel = {
    inputName: checked.inputName,
    widthPx: checked.widthPx,
    heightPx: checked.heightPx,
    whiteValue: checked.inputRange.whiteValue,
    stem: basename(modelPath).replace(/\.onnx$/i, ''),
    modelPath: seenFrom(output, modelPath),
    calibrationPath: seenFrom(output, calib),
  };
  const { prefix, configFile } = namePtq(model, choices);
  const names: PtqNames = { modelPath: model.modelPath, configFile, prefix, march };
  const configPath = join(output, configFile);
  const scriptPath = configPath.replace(/\.yaml$/, '.sh');
  const yaml = ptqAsYaml(ptqSettings(model, choices), `hb_mapper makertbin: ${checked.form}`);
  makeOutputFolder(output);
  const files = [
    { path: configPath, content: yaml },
    { path: scriptPath, content: ptqScript(names), mode: 0o755 },
  ];
  await writeNewFiles(files, flags.force);
  const { check, convert } = ptqCommands(names);
  const mapperLog = shellQuote(join(output, logNames.makertbin));
  const modifierLog = shellQuote(join(output, prefix, logNames.modifier));
  const lines = [
    `${modelPath}: ${checked.form}`,
    `written: ${configPath}`,
    `written: ${scriptPath}`,
    ...describeInputRange(checked.inputRange),
    ...(model.whiteValue === 1 ? [] : ['so norm_type is no_preprocess']),
    ...(checked.missingInCompiled === null ? [] : [checked.missingInCompiled]),
    '',
    ...sampleLines(flags, checked, samples),
    '',
    "inside the vendor's OpenExplorer docker, in the folder of the configuration:",
    check,
    convert,
    '',
    ...dockerLines(scriptPath, calibration === 'skip' ? [modelPath] : [modelPath, calib]),
    '',
    'then:',
    `${calledAs()} model log ${mapperLog}`,
    `${calledAs()} model dequant ${mapperLog} ${modifierLog}`,
  ];
  console.log(lines.join('\n'));
}

/** `rdk-yolo-seg model ptq`: configuration, commands and script for the vendor's quantisation. */
export function ptqCommand(): Command {
  return addConversionOptions(
    new Command('ptq')
      .summary('write the configuration and script for quantisation in the vendor docker')
      .argument('<model>', 'ONNX model with ten heads, operator set 10 or 11'),
  )
    .addOption(new Option('--march <name>', 'processor').choices(marches).default(nodeMarch))
    .option('--calib <folder>', 'calibration samples (`model calib`)', 'calibration_data_rgb_f32')
    .option('-o, --output <folder>', 'folder for configuration and script; made if missing', '.')
    .addOption(
      new Option(
        '--calibration <type>',
        'calibration method; percentile: max without outliers; skip: random numbers, for timing only',
      )
        .choices(calibrationMethodsOrNone)
        .default('default'),
    )
    .addOption(
      new Option('--yuv-range <range>', 'luma range of the NV12 frames').choices(yuvRanges).default('full'),
    )
    .addOption(forceOption())
    .action(run);
}
