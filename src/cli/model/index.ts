import { Command } from 'commander';
import { dequantCommand } from './dequant.js';
import { infoCommand } from './info.js';
import { logCommand } from './log.js';
import { ptqCommand } from './ptq.js';

/** `rdk-yolo-seg model`: from trained weights to a BPU model, one step each. */
export function modelCommand(): Command {
  const subcommands = [ptqCommand(), logCommand(), dequantCommand(), infoCommand()];
  const command = new Command('model');
  for (const subcommand of subcommands) command.addCommand(subcommand.exitOverride());
  return command;
}
