import { layTable } from '../text/table.js';
import type { DequantChoice, DequantReport, RemovalCheck } from './dequantPlan.js';

function choiceRow({ node, role, downsample, dims, isRemoved }: DequantChoice): string[] {
  const meaning =
    role === null ? '?' : downsample === null || role === 'proto' ? role : `${role}${downsample}`;
  const shape = dims === null ? '-' : `[${dims.join(', ')}]`;
  return [isRemoved ? 'remove' : 'keep', meaning, node.outputs.join(', '), shape, node.name];
}

function checkLines(check: RemovalCheck): string[] {
  const { asked, removed, missing, surplus, savedAs, complaints } = check;
  const saved = savedAs === null ? 'no modified model was saved' : `saved as ${savedAs}`;
  return [
    `  asked for ${asked.length}, removed ${removed.length}, ${saved}`,
    ...missing.map((name) => `  NOT REMOVED: ${name}`),
    ...surplus.map((name) => `  removed without being asked for: ${name}`),
    ...complaints.map((text) => `  the tool says: ${text}`),
  ];
}

/** Removed nodes against the plan: a class head without floats costs accuracy nowhere, but time. */
function deviations({ plan, check }: DequantReport): string[] {
  if (check === null || plan.choices.length === 0) return [];
  return plan.choices.flatMap(({ node, role, isRemoved }) => {
    const isGone = check.removed.includes(node.name);
    if (isGone === isRemoved) return [];
    const what = isGone ? 'removed, though it was to stay' : 'not removed, though it should be';
    return [`  ${role ?? '?'} ${node.name}: ${what}`];
  });
}

/** The plan and the check for a terminal. */
export function dequantAsText(report: DequantReport): string {
  const { plan, check } = report;
  const { choices, others } = plan;
  const lines: string[] = [];
  if (choices.length > 0) {
    const source =
      plan.decidedBy === 'shapes'
        ? `matched to outputs by shape: ${plan.heads.kind === 'resolved' ? plan.heads.form : ''}`
        : 'told apart by layer names only; add the log of hb_mapper makertbin, which has the shapes';
    lines.push(`${choices.length} Dequantize nodes, ${source}`);
    lines.push(...layTable(choices.map(choiceRow)));
  }
  for (const { role, downsample, output } of plan.unlisted) {
    lines.push(
      `NOT LISTED: no Dequantize node writes ${output} (${role}${role === 'proto' ? '' : downsample})`,
    );
  }
  if (others.length > 0) {
    lines.push(`left alone: ${others.map((node) => `${node.name} (${node.type})`).join(', ')}`);
  }
  if (plan.doubt !== null) lines.push(plan.doubt);
  if (lines.length > 0) lines.push('');
  lines.push(
    '1. list the nodes that can be removed; the tool writes them to hb_model_modifier.log',
    plan.listCommand,
    '',
  );
  if (plan.removeCommand === null) {
    const next = `rdk-yolo-seg model dequant hb_mapper_makertbin.log hb_model_modifier.log`;
    lines.push(
      choices.length === 0
        ? `2. the node names stand in that log only; pass it along with this one: ${next}`
        : '2. nothing to remove: none of the nodes belongs to a box or coefficient head',
    );
  } else {
    lines.push(`2. remove ${choices.filter((one) => one.isRemoved).length} of them`, plan.removeCommand, '');
    lines.push(`3. the result is ${plan.modifiedFile}; on the board`, plan.perfCommand);
  }
  if (check !== null) {
    lines.push('', 'what the tool did', ...checkLines(check), ...deviations(report));
  }
  return `${lines.join('\n')}\n`;
}
