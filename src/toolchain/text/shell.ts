/** A word as a POSIX shell must see it written to read it unchanged. */
export function shellQuote(word: string): string {
  return /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`;
}

/** A command line; each group of words goes on a line of its own. */
export function shellCommand(...groups: readonly (readonly string[])[]): string {
  return groups
    .filter((words) => words.length > 0)
    .map((words) => words.map(shellQuote).join(' '))
    .join(' \\\n  ');
}
