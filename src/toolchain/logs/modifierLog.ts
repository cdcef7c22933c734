import { type LogLine, readLogLines } from '../text/logLines.js';

/** A node that hb_model_modifier offers for removal. */
export interface RemovableNode {
  readonly name: string;
  readonly type: string;
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  /** Line in the file. */
  readonly line: number;
}

/** What a log of hb_model_modifier, or a text with its commands, tells. */
export interface ModifierLog {
  /** Nodes the tool listed, in order, each once. */
  readonly listed: readonly RemovableNode[];
  /** Nodes named by `-r` or by the tool as about to be removed. */
  readonly asked: readonly string[];
  /** Nodes the tool reported as removed. */
  readonly removed: readonly string[];
  readonly savedAs: string | null;
  /** The model the command was given. */
  readonly modelFile: string | null;
  /** What the tool said of nodes it did not remove, and its errors. */
  readonly complaints: readonly string[];
}

const fieldPattern = /\b(input|output|name|op_type): "((?:[^"\\]|\\.)*)"/g;

interface OpenNode {
  inputs: string[];
  outputs: string[];
  name: string | null;
  line: number;
}

/** The text form of ONNX nodes: fields one per line, the first behind the logger's prefix. */
function readListed(lines: readonly LogLine[]): RemovableNode[] {
  const nodes = new Map<string, RemovableNode>();
  let open: OpenNode | null = null;
  for (const { text, number, stamp } of lines) {
    for (const [, field, quoted] of text.matchAll(fieldPattern)) {
      const value = quoted.replace(/\\(["'\\])/g, '$1');
      if (open === null || (stamp !== null && field === 'input')) {
        open = { inputs: [], outputs: [], name: null, line: number };
      }
      if (field === 'input') open.inputs.push(value);
      if (field === 'output') open.outputs.push(value);
      if (field === 'name') open.name ??= value;
      if (field !== 'op_type') continue;
      const { inputs, outputs, name, line } = open;
      if (name !== null) nodes.set(name, { name, type: value, inputs, outputs, line });
      open = null;
    }
  }
  return [...nodes.values()];
}

/** Strings of a Python list; a name with an apostrophe is written in double quotes. */
function readPythonList(text: string): string[] {
  return [...text.matchAll(/'((?:[^'\\]|\\.)*)'|"((?:[^"\\]|\\.)*)"/g)].map((match) =>
    (match[1] ?? match[2]).replace(/\\(["'\\])/g, '$1'),
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
  for (let index = 0; index < lines.length; index++) {
    const start = /(?:^|[\s$#>])hb_model_modifier\s+(\S.*)$/.exec(lines[index].text);
    if (start === null || !/\.bin\b/.test(start[1])) continue;
    const parts = [start[1]];
    for (;;) {
      const next = lines[index + 1]?.text.trim() ?? '';
      if (!parts[parts.length - 1].endsWith('\\') && !next.startsWith('-r ')) break;
      if (lines[++index] === undefined) break;
      parts.push(next);
    }
    const words = readWords(parts.map((part) => part.replace(/\\$/, '')).join(' '));
    const asked = words.filter((_, at) => words[at - 1] === '-r');
    commands.push({ modelFile: words.find((word) => word.endsWith('.bin')) ?? null, asked });
  }
  return commands;
}

/** The name between the quotes that surround it, apostrophes inside included. */
function quotedName(text: string, after: string): string | null {
  const match = new RegExp(`\\bNode (['"])(.*)\\1 ${after}`).exec(text);
  return match === null ? null : match[2];
}

/** Reads what hb_model_modifier wrote, and the commands that a copied session shows. */
export function readModifierLog(text: string): ModifierLog {
  const lines = readLogLines(text);
  const asked: string[] = [];
  const removed: string[] = [];
  const complaints: string[] = [];
  let savedAs: string | null = null;
  for (const line of lines) {
    const announced = /Nodes that will be removed from this model:\s*(\[.*)$/.exec(line.text);
    if (announced !== null) asked.push(...readPythonList(announced[1]));
    const gone = quotedName(line.text, 'is removed');
    if (gone !== null) removed.push(gone);
    const saved = /modified model saved as\s+(\S.*)$/.exec(line.text);
    if (saved !== null) savedAs = saved[1];
    const isRefusal = /\bNode ['"].*(?:not found|can ?not be removed|not removed|does not exist|skip)/i.test(
      line.text,
    );
    if (isRefusal || line.level === 'error') complaints.push(line.text);
  }
  const commands = readCommands(lines);
  for (const command of commands) asked.push(...command.asked);
  return {
    listed: readListed(lines),
    asked: [...new Set(asked)],
    removed: [...new Set(removed)],
    savedAs,
    modelFile: commands.find((command) => command.modelFile !== null)?.modelFile ?? null,
    complaints,
  };
}
