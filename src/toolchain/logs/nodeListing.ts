import type { LogLine } from '../text/logLines.js';

/** A node of a compiled model as the vendor's tools print it. */
export interface ListedNode {
  readonly name: string;
  readonly type: string;
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  /** Line in the file. */
  readonly line: number;
}

const fieldPattern = /\b(input|output|name|op_type): "((?:[^"\\]|\\.)*)"/g;
const blockBegin = /(?:^|\s)\w+ \{\s*$/;
const blockEnd = /^(?:.*\s)?\}\s*$/;

interface OpenNode {
  inputs: string[];
  outputs: string[];
  name: string | null;
  line: number;
}

/** True if a field cannot belong to the node before it: that one has it already, or was torn. */
function isNextNode(open: OpenNode, field: string, isLogged: boolean): boolean {
  if (field === 'op_type') return false;
  return open.name !== null || (field === 'input' && (isLogged || open.outputs.length > 0));
}

/**
 * Nodes in the text form of protobuf messages: fields one per line, inputs before outputs before name before type.
 *
 * Where a node begins is told by that order and by the braces of the attributes, which have names of their own; what
 * the logger puts before the first field of a node plays no part.
 */
export function readListing(lines: readonly LogLine[]): ListedNode[] {
  const nodes = new Map<string, ListedNode>();
  let open: OpenNode | null = null;
  let depth = 0;
  for (const { text, number, stamp } of lines) {
    // A message that was torn leaves its braces open.
    if (stamp !== null) depth = 0;
    if (blockEnd.test(text)) depth = Math.max(0, depth - 1);
    for (const [, field = '', quoted = ''] of depth > 0 ? [] : text.matchAll(fieldPattern)) {
      const value = quoted.replace(/\\(["'\\])/g, '$1');
      if (open === null || isNextNode(open, field, stamp !== null)) {
        open = { inputs: [], outputs: [], name: null, line: number };
      }
      if (field === 'input') open.inputs.push(value);
      if (field === 'output') open.outputs.push(value);
      if (field === 'name') open.name = value;
      if (field !== 'op_type') continue;
      const { inputs, outputs, name, line } = open;
      if (name !== null) nodes.set(name, { name, type: value, inputs, outputs, line });
      open = null;
    }
    if (blockBegin.test(text)) depth++;
  }
  return [...nodes.values()];
}
