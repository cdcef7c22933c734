import { counted, shown } from '../../core/words.js';
import { ConfigError } from '../../core/errors.js';
import type { GraphTensors } from './graphTensors.js';
import { branchNames, layerOf, oneToOnePrefix } from '../../model/layerNames.js';
import { describeHead, type NamedOutput, type OutputRole } from '../../model/namedHeads.js';
import { usualDownsamples } from '../../model/pyramid.js';
import { headOfLayer, type LogHeads } from './logHeads.js';
import type { RemovableNode } from './modifierLog.js';
import { logNames } from '../text/vendorFiles.js';

/** Heads that come out as integers; the others stay floats. */
export type RemovableRoles = ReadonlySet<OutputRole>;

/** The kinds of heads; the node decodes integers of each, and faster than the CPU of a board makes floats of them. */
export const headRoles = ['box', 'coef', 'cls', 'proto'] as const satisfies readonly OutputRole[];

/** One listed Dequantize node and what is to become of it. */
export interface DequantChoice {
  readonly node: RemovableNode;
  readonly role: OutputRole | null;
  readonly downsample: number | null;
  /** Of the output it writes, where the logs give it. */
  readonly dims: readonly number[] | null;
  readonly isRemoved: boolean;
}

/** The head whose floats a node makes: by the output it writes, or where the log gives none by its name. */
export function headOfNode(
  { name, outputs }: Pick<RemovableNode, 'name' | 'outputs'>,
  heads: readonly NamedOutput[],
): NamedOutput | null {
  if (outputs.length > 0) return heads.find(({ output }) => outputs.includes(output)) ?? null;
  const tensor = name.replace(/_(?:Hz)?Dequantize$/i, '');
  return heads.find(({ output }) => output === tensor) ?? headOfLayer(heads, name);
}

/** Throws ConfigError `dequant_heads` where two nodes mean the same head. */
function checkUnique(choices: readonly DequantChoice[]): void {
  const seen = new Map<string, string>();
  for (const { node, role, downsample } of choices) {
    if (role === null || downsample === null) continue;
    const head = describeHead(role, downsample);
    const other = seen.get(head);
    seen.set(head, node.name);
    if (other === undefined) continue;
    const remedy = `pass ${logNames.modifier}, which says what each writes`;
    throw new ConfigError('dequant_heads', `${other} and ${node.name} both look like ${head}: ${remedy}`, {
      nodes: [other, node.name],
    });
  }
}

/**
 * The role that a layer name tells. A prototype's node may be called by a number: beside those of all other heads the one
 * node without a layer is its, as the tool lists nodes at the outputs alone.
 */
function roleByName(node: RemovableNode, listed: readonly RemovableNode[]): OutputRole | null {
  const role = layerOf(node.name)?.role;
  if (role !== undefined) return role;
  const others = listed.map(({ name }) => layerOf(name));
  const isOnly =
    others.filter((one) => one === null).length === 1 && !others.some((one) => one?.role === 'proto');
  return isOnly && lackingLayers(listed, new Set(['box', 'coef', 'cls'])).length === 0 ? 'proto' : null;
}

/** Throws ConfigError `dequant_heads` if two nodes look like the same head. */
export function chooseNodes(
  listed: readonly RemovableNode[],
  graph: GraphTensors,
  heads: LogHeads,
  roles: RemovableRoles,
): DequantChoice[] {
  const choices = listed.map((node): DequantChoice => {
    const head = heads.kind === 'resolved' ? headOfNode(node, heads.heads) : null;
    const role = heads.kind === 'resolved' ? (head?.role ?? null) : roleByName(node, listed);
    const tensor = graph.outputs.find(({ name }) => node.outputs.includes(name));
    return {
      node,
      role,
      downsample: head?.downsample ?? null,
      dims: tensor?.dims.filter((dim) => dim !== null) ?? head?.dims ?? null,
      isRemoved: role !== null && roles.has(role),
    };
  });
  checkUnique(choices);
  return choices;
}

/** What the branches of a role are called on the usual levels. */
function branchesOf(role: OutputRole): string[] {
  return role === 'proto' ? [role] : usualDownsamples.map((_, level) => `${branchNames[role]}.${level}`);
}

/** The layers of these roles that no name in the list belongs to. */
function lackingLayers(listed: readonly RemovableNode[], roles: RemovableRoles): string[] {
  const found = listed.map(({ name }) => layerOf(name));
  const prefix = found.some((one) => one?.isOneToOne) ? oneToOnePrefix : '';
  return [...roles].flatMap((role) =>
    branchesOf(role)
      .filter((_, level) => !found.some((one) => one?.role === role && one.level === level))
      .map((name) => (role === 'proto' ? name : `${prefix}${name}`)),
  );
}

/** Throws ConfigError `dequant_heads` if nothing says which nodes belong to the heads of these roles. */
export function checkHeads(
  choices: readonly DequantChoice[],
  graph: GraphTensors,
  heads: LogHeads,
  roles: RemovableRoles,
  names: string,
): void {
  if (heads.kind === 'resolved') return;
  const refuse = (reason: string) => {
    const what =
      choices.length === 0
        ? `${names} does not show the heads of a segmentation model`
        : `it is not clear which of ${counted(choices.length, 'Dequantize node')} in ${names} are to go`;
    const nodes = choices.map((choice) => choice.node.name);
    return new ConfigError('dequant_heads', `${what}: ${reason}`.split('\n'), { nodes });
  };
  // Layer names, which only the list of nodes has, may tell apart what shapes leave open; with the outputs they have.
  const isOpen = choices.length === 0 || choices.every(({ node }) => node.outputs.length === 0);
  if (graph.outputs.length > 0 && !(heads.isAmbiguous && isOpen)) throw refuse(heads.reason);
  if (choices.length === 0) return;
  const isFound = (role: OutputRole) => role === 'proto' && choices.some((choice) => choice.role === role);
  const open = new Set([...roles].filter((role) => !isFound(role)));
  const lacking = lackingLayers(
    choices.map(({ node }) => node),
    open,
  );
  if (lacking.length === 0) return;
  const found = choices.map(({ node }) => `  ${shown(node.name)}`);
  const meaning = 'the list is cut off, or the model is none for segmentation';
  const remedy =
    'add the log of hb_mapper makertbin, which has the shapes, or name these heads in --keep-float';
  throw refuse([`no node of ${lacking.join(', ')}: ${meaning}; ${remedy}; found`, ...found].join('\n'));
}
