import { ModelContractError } from '../core/errors.js';
import { valueText } from '../core/words.js';

/** Names for a model whose classes nobody names: `class 0`, `class 1`, ... 80 of them may be those of COCO, or not. */
export function defaultClassNames(classCount: number): readonly string[] {
  return Array.from({ length: classCount }, (_, id) => `class ${id}`);
}

/** True for the names of a model whose classes nobody names. */
export function areNameless(names: readonly string[]): boolean {
  return names.every((name, id) => name === `class ${id}`);
}

/** What to say of such a model. */
export const namelessClasses =
  'classes: nobody names them, so they are class 0, class 1, ...; class_names in NAME.yaml beside the model names them, or model.class_names of the node, --class-names of segment and eval (coco: the 80 of COCO)';

/**
 * Class names from the `names` entry of an ONNX file's metadata: the text of a Python dict from class id
 * to name, `{0: 'person', 1: "driver's seat"}`, or of a list, `['person', 'bicycle']`.
 *
 * Ids may come in any order but must be 0..n-1 without gaps. Throws ModelContractError `class_names`, which
 * shows the place, for anything else.
 */
export function parseClassNames(text: string): string[] {
  return new NamesReader(text).read();
}

/**
 * Class names one a line, as `coco.list` and `NAME.names` files have them; space around them, quotes around all of a
 * line and empty lines at the end do not count. Throws ModelContractError `manifest`, which shows the line.
 */
export function parseNameLines(text: string, path: string): string[] {
  const lines = text
    .replace(/^\ufeff/, '')
    .trimEnd()
    .split(/\r\n|\n|\r/);
  const refuse = (index: number, why: string) => {
    const message = `class names ${path}: line ${index + 1} of ${lines.length} ${why}`;
    return new ModelContractError('manifest', message, { path, line: index + 1 });
  };
  const isNumbered = lines.every((line, id) => new RegExp(`^\\s*${id}[\\s:,;=]+\\S`).test(line));
  if (isNumbered) throw refuse(0, 'begins with its number, as all do; expected the name alone');
  return lines.map((line, index) => {
    const name = line.trim();
    if (name === '') throw refuse(index, 'is empty; expected one name a line');
    if (name.includes('\t'))
      throw refuse(index, `has a tab inside: ${valueText(name)}; expected one name a line`);
    if (!/^["']/.test(name)) return name;
    const quoted = /^(["'])([^"']+)\1$/.exec(name)?.[2]?.trim() ?? '';
    if (quoted === '') {
      throw refuse(index, `is ${valueText(name)}; expected one name a line, in quotes as a whole or without`);
    }
    return quoted;
  });
}

const escapes: Readonly<Record<string, string>> = {
  n: '\n',
  t: '\t',
  r: '\r',
  a: '\x07',
  b: '\b',
  f: '\f',
  v: '\v',
};
const hexDigits: Readonly<Record<string, number>> = { x: 2, u: 4, U: 8 };

class NamesReader {
  readonly #text: string;
  #at = 0;

  constructor(text: string) {
    this.#text = text;
  }

  read(): string[] {
    const isDict = this.#take('{');
    if (!isDict && !this.#take('[')) throw this.#fault('{ or [');
    const close = isDict ? '}' : ']';
    const names = new Map<number, string>();
    while (!this.#take(close)) {
      const id = isDict ? this.#key() : names.size;
      if (names.has(id)) throw this.#fault(`class id ${id} only once`);
      names.set(id, this.#string());
      if (this.#take(',')) continue;
      if (!this.#take(close)) throw this.#fault(`, or ${close}`);
      break;
    }
    this.#skipSpace();
    if (this.#at < this.#text.length) throw this.#fault('the end');
    return Array.from({ length: names.size }, (_, id) => {
      const name = names.get(id);
      if (name === undefined) throw this.#fault(`class ids 0 to ${names.size - 1}; ${id} is missing`);
      return name;
    });
  }

  #key(): number {
    this.#skipSpace();
    const match = /^(['"]?)(\d{1,5})\1\s*:/.exec(this.#text.slice(this.#at, this.#at + 16));
    if (match === null) throw this.#fault('a class id and a colon');
    this.#at += match[0].length;
    return Number(match[2]);
  }

  #string(): string {
    this.#skipSpace();
    const quote = this.#text[this.#at];
    if (quote !== "'" && quote !== '"') throw this.#fault('a quoted name');
    this.#at++;
    let name = '';
    for (;;) {
      const char = this.#text[this.#at++];
      if (char === undefined) throw this.#fault('a closing quote');
      if (char === quote) return name;
      name += char === '\\' ? this.#escape() : char;
    }
  }

  #escape(): string {
    const char = this.#text[this.#at++];
    if (char === undefined) throw this.#fault('a closing quote');
    const digits = hexDigits[char];
    if (digits === undefined) return escapes[char] ?? (/['"\\]/.test(char) ? char : `\\${char}`);
    const hex = this.#text.slice(this.#at, this.#at + digits);
    const code = /^[0-9a-fA-F]+$/.test(hex) && hex.length === digits ? Number.parseInt(hex, 16) : Infinity;
    if (code > 0x10ffff) throw this.#fault(`${digits} hexadecimal digits`);
    this.#at += digits;
    return String.fromCodePoint(code);
  }

  #take(char: string): boolean {
    this.#skipSpace();
    if (this.#text[this.#at] !== char) return false;
    this.#at++;
    return true;
  }

  #skipSpace(): void {
    while (/\s/.test(this.#text[this.#at] ?? '')) this.#at++;
  }

  #fault(expected: string): ModelContractError {
    const found = this.#text.slice(this.#at, this.#at + 24);
    return new ModelContractError(
      'class_names',
      `class names cannot be read at character ${this.#at}: expected ${expected}, found ${found === '' ? 'the end' : `\`${found}\``}`,
      { at: this.#at, expected, found },
    );
  }
}
