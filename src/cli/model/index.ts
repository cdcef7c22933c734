import { Command } from 'commander';
import { calibCommand } from './calib.js';
import { dequantCommand } from './dequant.js';
import { headsCommand } from './heads.js';
import { infoCommand } from './info.js';
import { logCommand } from './log.js';
import { ptqCommand } from './ptq.js';

/** `rdk-yolo-seg model`: from trained weights to a BPU model, one step each. */
export function modelCommand(): Command {
  const command = new Command('model');
  const subcommands = [
    headsCommand(),
    calibCommand(),
    ptqCommand(),
    logCommand(),
    dequantCommand(),
    infoCommand(),
  ];
  for (const subcommand of subcommands) command.addCommand(subcommand);
  return command;
}
