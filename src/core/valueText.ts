const longestText = 60;
const mostItems = 8;

/**
 * A value as a refusal shows it: exact where JSON is not, as for NaN and 64-bit integers, and short whatever its size.
 */
export function valueText(value: unknown): string {
  if (typeof value === 'string') return textOf(value);
  if (typeof value === 'number') return numberText(value);
  if (Array.isArray(value)) return listText(value);
  return value === undefined ? 'not set' : String(value);
}

function textOf(text: string): string {
  if (text.length <= longestText) return JSON.stringify(text);
  return `${JSON.stringify(text.slice(0, longestText))}... (${text.length} characters)`;
}

/** A whole number beyond 2^53 in the form that claims no more digits than a double has. */
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
