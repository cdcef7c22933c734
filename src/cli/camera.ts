import { Command, InvalidArgumentError, Option } from 'commander';
import { hbmMessageNames } from '../core/hbmMessages.js';
import { playOrders } from '../camera/frames.js';
import type { CameraOptions } from '../camera/options.js';
import { pictureFits } from '../camera/pictureFolder.js';
import { pictureKinds } from '../camera/pictureNames.js';
import { bundledScenes } from '../camera/bundledScenes.js';
import { yuvRanges } from '../core/ports.js';
import { runCamera } from '../ros2/cameraNode.js';
import { readRosArguments } from '../ros2/rosArguments.js';
import { positiveInteger } from './flags.js';

function rate(text: string): number {
  const value = Number(text);
  if (text.trim() === '' || !(value >= 0 && value <= 1000)) {
    throw new InvalidArgumentError('expected a number from 0 to 1000.');
  }
  return value;
}

/** What commander makes of the flags. */
interface Flags extends Omit<CameraOptions, 'widthPx' | 'heightPx' | 'rateHz' | 'frames' | 'logPath'> {
  readonly width: number;
  readonly height: number;
  readonly rate: number;
  readonly frames?: number;
  readonly log?: string;
}

/** `rdk-yolo-seg camera`: a shared-memory camera out of files; ends on SIGINT, SIGTERM, SIGHUP or after `--frames`. */
export function cameraCommand(): Command {
  return new Command('camera')
    .argument('[arguments...]', 'ROS arguments, e.g. --ros-args -r hbmem_img:=/front/hbmem_img')
    .option(
      '--source <path>',
      `folder of pictures (${pictureKinds}), or a file of raw NV12 frames`,
      bundledScenes,
    )
    .option('--width <pixels>', 'width of the frames', positiveInteger, 1920)
    .option('--height <pixels>', 'height of the frames', positiveInteger, 1080)
    .addOption(
      new Option('--fit <fit>', 'pictures of another shape: whole with black bars, or cut at the edges')
        .choices(pictureFits)
        .default('contain'),
    )
    .addOption(
      new Option('--yuv-range <range>', 'BT.601 range of converted pictures')
        .choices(yuvRanges)
        .default('full'),
    )
    .option('--rate <hz>', 'frames per second; 0: as fast as possible', rate, 30)
    .addOption(
      new Option('--order <order>', 'after the last picture: back through them, or from the start')
        .choices(playOrders)
        .default('pingpong'),
    )
    .addOption(
      new Option('--type <message>', 'message type; auto: the smallest for the size')
        .choices(['auto', ...hbmMessageNames])
        .default('auto'),
    )
    .option('--frames <count>', 'stop after this many frames', positiveInteger)
    .option('--wait-for-subscriber', 'send nothing before somebody listens', false)
    .option('--log <file>', 'write a JSON line for each published frame')
    .action(async (args: string[], flags: Flags) => {
      readRosArguments('camera', args);
      const { width, height, rate: rateHz, frames, log, ...rest } = flags;
      await runCamera(
        { ...rest, widthPx: width, heightPx: height, rateHz, frames: frames ?? null, logPath: log ?? null },
        args,
      );
    });
}
