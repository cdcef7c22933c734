/** A fault that a schema found at one place of a document; zod's issues have this form. */
export interface Fault {
  readonly path: readonly PropertyKey[];
  readonly message: string;
}

/** `annotations.3.bbox.0`; empty for the document itself. */
export function placeOf(path: readonly PropertyKey[]): string {
  return path.map(String).join('.');
}

/** One line for all faults of a document: the place of the first, what was expected there, and how many follow. */
export function describeFaults(faults: readonly Fault[]): string {
  const [first, ...others] = faults;
  if (first === undefined) return 'unknown fault';
  const place = placeOf(first.path);
  const what = first.message.replace(/^Invalid input: /, '');
  const more = others.length === 0 ? '' : ` (and ${others.length} more)`;
  return `${place === '' ? 'the document' : place}: ${what}${more}`;
}

/** The message of an error in one line; parsers may write theirs over several. */
function oneLine(error: unknown): string {
  const message = error instanceof Error ? error.message : String(error);
  return message.replace(/\s+/g, ' ').trim();
}

/** What is wrong with a text and where: the first line of what its parser says. */
export function parseFault(error: unknown): string {
  const message = error instanceof Error ? error.message : String(error);
  return message.split('\n', 1)[0] ?? '';
}

/** What holds a document against a form; zod's schemas have this shape. */
export interface DocumentSchema<Value> {
  safeParse(
    document: unknown,
  ):
    | { readonly success: true; readonly data: Value }
    | { readonly success: false; readonly error: { readonly issues: readonly Fault[] } };
}

/**
 * The document that `parse` reads, in the schema's form.
 *
 * @param refuse Makes the error that is thrown for a text that cannot be parsed or has another form, from the fault in
 *   one line.
 */
export function checkedDocument<Value>(
  parse: () => unknown,
  schema: DocumentSchema<Value>,
  refuse: (why: string) => Error,
): Value {
  let document: unknown;
  try {
    document = parse();
  } catch (error) {
    throw refuse(parseFault(error));
  }
  const checked = schema.safeParse(document);
  if (!checked.success) throw refuse(describeFaults(checked.error.issues));
  return checked.data;
}

function placeInText(text: string, position: number): string {
  const lines = text.slice(0, position).split('\n');
  return `line ${lines.length}, column ${lines[lines.length - 1]!.length + 1}`;
}

/** The value of a JSON text. Throws SyntaxError with one line, which has the place where the parser gives it. */
export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    const position = /^(.*) in JSON at position (\d+)/.exec(oneLine(error));
    throw new SyntaxError(
      position === null
        ? `no JSON: ${oneLine(error)}`
        : `no JSON: ${position[1]} at ${placeInText(text, Number(position[2]))}`,
    );
  }
}
