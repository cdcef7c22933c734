import { Command } from 'commander';
import { calibCommand } from './calib.js';
import { compileCommand } from './compile.js';
import { dequantCommand } from './dequant.js';
import { headsCommand } from './heads.js';
import { infoCommand } from './info.js';
import { logCommand } from './log.js';
import { ptqCommand } from './ptq.js';
import { simulateCommand } from './simulate.js';
import { toolchainCommand } from './toolchain.js';

/** `rdk-yolo-seg model`: from trained weights to a BPU model, at once or one step each. */
export function modelCommand(): Command {
  const command = new Command('model');
  const subcommands = [
    compileCommand(),
    headsCommand(),
    calibCommand(),
    ptqCommand(),
    logCommand(),
    dequantCommand(),
    infoCommand(),
    simulateCommand(),
    toolchainCommand(),
  ];
  for (const subcommand of subcommands) command.addCommand(subcommand);
  return command;
}
