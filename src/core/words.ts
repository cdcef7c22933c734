/** What messages to people are made of: counts, values, and suggestions for misspelt names. */

const longestText = 60;
const mostItems = 8;
/** Longer names are no misspelt ones, and the time for the distance grows with the product of both lengths. */
const longestName = 100;

/** Control characters (C0, DEL, C1), separators of lines and paragraphs, and what turns the direction of a text. */
const steering = /[\p{Cc}\p{Zl}\p{Zp}\p{Bidi_Control}]/gu;
const shortEscapes: Readonly<Record<string, string>> = { '\n': '\\n', '\r': '\\r', '\t': '\\t' };

/**
 * A text from outside as it may stand in a line of a message: what would steer a terminal, or begin a line of its own, is
 * escaped as JSON has it, so that JSON says the same as before.
 */
export function shown(text: string): string {
  return text.replace(
    steering,
    (one) => shortEscapes[one] ?? `\\u${one.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}

/** Lines of ours as they are printed or logged; `shown` of each, in case a text from outside came into one unseen. */
export function shownLines(lines: string): string {
  return lines.split('\n').map(shown).join('\n');
}

/** `1 class`, `5 classes`; the plural is the word with an s unless given. */
export function counted(count: number, one: string, many = `${one}s`): string {
  return `${count} ${count === 1 ? one : many}`;
}

/** Orders names with numbers as numbers: 2 before 10. */
export const byName = new Intl.Collator('en', { numeric: true }).compare;

/** `2.4 MB`, of a million bytes each. */
export const megabytes = (bytes: number): string => `${(bytes / 1e6).toFixed(1)} MB`;

/**
 * A value as a refusal shows it. It is short however large the value is, and exact where JSON is not: NaN, infinities
 * and 64-bit integers.
 */
export function valueText(value: unknown): string {
  if (typeof value === 'string') return textOf(value);
  if (typeof value === 'number') return numberText(value);
  if (Array.isArray(value)) return listText(value);
  // What a file has, which may have a key `toString`.
  if (isMap(value)) return `a map of ${counted(Object.keys(value).length, 'key')}`;
  return value === undefined ? 'not set' : String(value);
}

function isMap(value: unknown): value is object {
  return typeof value === 'object' && value !== null && Object.getPrototypeOf(value) === Object.prototype;
}

function textOf(text: string): string {
  if (text.length <= longestText) return shown(JSON.stringify(text));
  return `${shown(JSON.stringify(text.slice(0, longestText)))}... (${text.length} characters)`;
}

/** Whole numbers beyond 2^53 are written with an exponent: a double does not know all their digits. */
function numberText(value: number): string {
  if (Object.is(value, -0)) return '-0';
  const hasInventedDigits = Number.isInteger(value) && !Number.isSafeInteger(value);
  return hasInventedDigits ? value.toExponential() : String(value);
}

function listText(items: readonly unknown[]): string {
  const shown = items.slice(0, mostItems).map(valueText);
  if (items.length > mostItems) shown.push(`... (${items.length} items)`);
  return `[${shown.join(', ')}]`;
}

/** A text of at most about `most` characters: of a longer one begin and end, and how many are left out between them. */
export function shortened(text: string, most: number): string {
  if (text.length <= most) return text;
  const kept = Math.floor(most / 2);
  const leftOut = text.length - 2 * kept;
  return `${text.slice(0, kept)} ... (${leftOut} characters left out) ... ${text.slice(-kept)}`;
}

/** Insertions, deletions and replacements between two texts (Levenshtein). */
function editDistance(a: string, b: string): number {
  let previous = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 1; i <= a.length; i++) {
    const current = [i];
    for (let j = 1; j <= b.length; j++) {
      const substitution = previous[j - 1]! + (a[i - 1] === b[j - 1] ? 0 : 1);
      current.push(Math.min(previous[j]! + 1, current[j - 1]! + 1, substitution));
    }
    previous = current;
  }
  return previous[b.length]!;
}

/** The known names that come near a misspelt one, the closest first. */
export function nearestNames(name: string, known: Iterable<string>): string[] {
  if (name.length > longestName) return [];
  const farthest = Math.max(2, name.length / 2);
  return [...known]
    .map((other) => ({ other, distance: editDistance(name, other) }))
    .filter(({ distance }) => distance <= farthest)
    .sort((a, b) => a.distance - b.distance)
    .map(({ other }) => other);
}

/** The known name closest to a misspelt one, or null where none comes near. */
export function nearestName(name: string, known: Iterable<string>): string | null {
  return nearestNames(name, known)[0] ?? null;
}

/** `; did you mean X?`, or nothing where no known name comes near. */
export function suggestion(name: string, known: Iterable<string>): string {
  const nearest = nearestName(name, known);
  return nearest === null ? '' : `; did you mean ${nearest}?`;
}
