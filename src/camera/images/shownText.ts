/** A sender may write megabytes into a field that names something. */
const longestShown = 60;

/** A text of a message in quotes, without zeros at its end; what is not printable ASCII is escaped. */
export function shownText(latin1: string): string {
  const escaped = (byte: string) => `\\u${byte.charCodeAt(0).toString(16).padStart(4, '0')}`;
  const text = latin1.replace(/\0+$/, '');
  const shown = JSON.stringify(text.slice(0, longestShown)).replace(/[^ -~]/g, escaped);
  return text.length <= longestShown ? shown : `${shown}... (${text.length} characters)`;
}
