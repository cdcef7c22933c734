import { Command, InvalidArgumentError } from 'commander';
import { ConfigError } from '../core/errors.js';
import { runRecorder } from '../demo/recorder.js';

function positiveNumber(text: string): number {
  const value = Number(text);
  if (!(value > 0 && value <= 86_400)) throw new InvalidArgumentError('expected seconds, up to a day.');
  return value;
}

interface Flags {
  readonly out: string;
  readonly node: string;
  readonly seconds?: number;
  readonly groundTruth?: string;
  readonly cameraLog?: string;
}

/** `rdk-yolo-seg record`: the node's outputs as MCAP and pictures, with a table; ends on SIGINT or SIGTERM. */
export function recordCommand(): Command {
  return new Command('record')
    .argument('[arguments...]', 'ROS arguments: --ros-args ...')
    .allowUnknownOption()
    .option('--out <folder>', 'where demo.mcap, report.json and the overlay pictures go', 'out')
    .option('--node <name>', 'full name of the node', '/yolo_seg')
    .option('--seconds <seconds>', 'stop after this time', positiveNumber)
    .option('--ground-truth <file>', 'COCO file with exact masks of the camera pictures')
    .option('--camera-log <file>', 'what `rdk-yolo-seg camera --log` wrote')
    .action(async (args: string[], flags: Flags) => {
      if (args.length > 0 && args[0] !== '--ros-args') {
        throw new ConfigError('arguments', `${args[0]} is not an option of record; expected --ros-args`, {
          args,
        });
      }
      await runRecorder(
        {
          node: flags.node,
          outFolder: flags.out,
          groundTruthPath: flags.groundTruth ?? null,
          cameraLogPath: flags.cameraLog ?? null,
          seconds: flags.seconds ?? null,
        },
        args,
      );
    });
}
