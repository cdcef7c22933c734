import { constants } from 'node:os';
import { format } from 'node:util';
import { Command, CommanderError } from 'commander';
import { refuseWithoutOnnx } from '../backends/onnx/installed.js';
import {
  ConfigError,
  describeError,
  InterruptedError,
  ModelContractError,
  StoreError,
} from '../core/errors.js';
import { shown, shownLines } from '../core/words.js';
import { packageVersion } from './version.js';

/**
 * Exit codes of every command: 0 done, 1 it failed while running, 2 the user's input is unusable, 75 (EX_TEMPFAIL) the same may
 * succeed when it is run again, 128 and more a signal.
 */
const exitFailed = 1;
const exitUnusable = 2;
const exitTemporary = 75;

function exitCodeOf(error: unknown): number {
  if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : exitUnusable;
  if (error instanceof InterruptedError) return 128 + constants.signals[error.signal];
  if (error instanceof StoreError) return error.isTemporary ? exitTemporary : exitUnusable;
  return error instanceof ConfigError || error instanceof ModelContractError ? exitUnusable : exitFailed;
}

/**
 * Keeps a reader that went away, as `head` does, from ending the command: what is still to be written is dropped,
 * files and exit status stay what they are. Anything else that cannot be written, as on a full disk, ends with 1.
 */
function guardStandardOutput(): void {
  for (const stream of [process.stdout, process.stderr]) {
    stream.on('error', (error: NodeJS.ErrnoException) => {
      if (error.code === 'EPIPE') return;
      if (stream === process.stdout) console.error(`rdk-yolo-seg: cannot write the output: ${error.message}`);
      process.once('exit', () => {
        process.exitCode ||= 1;
      });
    });
  }
}

/** Whatever is printed, by whichever command: no text from outside steers the terminal. */
function guardTerminal(): void {
  console.log = (...texts) => process.stdout.write(`${shownLines(format(...texts))}\n`);
  console.error = (...texts) => process.stderr.write(`${shownLines(format(...texts))}\n`);
}

/** No command writes to standard output what it has a file for: a dash would become a file or folder of that name. */
function refuseDash(command: Command): void {
  const values: Readonly<Record<string, unknown>> = command.opts();
  for (const option of command.options) {
    if (values[option.attributeName()] !== '-') continue;
    const what = `${option.long ?? option.flags} -: standard input and output are not taken; for a file or folder of that name give ./-`;
    throw new ConfigError('arguments', what, {});
  }
}

/** Gives a command and its subcommands the conventions of all: an error is thrown, and told in one line. */
function withSharedConventions(command: Command): Command {
  command.exitOverride().configureOutput({
    outputError: (text, write) => {
      write(
        `rdk-yolo-seg: ${shown(
          text
            .replace(/^error: /, '')
            .replace(/\s+/g, ' ')
            .trim(),
        )}\n`,
      );
    },
  });
  for (const below of command.commands) withSharedConventions(below as Command);
  return command;
}

/** Commands are loaded when asked for: `node` and `camera` need ROS, the others must run without. */
const commands: Readonly<Record<string, { summary: string; load: () => Promise<Command> }>> = {
  node: {
    summary: 'run the segmentation node (takes --ros-args)',
    load: async () => (await import('./node.js')).nodeCommand(),
  },
  camera: {
    summary: 'publish pictures or NV12 files as a shared-memory camera',
    load: async () => (await import('./camera.js')).cameraCommand(),
  },
  record: {
    summary: "record the node's outputs to MCAP and measure them against ground truth",
    load: async () => (await import('./record.js')).recordCommand(),
  },
  tensors: {
    summary: "record a model's output tensors for pictures, to replay them as a model",
    load: async () => (await import('./tensors.js')).tensorsCommand(),
  },
  segment: {
    summary: 'segment pictures, videos and recordings into JSON, COCO results, overlays and labels',
    load: async () => (await import('./segment.js')).segmentCommand(),
  },
  eval: {
    summary: 'judge models by annotated pictures: AP of boxes and masks, confusion, worst pictures',
    load: async () => (await import('./eval.js')).evalCommand(),
  },
  bench: {
    summary: 'measure latency and rate of a model per number of tasks in flight',
    load: async () => (await import('./bench.js')).benchCommand(),
  },
  doctor: {
    summary: 'look at the board, ROS, shared memory, the BPU and a model, and say what helps',
    load: async () => (await import('./doctor.js')).doctorCommand(),
  },
  model: {
    summary: 'prepare a trained model for the BPU: heads, calibration, quantisation, logs',
    load: async () => {
      refuseWithoutOnnx('the command model');
      return (await import('./model/index.js')).modelCommand();
    },
  },
  'clean-shm': {
    summary: 'remove the shared memory that killed ROS processes left behind',
    load: async () => (await import('./cleanSharedMemory.js')).cleanSharedMemoryCommand(),
  },
  parameters: {
    summary: 'print the parameters of the node as a Markdown table or YAML file',
    load: async () => (await import('./parameters.js')).parametersCommand(),
  },
};

/** @param name The command that is asked for; the others are there by name and summary alone. */
async function buildProgram(name: string | undefined): Promise<Command> {
  const program = new Command('rdk-yolo-seg')
    .description('YOLOv8 instance segmentation for ROS 2 on the RDK X5')
    .version(packageVersion())
    .hook('preAction', (_, command) => refuseDash(command as Command));
  for (const [command, { summary, load }] of Object.entries(commands)) {
    if (command === name) program.addCommand((await load()).summary(summary));
    else program.command(command).summary(summary);
  }
  return withSharedConventions(program);
}

/** Commands that take options of their own and hand the arguments of ROS on. */
const rosCommands = ['camera', 'record'];

/**
 * With the arguments of ROS, from `--ros-args` to a `--` as ROS has it, behind a `--` of commander's: so that an
 * unknown option of ours is told from theirs.
 */
function withRosArgsLast(args: readonly string[]): string[] {
  const begin = rosCommands.includes(args[0] ?? '') ? args.indexOf('--ros-args') : -1;
  if (begin < 0) return [...args];
  const found = args.indexOf('--', begin);
  const end = found < 0 ? args.length : found;
  return [...args.slice(0, begin), ...args.slice(end + 1), '--', ...args.slice(begin, end)];
}

/** Runs the command line; resolves with the exit code. */
async function runCli(args: readonly string[]): Promise<number> {
  try {
    const program = await buildProgram(args[0]);
    await program.parseAsync(withRosArgsLast(args), { from: 'user' });
    return 0;
  } catch (error) {
    if (!(error instanceof CommanderError)) console.error(`rdk-yolo-seg: ${describeError(error)}`);
    return exitCodeOf(error);
  }
}

guardStandardOutput();
guardTerminal();
process.exitCode = await runCli(process.argv.slice(2));
