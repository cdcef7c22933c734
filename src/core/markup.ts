/** Text for HTML and SVG, attribute values included. */
export function escapeMarkup(text: string): string {
  const entities: Readonly<Record<string, string>> = {
    '&': '&amp;',
    '<': '&lt;',
    '>': '&gt;',
    '"': '&quot;',
  };
  return text.replace(/[&<>"]/g, (char) => entities[char] ?? char);
}

/** An element of HTML or SVG; numbers are written with one decimal, and `body` is markup already. */
export function element(
  name: string,
  attributes: Readonly<Record<string, string | number>>,
  body = '',
): string {
  const written = Object.entries(attributes).map(
    ([key, value]) =>
      ` ${key}="${typeof value === 'number' ? Number(value.toFixed(1)) : escapeMarkup(value)}"`,
  );
  return `<${name}${written.join('')}${body === '' ? '/>' : `>${body}</${name}>`}`;
}
