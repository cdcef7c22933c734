import { shown } from './words.js';

/** How a table is laid; by default indented by two spaces, two between columns, cells at the left. */
export interface TableForm {
  readonly indent?: string;
  readonly separator?: string;
  readonly align?: 'left' | 'right';
}

/** Rows of cells as lines, in each of which what steers a terminal is escaped (`shown`); columns as wide as their widest cell, as many as the first row has. */
export function layTable(
  cells: readonly (readonly string[])[],
  { indent = '  ', separator = '  ', align = 'left' }: TableForm = {},
): string[] {
  const rows = cells.map((row) => row.map(shown));
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
  const pad = (cell: string, width = 0) => (align === 'left' ? cell.padEnd(width) : cell.padStart(width));
  return rows.map((row) =>
    `${indent}${row.map((cell, column) => pad(cell, widths[column])).join(separator)}`.trimEnd(),
  );
}
