import type { LogLine } from '../text/logLines.js';

/** How far one output of the quantised model is from the float model's. */
export interface OutputRow {
  readonly name: string;
  readonly cosineSimilarity: number | null;
  readonly l1Distance: number | null;
  readonly l2Distance: number | null;
  readonly chebyshevDistance: number | null;
}

type Figure = Exclude<keyof OutputRow, 'name'>;

const columnNames: Readonly<Record<string, Figure>> = {
  'cosine similarity': 'cosineSimilarity',
  'l1 distance': 'l1Distance',
  'l2 distance': 'l2Distance',
  'chebyshev distance': 'chebyshevDistance',
};

function readRow(text: string, columns: readonly string[]): OutputRow | null {
  const [name = '', ...cells] = text.trim().split(/\s+/);
  if (cells.length === 0 || cells.length > columns.length) return null;
  const figures = new Map<Figure, number>();
  for (const [index, column] of columns.entries()) {
    const cell = cells[index];
    if (cell === undefined) break;
    const value = Number(cell);
    if (!Number.isFinite(value) && !/^-+$/.test(cell)) return null;
    const figure = columnNames[column];
    if (figure !== undefined && Number.isFinite(value)) figures.set(figure, value);
  }
  return {
    name,
    cosineSimilarity: figures.get('cosineSimilarity') ?? null,
    l1Distance: figures.get('l1Distance') ?? null,
    l2Distance: figures.get('l2Distance') ?? null,
    chebyshevDistance: figures.get('chebyshevDistance') ?? null,
  };
}

/** The table of outputs that newer versions print after the nodes; empty if there is none. */
export function readOutputTable(lines: readonly LogLine[]): OutputRow[] {
  let columns: string[] | null = null;
  let rows: OutputRow[] = [];
  for (const { text } of lines) {
    if (/^\s*Output\s+Cosine Similarity\b/i.test(text)) {
      columns = text
        .trim()
        .toLowerCase()
        .split(/\s{2,}/)
        .slice(1);
      rows = [];
      continue;
    }
    if (columns === null || /^\s*[-=]+\s*$/.test(text)) continue;
    const row = readRow(text, columns);
    if (row === null) columns = null;
    else rows.push(row);
  }
  return rows;
}
