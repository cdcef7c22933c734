import { Command, InvalidArgumentError } from 'commander';
import { recordOutputs } from '../record/record.js';
import { readRosArguments } from '../ros2/rosArguments.js';

function positiveNumber(text: string): number {
  const value = Number(text);
  if (!(value > 0 && value <= 86_400)) throw new InvalidArgumentError('expected seconds, up to a day.');
  return value;
}

interface Flags {
  readonly out: string;
  readonly node: string;
  readonly camera?: string;
  readonly seconds?: number;
  readonly groundTruth?: string;
  readonly cameraLog?: string;
  readonly exact: boolean;
  readonly outputs: boolean;
  readonly mcap: boolean;
}

/** `rdk-yolo-seg record`: the node's outputs as MCAP and pictures, with a table; ends on SIGINT, SIGTERM or SIGHUP. */
export function recordCommand(): Command {
  return new Command('record')
    .argument('[arguments...]', 'ROS arguments: --ros-args ...')
    .option('--out <folder>', 'where demo.mcap, report.json and the overlay pictures go', 'out')
    .option('--node <name>', 'full name of the node', '/yolo_seg')
    .option('--camera <name>', 'the one of several cameras of the node whose outputs are recorded')
    .option('--seconds <seconds>', 'stop after this time', positiveNumber)
    .option(
      '--ground-truth <file>',
      'COCO file with the masks of the camera pictures: run lengths or polygons',
    )
    .option('--camera-log <file>', 'what `rdk-yolo-seg camera --log` wrote')
    .option('--exact', 'classes, scores and masks must be those of the ground truth', false)
    .option('--no-outputs', 'listen to /diagnostics alone')
    .option('--no-mcap', 'write no demo.mcap')
    .action(async (args: string[], flags: Flags) => {
      readRosArguments('record', args);
      await recordOutputs(
        {
          node: `/${flags.node.replace(/^\/+/, '')}`,
          camera: flags.camera ?? null,
          outFolder: flags.out,
          groundTruthPath: flags.groundTruth ?? null,
          cameraLogPath: flags.cameraLog ?? null,
          exact: flags.exact,
          outputs: flags.outputs,
          mcap: flags.mcap,
          seconds: flags.seconds ?? null,
        },
        args,
      );
    });
}
