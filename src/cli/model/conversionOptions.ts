import { type Command, InvalidArgumentError, Option } from 'commander';
import { ConfigError } from '../../core/errors.js';
import { optimizationItems } from '../../toolchain/ptq/precision.js';
import {
  balanceFactors,
  type CompileMode,
  compileModes,
  type OptimizeLevel,
  optimizeLevels,
  ptqInputs,
} from '../../toolchain/ptq/mapperChoices.js';
import type { ConversionChoices } from '../../toolchain/ptq/ptqConfig.js';
import { positiveInteger, wholeNumber } from '../flags.js';

/** What `model ptq` and `model compile` ask alike. */
export interface ConversionFlags extends Pick<ConversionChoices, 'input' | 'compileMode' | 'optimizeLevel'> {
  readonly balanceFactor?: number;
  readonly int16: readonly string[];
  readonly optimization: readonly string[];
  readonly layerNames: boolean;
  readonly jobs?: number;
}

function readLevel(text: string): OptimizeLevel {
  const level = optimizeLevels.find((one) => one === text);
  if (level !== undefined) return level;
  const goal = compileModes.find((one) => one === text);
  const choices = `expected ${optimizeLevels.join(', ')}`;
  throw new InvalidArgumentError(
    goal === undefined ? `${choices}.` : `${choices}; --compile-mode takes ${goal}.`,
  );
}

/** Adds the options that say how hb_mapper quantises and compiles. */
export function addConversionOptions(command: Command): Command {
  return command
    .addOption(
      new Option('--input <form>', 'run-time input: NV12 as the node feeds it, or RGB planes')
        .choices(ptqInputs)
        .default('nv12'),
    )
    .option(
      '--optimize, --optimize-level <level>',
      'O3: fastest program, minutes to compile; O0: for trials, seconds',
      readLevel,
      'O3' satisfies OptimizeLevel,
    )
    .addOption(
      new Option(
        '--compile-mode <goal>',
        'shortest time, least DDR traffic, or in between (--balance-factor)',
      )
        .choices(compileModes)
        .default('latency' satisfies CompileMode),
    )
    .option(
      '--balance-factor <number>',
      `with --compile-mode balance: ${balanceFactors.from} (least DDR traffic) to ${balanceFactors.to} (shortest time)`,
      (text) => wholeNumber(text, balanceFactors),
    )
    .option(
      '--on-bpu, --int16 <nodes...>',
      'nodes in 16 bits, as `model log` names them; that also keeps them on the BPU',
      [],
    )
    .option(
      '--optimization <items>',
      'settings of hb_mapper, some of set_all_nodes_int16, set_Softmax_input_int8, ...',
      optimizationItems,
      [],
    )
    .option('--layer-names', 'keep the names of layers in the .bin, for its performance report', false)
    .option('--jobs <number>', 'processes to compile with', positiveInteger);
}

/** Throws ConfigError `arguments` for options that contradict each other. */
export function conversionChoices(flags: ConversionFlags): ConversionChoices {
  const { input, compileMode, balanceFactor, optimizeLevel, int16, optimization, layerNames, jobs } = flags;
  if ((compileMode === 'balance') !== (balanceFactor !== undefined)) {
    const found = balanceFactor === undefined ? 'none' : `--balance-factor ${balanceFactor}`;
    const what = `--compile-mode balance goes with --balance-factor, and no other mode does`;
    throw new ConfigError('arguments', `${what}: found ${compileMode} and ${found}`, {});
  }
  return {
    input,
    compileMode,
    balanceFactor: balanceFactor ?? null,
    optimizeLevel,
    int16Nodes: int16,
    optimization,
    hasLayerNames: layerNames,
    jobs: jobs ?? null,
  };
}
