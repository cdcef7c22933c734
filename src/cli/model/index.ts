import { Command } from 'commander';
import { logCommand } from './log.js';

/** `rdk-yolo-seg model`: from trained weights to a BPU model, one step each. */
export function modelCommand(): Command {
  const subcommands = [logCommand()];
  const command = new Command('model');
  for (const subcommand of subcommands) command.addCommand(subcommand.exitOverride());
  return command;
}
