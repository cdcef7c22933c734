import { onlyOf } from '../../core/onlyOf.js';
import type { LogLine } from '../text/logLines.js';

/** One row of the node table. */
export interface NodeRow {
  /** As printed; a long name has lost its beginning: `...el.6/cv2/act/Mul_output_0_calibrated_Requantize`. */
  readonly name: string;
  /** The whole name where it is not `name` itself and only one other node fits. */
  readonly fullName: string | null;
  readonly device: string;
  /** Number of the BPU subgraph; null on the CPU. */
  readonly subgraph: number | null;
  readonly type: string;
  /** Against the float model; null where the tool gives none. */
  readonly cosineSimilarity: number | null;
  /** Calibration threshold; null where the tool gives none. */
  readonly threshold: number | null;
  /** `int8` or input and output, `int8/int32`. */
  readonly dataType: string | null;
  /** Line in the file. */
  readonly line: number;
}

const headingPattern = /^\s*Node\s+ON\s+Subgraph\s+Type\b/;
const rowPattern = /^\s*(\S+)\s+(BPU|CPU|DSP|ARM|GPU|NPU|JIT)\s+(id\(\d+\)|--|\d+)\s+(\S+)(.*)$/;

type Figure = 'cosineSimilarity' | 'threshold' | 'dataType';

interface Column {
  readonly figure: Figure;
  readonly at: number;
}

/** The columns after Type, by the words of the heading: versions differ in order and number. */
function readColumns(heading: string): Column[] {
  const wanted: [Figure, RegExp][] = [
    ['cosineSimilarity', /Cosine\s+Similarity/i],
    ['threshold', /Threshold/i],
    ['dataType', /(?:In\/Out\s+)?Data\s*Type/i],
  ];
  return wanted
    .map(([figure, words]) => ({ figure, at: heading.search(words) }))
    .filter((column) => column.at >= 0)
    .sort((a, b) => a.at - b.at);
}

const defaultColumns: readonly Column[] = [
  { figure: 'cosineSimilarity', at: 0 },
  { figure: 'threshold', at: 0 },
  { figure: 'dataType', at: 0 },
];

function numberOf(text: string | undefined): number | null {
  if (text === undefined) return null;
  const value = Number(text);
  return Number.isFinite(value) ? value : null;
}

/** Cells of a row by column: as many as columns, or some left blank, then by kind and place. */
function readFigures(
  text: string,
  restAt: number,
  columns: readonly Column[],
  isCutOff: boolean,
): Map<Figure, string> {
  const cells = [...text.slice(restAt).matchAll(/\S+/g)].map((match) => ({
    text: match[0],
    at: restAt + match.index,
  }));
  const figures = new Map<Figure, string>();
  if (cells.length >= columns.length) {
    for (const [index, { figure }] of columns.entries()) figures.set(figure, cells[index]!.text);
    return figures;
  }
  // Where the file ends inside a row, its last figure may lack digits.
  if (isCutOff) cells.pop();
  for (const cell of cells) {
    const isNumber = numberOf(cell.text) !== null;
    const open = columns.filter(
      ({ figure }) => !figures.has(figure) && (isNumber ? figure !== 'dataType' : figure === 'dataType'),
    );
    const nearest = open.sort((a, b) => Math.abs(a.at - cell.at) - Math.abs(b.at - cell.at))[0];
    if (nearest !== undefined) figures.set(nearest.figure, cell.text);
  }
  return figures;
}

function readRow({ text, number }: LogLine, columns: readonly Column[], isLast: boolean): NodeRow | null {
  const match = rowPattern.exec(text);
  if (match === null) return null;
  const [whole, name = '', device = '', subgraph = '', type = '', rest = ''] = match;
  const figures = readFigures(text, whole.length - rest.length, columns, isLast);
  const digits = /\d+/.exec(subgraph);
  const dataType = figures.get('dataType');
  return {
    name,
    fullName: null,
    device,
    subgraph: digits === null ? null : Number(digits[0]),
    type,
    cosineSimilarity: numberOf(figures.get('cosineSimilarity')),
    threshold: numberOf(figures.get('threshold')),
    dataType: dataType === undefined || /^-+$/.test(dataType) ? null : dataType,
    line: number,
  };
}

/** Finds whose beginning was cut off: a requantise node carries the name of the node it follows. */
function withFullNames(rows: readonly NodeRow[]): NodeRow[] {
  const whole = rows.map((row) => row.name).filter((name) => !name.startsWith('...'));
  return rows.map((row) => {
    if (!row.name.startsWith('...')) return row;
    const tail = row.name.slice(3);
    const added = /_output_\d+\w*$/.exec(tail)?.[0] ?? '';
    const stem = tail.slice(0, tail.length - added.length);
    const owner = onlyOf([...new Set(whole.filter((name) => stem !== '' && name.endsWith(stem)))]);
    return owner === undefined ? row : { ...row, fullName: owner + added };
  });
}

/** All rows of a log's node table, in order; of several tables the last one that has rows. */
export function readNodeTable(lines: readonly LogLine[]): NodeRow[] {
  let table: NodeRow[] = [];
  const tables = [table];
  let columns = defaultColumns;
  for (const line of lines) {
    if (headingPattern.test(line.text)) {
      columns = readColumns(line.text);
      table = [];
      tables.push(table);
      continue;
    }
    const row = readRow(line, columns, line === lines.at(-1));
    if (row !== null) table.push(row);
  }
  return withFullNames(tables.findLast((rows) => rows.length > 0) ?? []);
}
