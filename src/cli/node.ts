import { Command } from 'commander';
import { runNode } from '../ros2/main.js';

/** `rdk-yolo-seg node`: the segmentation node in this process; ends on SIGINT, SIGTERM or SIGHUP. */
export function nodeCommand(): Command {
  return new Command('node')
    .argument('[arguments...]', 'ROS arguments, e.g. --ros-args -p score_threshold:=0.4 -r hbmem_img:=/front')
    .allowUnknownOption()
    .addHelpText('after', '\nrdk-yolo-seg parameters lists every parameter with its default.')
    .action((args: string[]) => runNode(args));
}
