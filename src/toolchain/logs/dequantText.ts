import { counted } from '../../core/words.js';
import { layTable } from '../../core/table.js';
import type { DequantChoice } from './dequantChoice.js';
import type { DequantPlan, DequantReport, RemovalCheck } from './dequantPlan.js';
import { describeHead } from '../../model/namedHeads.js';
import { logNames } from '../text/vendorFiles.js';

function choiceRow({ node, role, downsample, dims, isRemoved }: DequantChoice): string[] {
  const meaning = role === null ? '?' : describeHead(role, downsample);
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

function describeSource({ decidedBy, heads }: DequantPlan): string {
  if (heads.kind !== 'resolved') {
    return 'told apart by layer names only; add the log of hb_mapper makertbin, which has the shapes';
  }
  const how = decidedBy === 'shapes' ? 'matched to outputs by shape' : 'matched to the heads by layer name';
  return `${how}: ${heads.form}`;
}

/** The commands in their order. */
function stepLines({
  choices,
  listCommand,
  removeCommand,
  modifiedFile,
  perfCommand,
}: DequantPlan): string[] {
  const list = `1. list the nodes that can be removed; the tool writes them to ${logNames.modifier}`;
  const next = `rdk-yolo-seg model dequant ${logNames.makertbin} ${logNames.modifier}`;
  const none =
    choices.length === 0
      ? `2. the node names stand in that log only; pass it along with this one: ${next}`
      : '2. nothing to remove: none of the nodes belongs to a head that is to come out as integers';
  if (removeCommand === null) return [list, listCommand, '', none];
  const count = choices.filter((one) => one.isRemoved).length;
  return [
    list,
    listCommand,
    '',
    `2. remove ${count} of them`,
    removeCommand,
    '',
    `3. the result is ${modifiedFile}; on the board`,
    perfCommand,
  ];
}

/** The plan and the check for a terminal. */
export function dequantAsText(report: DequantReport): string {
  const { plan, check } = report;
  const { choices, others } = plan;
  const lines: string[] = [];
  if (choices.length > 0) {
    lines.push(`${counted(choices.length, 'Dequantize node')}, ${describeSource(plan)}`);
    lines.push(...layTable(choices.map(choiceRow)));
  }
  for (const { role, downsample, output } of plan.unlisted) {
    lines.push(`NOT LISTED: no Dequantize node writes ${output} (${describeHead(role, downsample)})`);
  }
  if (others.length > 0) {
    lines.push(`left alone: ${others.map((node) => `${node.name} (${node.type ?? '?'})`).join(', ')}`);
  }
  if (plan.doubt !== null) lines.push(plan.doubt);
  if (lines.length > 0) lines.push('');
  // A removal without the list of nodes leaves nothing to plan.
  if (choices.length > 0 || check === null) lines.push(...stepLines(plan), '');
  if (check !== null) lines.push('what the tool did', ...checkLines(check), ...deviations(report));
  return `${lines.join('\n').trimEnd()}\n`;
}

/** The removal alone, for a report that shows the nodes already; empty if there is nothing to remove. */
export function removalAsText({ removeCommand, decidedBy, modelFile }: DequantPlan): string {
  if (removeCommand === null) return '';
  const hints = [
    decidedBy === 'layer names' ? [`with ${logNames.makertbin} \`model dequant\` goes by shapes`] : [],
    modelFile === null ? ['its --bin names the model'] : [],
  ].flat();
  const hint = hints.length === 0 ? '' : ` (${hints.join('; ')})`;
  return `\nto let all heads come out as integers${hint}\n${removeCommand}\n`;
}
