import { Command } from 'commander';
import { headsCommand } from './heads.js';

/** `rdk-yolo-seg model`: from a trained model's export to one the BPU runs. */
export function modelCommand(): Command {
  const command = new Command('model');
  for (const subcommand of [headsCommand()]) command.addCommand(subcommand.exitOverride());
  return command;
}
