import { counted } from '../../core/words.js';
import { Command } from 'commander';
import { SegError } from '../../core/errors.js';
import { readTextFiles } from '../../files/textFile.js';
import { headRoles } from '../../toolchain/logs/dequantChoice.js';
import {
  type DequantPlan,
  isDone,
  planDequant,
  type RemovalCheck,
} from '../../toolchain/logs/dequantPlan.js';
import { dequantAsText } from '../../toolchain/logs/dequantText.js';
import type { OutputRole } from '../../model/namedHeads.js';
import { keepFloatOption } from './keepFloat.js';

interface Flags {
  readonly keepFloat: ReadonlySet<OutputRole>;
  readonly bin?: string;
  readonly json: boolean;
}

async function run(paths: readonly string[], flags: Flags): Promise<void> {
  const files = await readTextFiles(paths);
  const roles = new Set<OutputRole>(headRoles.filter((role) => !flags.keepFloat.has(role)));
  const report = planDequant(files, roles, flags.bin ?? null);
  console.log(flags.json ? JSON.stringify(report, null, 2) : dequantAsText(report).trimEnd());
  const { check, plan } = report;
  const faults = [...removalFaults(check), ...listFaults(plan)];
  if (faults.length === 0) return;
  throw new SegError('dequant_incomplete', faults.join('; '), {
    unlisted: plan.unlisted.map(({ output }) => output),
    missing: check?.missing ?? [],
    savedAs: check?.savedAs ?? null,
  });
}

function listFaults({ unlisted, foreignModels }: DequantPlan): string[] {
  if (unlisted.length === 0) return [];
  if (foreignModels !== null) {
    const names = foreignModels.length === 0 ? '' : ` (${foreignModels.join(', ')})`;
    const what = 'none of the listed Dequantize nodes writes an output of the graph';
    return [`${what}: the logs are of different models${names}; give those of one`];
  }
  const outputs = unlisted.map(({ output }) => output).join(', ');
  const kept = headRoles.filter((role) => unlisted.some((head) => head.role === role)).join(',');
  const why = `the list is cut off, or they are integers already; --keep-float ${kept} passes over them`;
  return [`no Dequantize node is listed for ${outputs}: ${why}`];
}

function removalFaults(check: RemovalCheck | null): string[] {
  if (check === null || isDone(check)) return [];
  const { asked, missing } = check;
  if (missing.length === 0) return ['the tool saved no modified model'];
  return [
    `${missing.length} of ${counted(asked.length, 'node')} ${missing.length === 1 ? 'was' : 'were'} not removed: ${missing.join(', ')}`,
  ];
}

/** `rdk-yolo-seg model dequant`: the Dequantize nodes to remove, the commands, and whether it was done. */
export function dequantCommand(): Command {
  return new Command('dequant')
    .summary('which Dequantize nodes to remove, with the commands; checks that it was done')
    .argument(
      '<logs...>',
      'logs of hb_mapper makertbin (shapes) and hb_model_modifier (nodes), or one text with both',
    )
    .addOption(keepFloatOption())
    .option('--bin <file>', 'model file for the commands, if the logs do not name it')
    .option('--json', 'print everything as JSON', false)
    .action(run);
}
