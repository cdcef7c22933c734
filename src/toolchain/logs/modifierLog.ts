import { type LogLine, readLogLines } from '../text/logLines.js';
import { type ListedNode, readListing } from './nodeListing.js';

/** A node that hb_model_modifier offers for removal. */
export interface RemovableNode extends Omit<ListedNode, 'type'> {
  /** Null where the log gives nothing but a name that does not tell. */
  readonly type: string | null;
}

/** Whether a node makes floats of integers; some versions of the tool put Hz before the type. */
export function isDequantize({ type }: RemovableNode): boolean {
  return type !== null && /^(?:Hz)?Dequantize$/i.test(type);
}

/** What a log of hb_model_modifier, or a text with its commands, tells. */
export interface ModifierLog {
  /** Nodes that can be removed, in the order of the log, each once; without inputs and outputs where only a name is given. */
  readonly listed: readonly RemovableNode[];
  /** Whether the tool's own list of what can be removed is there from end to end; null if the log has none. */
  readonly list: 'whole' | 'cut off' | null;
  /** Nodes named by `-r` or by the tool as about to be removed. */
  readonly asked: readonly string[];
  /** Nodes the tool reported as removed. */
  readonly removed: readonly string[];
  /** Nodes that the model lacks by an earlier removal, as hb_model_info says. */
  readonly deleted: readonly string[];
  readonly savedAs: string | null;
  /** The model the command was given. */
  readonly modelFile: string | null;
  /** What the tool said of nodes it did not remove, and its errors. */
  readonly complaints: readonly string[];
}

/** Of a list that ends too early or has lost its beginning; for reports. */
export const cutOffList = 'the list of nodes that can be deleted is cut off';

/** Strings of a Python list; a name with an apostrophe is written in double quotes. */
function readPythonList(text: string): string[] {
  return [...text.matchAll(/'((?:[^'\\]|\\.)*)'|"((?:[^"\\]|\\.)*)"/g)].map(([, single, double]) =>
    (single ?? double ?? '').replace(/\\(["'\\])/g, '$1'),
  );
}

interface NameList {
  readonly names: readonly string[];
  readonly line: number;
  readonly isCutOff: boolean;
}

/** The lists of names behind `heading`; one that a terminal has broken into lines is put together again. */
function readNameLists(lines: readonly LogLine[], heading: RegExp): NameList[] {
  return lines.flatMap((line, index) => {
    if (!heading.test(line.text)) return [];
    let text = line.text.replace(heading, '');
    for (const next of lines.slice(index + 1)) {
      if (text.includes(']') || next.stamp !== null) break;
      text += next.text;
    }
    return [{ names: readPythonList(text), line: line.number, isCutOff: !text.includes(']') }];
  });
}

/**
 * The names of a list whose heading is lost, at the begin of the text; null where the text begins with something else.
 */
function readHeadless(lines: readonly LogLine[]): NameList | null {
  const end = lines.findIndex(({ text, stamp }) => stamp !== null || text.includes(']'));
  const last = lines[end];
  if (last === undefined || last.stamp !== null) return null;
  const text = lines
    .slice(0, end + 1)
    .map((line) => line.text)
    .join('');
  const isList = /^[^[\]]*_(?:Hz)?(?:De)?quantize['"]\]$/i.test(text);
  if (!isList) return null;
  // The first name may be torn; a quote that closes it would be taken for one that opens.
  const names = readPythonList(/^\s*['"]/.test(text) ? text : text.slice(text.search(/(?<=['"], )['"]/)));
  return { names, line: lines[0]!.number, isCutOff: true };
}

