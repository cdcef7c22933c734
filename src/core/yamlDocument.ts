import { type CST, Lexer, Parser, parseDocument } from 'yaml';
import { limits } from './limits.js';

const refuse = (what: string) => new SyntaxError(`${what}; expected a file as people or tools write it`);

/** Throws for a map or list of so many entries that comparing each with all others would not end. */
function checkEntries(token: CST.Token): void {
  if (!('items' in token) || token.type === 'block-seq' || token.items.length <= limits.yamlKeys) return;
  const place = `at character ${token.offset}`;
  throw refuse(`it has more than ${limits.yamlKeys} entries in one map ${place}; so many are read`);
}

/**
 * Throws for a text that the parser could not end on: it calls itself for each level, where V8 may end the process, and
 * compares each key of a map with all others. What is looked at is the text taken apart, word by word.
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
  const document = parseDocument(text);
  const [fault] = [...document.errors, ...document.warnings];
  if (fault !== undefined) throw fault;
  const value: unknown = document.toJS();
  checkEnds(value);
  return value;
}
