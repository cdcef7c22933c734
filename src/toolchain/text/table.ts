/** Rows of cells as lines; columns as wide as their widest cell, numbers to be padded by the caller. */
export function layTable(rows: readonly (readonly string[])[], indent = '  '): string[] {
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
  return rows.map((row) =>
    `${indent}${row.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join('  ')}`.trimEnd(),
  );
}

/** Six decimals as the tools print them; `-` for what they leave out. */
export function figure(value: number | null, decimals = 6): string {
  return value === null ? '-' : value.toFixed(decimals);
}
