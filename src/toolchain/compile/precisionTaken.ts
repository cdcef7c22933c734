import { counted } from '../../core/words.js';
import type { NodeRow } from '../logs/nodeTable.js';
import type { Precision } from '../ptq/precision.js';

/** Of a Softmax on the BPU the table has the parts it is made of. */
const softmaxPart = /_(?:reducemax|sub|exp|reducesum|reciprocal|mul)_FROM_QUANTIZED_SOFTMAX$/;

function isOf(row: NodeRow, name: string): boolean {
  const shown = (row.fullName ?? row.name).replace(softmaxPart, '');
  return shown === name || (shown.startsWith('...') && name.endsWith(shown.slice(3)));
}

/** How many nodes have each type of integers: `75 int8, 3 int16`; empty where the table has no types. */
export function typeCounts(nodes: readonly NodeRow[]): string {
  const types = nodes.flatMap(({ device, dataType }) => (device === 'BPU' ? (dataType ?? []) : []));
  return [...new Set(types)]
    .map((type) => `${types.filter((one) => one === type).length} ${type}`)
    .join(', ');
}

/** What of the asked for precision the compiled graph does not have, a line each. */
export function precisionMissed(
  nodes: readonly NodeRow[],
  { int16Nodes, optimization }: Precision,
): string[] {
  const lines = int16Nodes.flatMap((name) => {
    const rows = nodes.filter((row) => isOf(row, name));
    if (rows.some(({ dataType }) => dataType?.includes('int16') === true)) return [];
    const found = [
      ...new Set(rows.map(({ device, dataType }) => `${dataType ?? 'no type'} on the ${device}`)),
    ];
    const what =
      found.length === 0 ? 'it is not in the table of the compiled graph' : `it is ${found.join(', ')}`;
    return [`${name} was to be int16: ${what}`];
  });
  const narrow = nodes.filter(({ dataType }) => dataType === 'int8');
  if (!optimization.includes('set_all_nodes_int16') || narrow.length === 0) return lines;
  const types = [...new Set(narrow.map(({ type }) => type))].join(', ');
  return [...lines, `set_all_nodes_int16: ${counted(narrow.length, 'node')} stayed int8 (${types})`];
}
