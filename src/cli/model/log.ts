import { basename } from 'node:path';
import { Command } from 'commander';
import { ConfigError, SegError } from '../../core/errors.js';
import { readTextFile } from '../../files/textFile.js';
import { writeFileAtomically } from '../../files/atomicFile.js';
import { headRoles } from '../../toolchain/logs/dequantChoice.js';
import { planDequant } from '../../toolchain/logs/dequantPlan.js';
import { removalAsText } from '../../toolchain/logs/dequantText.js';
import { reportAsHtml } from '../../toolchain/logs/logHtml.js';
import { type LogReport, reportOn } from '../../toolchain/logs/logReport.js';
import { reportAsText } from '../../toolchain/logs/logText.js';
import { readMapperLog } from '../../toolchain/logs/mapperLog.js';
import { describeRunEnd } from '../../toolchain/logs/runEnd.js';
import { positiveInteger } from '../flags.js';
import { refuseSameFile } from './overwrite.js';

interface Flags {
  readonly json: boolean;
  readonly html?: string;
  readonly worst: number;
}

/** The command that a listing of removable nodes leads to; empty where none is listed or something is removed. */
function removalText(path: string, text: string, { log: { modifier } }: LogReport): string {
  if (modifier === null || modifier.listed.length === 0) return '';
  if (modifier.removed.length + modifier.deleted.length > 0) return '';
  try {
    return removalAsText(planDequant([{ path, text }], new Set(headRoles), null).plan);
  } catch (error) {
    if (error instanceof ConfigError) return `\n${error.message}\n`;
    throw error;
  }
}

async function run(path: string, flags: Flags): Promise<void> {
  if (flags.html !== undefined) await refuseSameFile(path, flags.html);
  const text = await readTextFile(path);
  const report = reportOn(readMapperLog(text, path));
  if (flags.html !== undefined) {
    await writeFileAtomically(flags.html, reportAsHtml(report, basename(path)));
  }
  console.log(
    flags.json
      ? JSON.stringify(report, null, 2)
      : `${reportAsText(report, flags.worst)}${removalText(path, text, report)}`.trimEnd(),
  );
  if (report.log.state !== 'failed') return;
  throw new SegError('run_failed', `${path}: ${describeRunEnd(report.log)}`, {
    openStep: report.log.openStep,
  });
}

/** `rdk-yolo-seg model log`: what a log of hb_mapper says about the model it made. */
export function logCommand(): Command {
  return new Command('log')
    .summary(
      'read a log of hb_mapper: placement, similarities, calibration, estimates; ends with 1 for a failed run',
    )
    .argument('<file>', 'log or console text of hb_mapper, hb_model_modifier or hb_model_info, or an excerpt')
    .option('--json', 'print everything as JSON', false)
    .option('--html <file>', 'also write one self-contained page with a plot of the similarities')
    .option('--worst <count>', 'how many of the least similar nodes to list', positiveInteger, 10)
    .action(run);
}
