/** A text of a message in quotes, without zeros at its end; what is not printable ASCII is escaped. */
export function shownText(latin1: string): string {
  const escaped = (byte: string) => `\\u${byte.charCodeAt(0).toString(16).padStart(4, '0')}`;
  return JSON.stringify(latin1.replace(/\0+$/, '')).replace(/[^ -~]/g, escaped);
}