const deletableHeading = /^.*\bNodes that can be deleted:\s*(?=\[)/;
const announcedHeading = /^.*\bNodes that will be removed from this model:\s*(?=\[)/;

/** The type that a name gives away: the tools add it to the name of the tensor. */
function typeOfName(name: string): string | null {
  return /_(?:Hz)?((?:De)?quantize)$/i.exec(name)?.[1]?.replace(/^./, (first) => first.toUpperCase()) ?? null;
}

/** True for a node at the rim of the graph; the subgraph on the BPU itself stays. */
function isAtRim(node: ListedNode, nodes: readonly ListedNode[]): boolean {
  if (node.type === 'BPU') return false;
  const others = nodes.filter((other) => other !== node);
  const isRead = others.some(({ inputs }) => inputs.some((input) => node.outputs.includes(input)));
  const isFed = others.some(({ outputs }) => outputs.some((output) => node.inputs.includes(output)));
  return !isRead || !isFed;
}

/** What the tool names as removable, else what of its listing lies where it removes nodes. */
function removableNodes(nodes: readonly ListedNode[], deletable: NameList | null): RemovableNode[] {
  if (deletable === null) return nodes.filter((node) => isAtRim(node, nodes));
  const byName = new Map(nodes.map((node) => [node.name, node]));
  return deletable.names.map(
    (name) =>
      byName.get(name) ?? { name, type: typeOfName(name), inputs: [], outputs: [], line: deletable.line },
  );
}

/** Words of a shell command as far as such commands go: quotes, and backslashes before anything. */
function readWords(command: string): string[] {
  const words = command.matchAll(/(?:'[^']*'|"(?:[^"\\]|\\.)*"|\\.|[^\s'"\\])+/g);
  return [...words].map(([word]) =>
    word.replace(/'([^']*)'|"((?:[^"\\]|\\.)*)"|\\(.)/g, (_, single, double, escaped) =>
      single !== undefined ? single : double !== undefined ? double.replace(/\\(["\\$`])/g, '$1') : escaped,
    ),
  );
}

interface Command {
  readonly modelFile: string | null;
  readonly asked: readonly string[];
}

/** Calls of the tool in the text, with continuation lines or with options on lines of their own. */
function readCommands(lines: readonly LogLine[]): Command[] {
  const commands: Command[] = [];
  let continued = 0;
  for (const [index, line] of lines.entries()) {
    if (index < continued) continue;
    const start = /(?:^|[\s$#>])hb_model_modifier\s+(\S.*)$/.exec(line.text)?.[1];
    if (start === undefined || !/\.bin\b/.test(start)) continue;
    let command = start;
    continued = index + 1;
    for (const { text } of lines.slice(continued)) {
      const part = text.trim();
      if (!command.endsWith('\\') && !part.startsWith('-r ')) break;
      command = `${command.replace(/\\$/, '')} ${part}`;
      continued++;
    }
    const words = readWords(command.replace(/\\$/, ''));
    const asked = words.filter((_, at) => words[at - 1] === '-r');
    commands.push({ modelFile: words.find((word) => word.endsWith('.bin')) ?? null, asked });
  }
  return commands;
}

/** The name between the quotes that surround it, apostrophes inside included. */
function quotedName(text: string, after: string): string | null {
  return new RegExp(`\\bNode (['"])(.*)\\1 ${after}`).exec(text)?.[2] ?? null;
}

/** The tool quotes a node that it found, and none that it did not; the name itself may say anything. */
const refusal =
  /\bNode (?:(['"]).*\1|\S+) .*(?:not found|can ?not be removed|not removed|does not exist|skip)/i;

/** Reads what hb_model_modifier wrote, and the commands that a copied session shows. */
export function readModifierLog(text: string): ModifierLog {
  const lines = readLogLines(text);
  const asked = readNameLists(lines, announcedHeading).flatMap(({ names }) => names);
  const removed: string[] = [];
  const deleted: string[] = [];
  const complaints: string[] = [];
  let savedAs: string | null = null;
  let stored: string | null = null;
  for (const line of lines) {
    const gone = quotedName(line.text, 'is removed');
    if (gone !== null) removed.push(gone);
    const before = /^deleted nodes: (\S.*)$/.exec(line.text)?.[1];
    if (before !== undefined) deleted.push(before);
    savedAs = /modified model saved as\s+(\S.*)$/.exec(line.text)?.[1] ?? savedAs;
    stored = /\bstoring info of model:\s+(\S.*)$/.exec(line.text)?.[1] ?? stored;
    if (refusal.test(line.text) || line.level === 'error') complaints.push(line.text);
  }
  const commands = readCommands(lines);
  for (const command of commands) asked.push(...command.asked);
  const deletable = readNameLists(lines, deletableHeading).at(-1) ?? readHeadless(lines);
  return {
    listed: removableNodes(readListing(lines), deletable),
    list: deletable === null ? null : deletable.isCutOff ? 'cut off' : 'whole',
    asked: [...new Set(asked)],
    removed: [...new Set(removed)],
    deleted,
    savedAs,
    modelFile: commands.find((command) => command.modelFile !== null)?.modelFile ?? stored,
    complaints,
  };
}
