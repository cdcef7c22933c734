import { Command } from 'commander';
import { calibCommand } from './calib.js';
import { headsCommand } from './heads.js';

/** `rdk-yolo-seg model`: from a trained model's export to one the BPU runs. */
export function modelCommand(): Command {
  const command = new Command('model');
  const subcommands = [headsCommand(), calibCommand()];
  for (const subcommand of subcommands) command.addCommand(subcommand.exitOverride());
  return command;
}
