import { basename } from 'node:path';
import { Command } from 'commander';
import { writeWholeFile } from '../../files/wholeFile.js';
import { reportAsHtml } from '../../toolchain/logs/logHtml.js';
import { reportOn } from '../../toolchain/logs/logReport.js';
import { reportAsText } from '../../toolchain/logs/logText.js';
import { readMapperLog } from '../../toolchain/logs/mapperLog.js';
import { positiveInteger } from '../flags.js';
import { readTextFile } from './readText.js';
import { refuseSameFile } from './sameFile.js';

interface Flags {
  readonly json: boolean;
  readonly html?: string;
  readonly worst: number;
}

async function run(path: string, flags: Flags): Promise<void> {
  if (flags.html !== undefined) await refuseSameFile(path, flags.html);
  const report = reportOn(readMapperLog(await readTextFile(path), path));
  if (flags.html !== undefined) {
    await writeWholeFile(flags.html, reportAsHtml(report, basename(path)));
  }
  process.stdout.write(
    flags.json ? `${JSON.stringify(report, null, 2)}\n` : reportAsText(report, flags.worst),
  );
}

/** `rdk-yolo-seg model log`: what a log of hb_mapper says about the model it made. */
export function logCommand(): Command {
  return new Command('log')
    .summary('read a log of hb_mapper: placement, similarities, calibration, estimates')
    .argument('<file>', 'hb_mapper_checker.log, hb_mapper_makertbin.log or an excerpt')
    .option('--json', 'print everything as JSON', false)
    .option('--html <file>', 'also write one self-contained page with a plot of the similarities')
    .option('--worst <count>', 'how many of the least similar nodes to list', positiveInteger, 10)
    .action(run);
}
