import { type CST, type Document, isScalar, Lexer, LineCounter, Parser, parseDocument, visit } from 'yaml';
import { limits } from './limits.js';

const refuse = (what: string) => new SyntaxError(`${what}; expected a file as people or tools write it`);

/** Throws for a map, or a list in brackets, of more entries than anybody's file has. */
function checkEntries(token: CST.Token): void {
  if (!('items' in token) || token.type === 'block-seq' || token.items.length <= limits.yamlKeys) return;
  const place = `at character ${token.offset}`;
  throw refuse(
    `it has more than ${limits.yamlKeys} entries in one map or list in brackets ${place}; at most so many are read`,
  );
}

/**
 * Throws for a text that the parser could not end on: it calls itself for each level, where V8 may end the process. What is looked at is the text taken apart, word by word.
 */
function checkSyntax(text: string): void {
  if (text.length > limits.yamlCharacters)
    throw refuse(`it has ${text.length} characters; at most ${limits.yamlCharacters} are read`);
  const parser = new Parser();
  for (const word of new Lexer().lex(text)) {
    // Whole documents, which were looked at while they grew.
    Array.from(parser.next(word));
    const { stack } = parser;
    for (const token of stack) checkEntries(token);
    // Between two collections stands at most a text.
    if (stack.length <= limits.documentDepth) continue;
    throw refuse(`it is nested more than ${limits.documentDepth} deep at character ${stack.at(-1)!.offset}`);
  }
}

/** ` at line 2, column 1` */
function placeOf(character: number, lines: LineCounter): string {
  const { line, col } = lines.linePos(character);
  return ` at line ${line}, column ${col}`;
}

/** Throws for a key that a map has twice. The parser's own check compares each with all others: 10,000 take it seconds. */
function checkKeys(document: Document, lines: LineCounter): void {
  visit(document, {
    Map: (_, { items }) => {
      const seen = new Set<unknown>();
      for (const { key } of items) {
        const value: unknown = isScalar(key) ? key.value : key;
        if (seen.has(value)) {
          const place = isScalar(key) && key.range ? placeOf(key.range[0], lines) : '';
          throw new SyntaxError(`Map keys must be unique${place}: ${String(value)} is there twice`);
        }
        seen.add(value);
      }
    },
  });
}

/** Throws for a value that an alias has put into itself. */
function checkEnds(value: unknown, depth = 0): void {
  if (typeof value !== 'object' || value === null) return;
  // Aliases may nest values that are not nested in the text.
  if (depth > limits.documentDepth) throw refuse(`its aliases nest more than ${limits.documentDepth} deep`);
  for (const part of Object.values(value)) checkEnds(part, depth + 1);
}

/**
 * The value of a YAML text. Throws an Error whose first line says what is wrong: for text that is no YAML or means nothing
 * sure (an unknown tag), for aliases that grow to more than a hundred times their text, and for what is nested too deep or
 * too large for a parser of YAML.
 */
export function parseYaml(text: string): unknown {
  checkSyntax(text);
  const lines = new LineCounter();
  // The parser's own places of faults take minutes for a thousand of them in a file of 4 kB.
  const document = parseDocument(text, { uniqueKeys: false, lineCounter: lines, prettyErrors: false });
  const [fault] = [...document.errors, ...document.warnings];
  if (fault !== undefined) throw new SyntaxError(`${fault.message}${placeOf(fault.pos[0], lines)}`);
  checkKeys(document, lines);
  const value: unknown = document.toJS();
  checkEnds(value);
  return value;
}
